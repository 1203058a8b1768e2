"""Tests of the dashboard card and of the history that it requests."""
