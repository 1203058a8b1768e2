"""Offsets from UTC that a pump's clock can show."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from custom_components.tconnectsync.instants import ZERO

from .moves import ClockMove

DRIFT = timedelta(minutes=15)
"""Clocks drift by less, and are corrected by less; offsets of zones are at least this far apart."""
HALF_DAY = timedelta(hours=12)
WITH_MINUTES = (
    *("-9:30", "-3:30", "-2:30", "3:30", "4:30", "5:30", "5:45"),
    *("6:30", "8:45", "9:30", "10:30", "12:45", "13:45"),
)
"""Offsets that are not a multiple of an hour."""


def _parts(text: str) -> timedelta:
    hours, minutes = text.lstrip("-").split(":")
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return -offset if text.startswith("-") else offset


IN_USE = (
    *(timedelta(hours=hours) for hours in range(-12, 15)),
    *map(_parts, WITH_MINUTES),
)
"""All offsets of today's zones, summer time included."""
WEST, EAST = min(IN_USE), max(IN_USE)


def offset_at(zone: ZoneInfo, instant: datetime) -> timedelta:
    """Return a zone's offset at an instant in UTC, aware or naive."""
    there = instant.replace(tzinfo=UTC).astimezone(zone)
    return there.utcoffset() or ZERO


def offset_shown(zone: ZoneInfo, shown: datetime) -> timedelta:
    """Return a zone's offset at a wall clock time; the first one in an hour that is shown twice."""
    return shown.replace(tzinfo=zone).utcoffset() or ZERO


def offset_after(zone: ZoneInfo, move: ClockMove) -> timedelta:
    """Return the zone's offset at the end of a move.

    In an hour that is shown twice, or never, it is the one that the move leads to.
    """
    first, second = (
        move.after.replace(tzinfo=zone, fold=fold).utcoffset() or ZERO
        for fold in (0, 1)
    )
    turned = second - first
    return second if turned and abs(move.delta - turned) < DRIFT else first


def is_near(offset: timedelta, other: timedelta) -> bool:
    """Return whether two offsets differ only by a clock's drift."""
    return abs(offset - other) < DRIFT


def plain(offset: timedelta, zones: timedelta) -> timedelta | None:
    """Return the offset without drift: the zone's, the zone's plus half days, or another one in use.

    None for an offset that no right clock has in any zone, not even if evening was taken for morning
    or the date was wrong.
    """
    if is_near(offset, zones):
        return zones
    halves = zones + HALF_DAY * round((offset - zones) / HALF_DAY)
    if is_near(offset, halves):
        return halves
    nearest = min(IN_USE, key=lambda in_use: abs(in_use - offset))
    return nearest if is_near(offset, nearest) else None
