"""Checks of a case's structure: an unknown key would be an expectation that is never checked."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any


class CaseError(Exception):
    """A case violates its format."""


def keys(
    raw: Any, where: str, *, need: Iterable[str] = (), may: Iterable[str] = ()
) -> Mapping[str, Any]:
    """Return a mapping that has all required keys and no unknown ones."""
    if not isinstance(raw, Mapping):
        raise CaseError(f"{where}: not a mapping")
    needed = set(need)
    if missing := sorted(needed - raw.keys()):
        raise CaseError(f"{where}: lacks {', '.join(missing)}")
    if unknown := sorted(raw.keys() - needed - set(may)):
        raise CaseError(f"{where}: unknown key {', '.join(unknown)}")
    return raw


def instant(raw: Any, where: str) -> datetime:
    """Return a time that is written with its offset."""
    if (read := as_instant(raw)) is None:
        raise CaseError(f"{where}: {raw!r} is no time with an offset")
    return read


def as_instant(raw: Any) -> datetime | None:
    """Return a time with an offset, from any notation; None if the value is none."""
    if isinstance(raw, str) and "T" in raw:
        try:
            raw = datetime.fromisoformat(raw)
        except ValueError:
            return None
    if isinstance(raw, datetime) and raw.tzinfo:
        return raw
    return None


def wall_clock(raw: Any, where: str) -> datetime:
    """Return a time on a pump's clock, which has no zone."""
    try:
        read = datetime.fromisoformat(raw)
    except TypeError, ValueError:
        read = None
    if read is None or read.tzinfo:
        raise CaseError(f"{where}: {raw!r} is not what a pump's clock shows")
    return read
