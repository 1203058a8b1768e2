"""Reading the fields of one event, with a clear refusal of missing and absurd ones."""

from datetime import datetime, timedelta
from enum import IntEnum
from math import isfinite
from typing import Any

PUMP_EPOCH = datetime(2008, 1, 1)  # noqa: DTZ001 - the pump's clock has no zone
UNSET = frozenset({255, 65535, 4294967295})


class MalformedEvent(Exception):
    """A known event lacks a field or holds an absurd one."""


class Properties:
    """The eventProperties of one event (Tandem Source, pump-logs answer)."""

    __slots__ = ("_values",)

    def __init__(self, values: dict[str, Any]) -> None:
        """Wrap the fields as they came."""
        self._values = values

    def number(self, key: str, low: float, high: float) -> float:
        """Return a number within bounds, rounded to 0.001; raise MalformedEvent otherwise."""
        value = self._values.get(key)
        if (
            not isinstance(value, int | float)
            or isinstance(value, bool)
            or not isfinite(value)
            or not low <= round(value, 3) <= high
        ):
            raise MalformedEvent(key)
        return round(float(value), 3)

    def optional_number(self, key: str, low: float, high: float) -> float | None:
        """Return a number within bounds, or None."""
        try:
            return self.number(key, low, high)
        except MalformedEvent:
            return None

    def integer(self, key: str, low: int, high: int) -> int:
        """Return a whole number within bounds; raise MalformedEvent otherwise."""
        value = self.number(key, low, high)
        if not value.is_integer():
            raise MalformedEvent(key)
        return int(value)

    def optional_integer(self, key: str, low: int, high: int) -> int | None:
        """Return a whole number within bounds, or None."""
        try:
            return self.integer(key, low, high)
        except MalformedEvent:
            return None

    def milli(self, key: str, high: float) -> float:
        """Return thousandths as units; raise MalformedEvent when missing or absurd."""
        return round(self.number(key, 0, high * 1000) / 1000, 3)

    def optional_milli(self, key: str, high: float) -> float | None:
        """Return thousandths as units, or None."""
        try:
            return self.milli(key, high)
        except MalformedEvent:
            return None

    def flag(self, key: str) -> bool:
        """Tell whether a yes/no field says yes; a missing one says no."""
        return self._values.get(key) in (1, True)

    def enum[E: IntEnum](self, key: str, kind: type[E]) -> E:
        """Return a known member; raise MalformedEvent otherwise."""
        try:
            return kind(self._values[key])
        except KeyError, ValueError:
            raise MalformedEvent(key) from None

    def optional_enum[E: IntEnum](self, key: str, kind: type[E]) -> E | None:
        """Return a known member, or None."""
        try:
            return self.enum(key, kind)
        except MalformedEvent:
            return None

    def bits(self, key: str) -> frozenset[int]:
        """Return the set bits, whether they came as a list of indices or as one number."""
        value = self._values.get(key)
        if isinstance(value, list):
            return frozenset(bit for bit in value if isinstance(bit, int))
        if isinstance(value, int) and value >= 0 and value not in UNSET:
            return frozenset(
                bit for bit in range(value.bit_length()) if value >> bit & 1
            )
        return frozenset()

    def seconds(self, key: str) -> int | None:
        """Return a count of seconds, or None where it is unset."""
        value = self.optional_integer(key, 0, 4294967294)
        return value or None

    def wall_clock(self, key: str) -> datetime | None:
        """Return seconds since 2008 as the pump's wall clock, or None where unset."""
        seconds = self.seconds(key)
        return None if seconds is None else PUMP_EPOCH + timedelta(seconds=seconds)
