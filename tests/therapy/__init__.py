"""Tests of the pump's clock and of the records derived from its events."""
