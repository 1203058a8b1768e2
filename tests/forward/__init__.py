"""Tests of forwarding to Nightscout."""
