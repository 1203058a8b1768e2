"""Read and write dates as Nightscout does."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def read_date(value: object) -> datetime | None:
    """Read a date with its own offset, UTC where it names none; None when unreadable."""
    if isinstance(value, bool):
        return None
    try:
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value / 1000, UTC)
        if not isinstance(value, str):
            return None
        moment = _read_text(value.strip())
    except ValueError, OverflowError, OSError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _read_text(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return parsedate_to_datetime(text)


def stamp(moment: datetime) -> str:
    """Write a moment in UTC with milliseconds."""
    return (
        moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


def epoch(moment: datetime) -> int:
    """Give a moment in milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def offset_minutes(moment: datetime) -> int:
    """Give the moment's offset from UTC in minutes."""
    offset = moment.utcoffset()
    return round(offset.total_seconds() / 60) if offset else 0
