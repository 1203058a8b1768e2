"""Instants and days."""

from datetime import datetime, timedelta

ONE_DAY = timedelta(days=1)


def iso(instant: datetime | None) -> str | None:
    """Return an instant as attributes and cards show it."""
    return instant.isoformat() if instant else None
