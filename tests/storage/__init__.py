"""Tests of data stored across restarts."""
