"""Tests of history, figures and reports."""
