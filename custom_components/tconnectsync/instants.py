"""Instants as texts."""

from datetime import datetime


def iso(instant: datetime | None) -> str | None:
    """Return an instant as attributes and cards show it."""
    return instant.isoformat() if instant else None
