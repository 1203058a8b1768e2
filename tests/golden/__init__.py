"""Reads the histories of tests/cases, plays them and judges what is seen."""
