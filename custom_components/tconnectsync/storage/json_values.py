"""Checks of values read from a file. All raise TypeError or ValueError where a value is not of the required kind."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from custom_components.tconnectsync.instants import EARLIEST, LATEST


def require_dict(value: Any) -> dict[str, Any]:
    """Return the value if it is a dict; raise TypeError otherwise."""
    if not isinstance(value, dict):
        raise TypeError("no mapping")
    return value


def dict_of[T](convert: Callable[[Any], T], value: Any) -> dict[str, T]:
    """Return a dict with each of its values converted."""
    return {key: convert(item) for key, item in require_dict(value).items()}


def require_list(value: Any) -> list[Any]:
    """Return the value if it is a list; raise TypeError otherwise."""
    if not isinstance(value, list):
        raise TypeError("no list")
    return value


def require_str(value: Any) -> str:
    """Return the value if it is a str; raise TypeError otherwise."""
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def require_count(value: Any) -> int:
    """Return the value if it is an int of at least zero; raise TypeError otherwise."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError("no count")
    return value


def require_date(value: Any) -> date:
    """Return a date from its ISO text; raise ValueError for one out of range."""
    day = date.fromisoformat(require_str(value))
    if not EARLIEST.date() <= day <= LATEST.date():
        raise ValueError("no day that can be")
    return day


def require_datetime(value: Any) -> datetime:
    """Return an aware datetime from its ISO text; raise ValueError for one out of range."""
    instant = datetime.fromisoformat(require_str(value))
    if instant.tzinfo is None or not EARLIEST <= instant <= LATEST:
        raise ValueError("no instant that can be")
    return instant


def optional[T](convert: Callable[[Any], T], value: Any) -> T | None:
    """Return the converted value, None for None."""
    return None if value is None else convert(value)


def date_to_json(day: date | None) -> str | None:
    """Return a date as its ISO text, None for None."""
    return day.isoformat() if day else None
