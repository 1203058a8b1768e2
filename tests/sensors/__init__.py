"""Tests of the sensors, by subject."""
