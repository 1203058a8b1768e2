"""Tests of the pump's clock: the instant of each time that it showed."""
