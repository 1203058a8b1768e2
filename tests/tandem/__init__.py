"""Tests of Tandem Source: signing in, reading and typed events."""
