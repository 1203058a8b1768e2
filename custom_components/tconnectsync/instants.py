"""Instants and days."""

from datetime import UTC, datetime, timedelta

ONE_DAY = timedelta(days=1)
FAR_PAST = datetime.min.replace(tzinfo=UTC)
FAR_FUTURE = datetime.max.replace(tzinfo=UTC)


def iso(instant: datetime | None) -> str | None:
    """Return an instant as attributes and cards show it."""
    return instant.isoformat() if instant else None
