"""Compares what tconnectsync from PyPI and this integration tell Nightscout of the same events."""
