"""Instants and days."""

from datetime import UTC, datetime, timedelta

ZERO = timedelta()
MILLISECOND = timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
QUARTER_HOUR = timedelta(minutes=15)
HOUR = timedelta(hours=1)
MINUTES_A_DAY = 1440
ONE_DAY = timedelta(days=1)
EPOCH = datetime.fromtimestamp(0, UTC)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
"""Every instant that is stored or asked for lies between these two; others could overflow."""
FAR_PAST = datetime.min.replace(tzinfo=UTC)
FAR_FUTURE = datetime.max.replace(tzinfo=UTC)


def is_over(until: datetime, now: datetime, longest: timedelta) -> bool:
    """Return whether a wait is over. An end further ahead than the longest wait was set before the clock was put back."""
    return not ZERO < until - now <= longest


def iso(instant: datetime | None) -> str | None:
    """Return an instant in ISO format, as attributes and the card use it."""
    return instant.isoformat() if instant else None
