"""Tests of reading an account."""
