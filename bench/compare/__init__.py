"""Compares the documents that tconnectsync from PyPI and this integration send for the same events."""
