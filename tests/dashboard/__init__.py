"""Tests of the dashboard card and the history that it asks for."""
