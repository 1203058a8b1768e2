"""Values as they come back from a file: each is what it is said to be, or refused.

All raise TypeError or ValueError.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from custom_components.tconnectsync.instants import EARLIEST, LATEST


def a_mapping(value: Any) -> dict[str, Any]:
    """Return a mapping."""
    if not isinstance(value, dict):
        raise TypeError("no mapping")
    return value


def mapping_of[T](convert: Callable[[Any], T], value: Any) -> dict[str, T]:
    """Return a mapping with each of its values converted."""
    return {key: convert(one) for key, one in a_mapping(value).items()}


def a_list(value: Any) -> list[Any]:
    """Return a list."""
    if not isinstance(value, list):
        raise TypeError("no list")
    return value


def a_text(value: Any) -> str:
    """Return a text."""
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def a_count(value: Any) -> int:
    """Return a number of things."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError("no count")
    return value


def a_day(value: Any) -> date:
    """Return a calendar day."""
    day = date.fromisoformat(a_text(value))
    if not EARLIEST.date() <= day <= LATEST.date():
        raise ValueError("no day that can be")
    return day


def an_instant(value: Any) -> datetime:
    """Return an instant."""
    instant = datetime.fromisoformat(a_text(value))
    if instant.tzinfo is None or not EARLIEST <= instant <= LATEST:
        raise ValueError("no instant that can be")
    return instant


def optional[T](convert: Callable[[Any], T], value: Any) -> T | None:
    """Return a converted value, or None where there is none."""
    return None if value is None else convert(value)


def day_text(day: date | None) -> str | None:
    """Return a day as JSON has it."""
    return day.isoformat() if day else None
