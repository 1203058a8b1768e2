"""Tests of the pump's clock: which instant each time that it showed was."""
