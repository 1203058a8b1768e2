"""Instants and ages in the words of an assistant."""

from datetime import datetime, timedelta
from typing import Any

from custom_components.tconnectsync.instants import MINUTE
from homeassistant.util import dt as dt_util


def local(instant: datetime | None) -> str | None:
    """Return an instant by Home Assistant's clock, to the second."""
    if instant is None:
        return None
    return dt_util.as_local(instant).isoformat(timespec="seconds")


def with_local_time(value: Any) -> Any:
    """Return the text of an instant by Home Assistant's clock, any other value as it is."""
    if isinstance(value, str) and (instant := dt_util.parse_datetime(value)):
        return local(instant)
    return value


def age(instant: datetime | None, now: datetime) -> str | None:
    """Return the age of an instant in words, `in …` for one in the future."""
    if instant is None:
        return None
    span = now - instant
    return f"in {duration(-span)}" if span < -MINUTE else f"{duration(span)} ago"


def duration(span: timedelta) -> str:
    """Return a duration in words: in full minutes, from 100 minutes on in hours and minutes, from two days on in days."""
    minutes = max(0, span // MINUTE)
    if minutes < 100:
        return _counted(minutes, "minute")
    hours = minutes // 60
    if hours < 48:
        rest = minutes % 60
        words = _counted(hours, "hour")
        return f"{words} {_counted(rest, 'minute')}" if rest else words
    return _counted(hours // 24, "day")


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
