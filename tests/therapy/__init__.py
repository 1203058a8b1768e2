"""Tests of what happened: the clock and the records derived from the pump's events."""
