"""Tests of the sensors, room by room."""
