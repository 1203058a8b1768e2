"""Tests of tconnectsync."""
