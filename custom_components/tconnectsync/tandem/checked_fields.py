"""Reading the fields of one event, rejecting missing and implausible ones."""

from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from .pump_epoch import PUMP_EPOCH

EARLIEST_YEAR = PUMP_EPOCH.year
LATEST_YEAR = 2099
"""No pump time is in a later year."""
UNSET_16 = 65535
UNSET_32 = 4294967295
ALL_BITS = frozenset(frozenset(range(size)) for size in (8, 16, 32))
MOST_INSULIN_ON_BOARD = 300.0
MOST_INSULIN_LEFT = 500


class MalformedEvent(Exception):
    """A known event lacks a field, or has an implausible one."""


class Properties:
    """The eventProperties of one event (Tandem Source, pump-logs answer)."""

    __slots__ = ("_values",)

    def __init__(self, values: Any) -> None:
        """Wrap the raw fields; raise MalformedEvent where they are not a JSON object."""
        if not isinstance(values, dict):
            raise MalformedEvent("eventProperties")
        self._values: dict[str, Any] = values

    def optional_number(
        self, key: str, low: float, high: float, digits: int = 3
    ) -> float | None:
        """Return a number within bounds, rounded to `digits`, or None."""
        value = self._values.get(key)
        if type(value) is float:
            value = round(value, digits)
        elif type(value) is not int:
            return None
        return value + 0.0 if low <= value <= high else None

    def number(self, key: str, low: float, high: float, digits: int = 3) -> float:
        """Return a number within bounds, rounded to `digits`; raise MalformedEvent otherwise."""
        return _present(key, self.optional_number(key, low, high, digits))

    def optional_integer(self, key: str, low: int, high: int) -> int | None:
        """Return a whole number within bounds, or None."""
        value = self._values.get(key)
        return value if type(value) is int and low <= value <= high else None

    def integer(self, key: str, low: int, high: int) -> int:
        """Return a whole number within bounds; raise MalformedEvent otherwise."""
        return _present(key, self.optional_integer(key, low, high))

    def count(self, key: str, high: int) -> int:
        """Return a whole number, 0 where unset; raise MalformedEvent otherwise."""
        value = self.integer(key, 0, UNSET_16)
        if high < value < UNSET_16:
            raise MalformedEvent(key)
        return 0 if value == UNSET_16 else value

    def optional_milli(self, key: str, high: float) -> float | None:
        """Return a number of thousandths as units, or None."""
        value = self.optional_number(key, 0, high * 1000)
        return None if value is None else round(value / 1000, 3)

    def milli(self, key: str, high: float) -> float:
        """Return a number of thousandths as units; raise MalformedEvent otherwise."""
        return _present(key, self.optional_milli(key, high))

    def insulin_on_board(self, key: str = "iob") -> float | None:
        """Return insulin on board (U), or None."""
        return self.optional_number(key, 0, MOST_INSULIN_ON_BOARD)

    def insulin_left(self, key: str) -> int | None:
        """Return the insulin left in the cartridge (U), or None."""
        return self.optional_integer(key, 0, MOST_INSULIN_LEFT)

    def flag(self, key: str) -> bool:
        """Return whether a yes/no field is yes; a missing one counts as no."""
        return self._values.get(key) in (1, True)

    def optional_flag(self, key: str) -> bool | None:
        """Return whether a yes/no field is yes, or None where it is neither yes nor no."""
        value = self._values.get(key)
        return bool(value) if value in (0, 1, False, True) else None

    def optional_enum[E: IntEnum](self, key: str, kind: type[E]) -> E | None:
        """Return the enum's member, or None for an unknown value."""
        value = self._values.get(key)
        try:
            return kind(value) if type(value) is int else None
        except ValueError:
            return None

    def enum[E: IntEnum](self, key: str, kind: type[E]) -> E:
        """Return the enum's member; raise MalformedEvent otherwise."""
        return _present(key, self.optional_enum(key, kind))

    def bits(self, key: str) -> frozenset[int]:
        """Return the set bits of a field that is a list of bit numbers or one number.

        A field with every bit set is unset.
        """
        value = self._values.get(key)
        if isinstance(value, list):
            bits = frozenset(bit for bit in value if type(bit) is int)
        elif type(value) is int and 0 <= value <= UNSET_32:
            bits = frozenset(
                bit for bit in range(value.bit_length()) if value >> bit & 1
            )
        else:
            return frozenset()
        return frozenset() if bits in ALL_BITS else bits

    def seconds(self, key: str) -> int | None:
        """Return a number of seconds, or None where unset."""
        return self.optional_integer(key, 0, UNSET_32 - 1)

    def wall_clock(self, key: str) -> datetime | None:
        """Return a field in seconds since 2008 as the pump's wall clock, or None where unset."""
        seconds = self.seconds(key)
        return PUMP_EPOCH + timedelta(seconds=seconds) if seconds else None


def _present[T](key: str, value: T | None) -> T:
    if value is None:
        raise MalformedEvent(key)
    return value
