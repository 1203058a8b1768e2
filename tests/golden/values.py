"""Expected values, and their comparison with results."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, override

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN

from .shape import CaseError, as_instant, keys

NUMBER_TOLERANCE = 0.005
TIME_TOLERANCE = timedelta(seconds=1.5)


class Value(Protocol):
    """One expected value."""

    def holds(self, seen: Any) -> bool:
        """Return whether the result matches."""
        ...


def read_value(raw: Any, where: str) -> Value:
    """Return the expected value; raise CaseError for an unknown notation."""
    match raw:
        case None | bool():
            return Exactly(raw)
        case int() | float():
            return Number(raw)
        case "unknown":
            return Unknown()
        case str():
            moment = as_instant(raw)
            return Word(raw) if moment is None else Moment(moment)
        case [low, high]:
            return _read_range(low, high, where)
        case {"not": inner}:
            keys(raw, where, need=["not"])
            return Not(read_value(inner, where))
        case {"any": [*choices]}:
            keys(raw, where, need=["any"])
            return AnyOf([read_value(choice, where) for choice in choices])
        case _:
            raise CaseError(f"{where}: {raw!r} is no value")


def _read_range(low: Any, high: Any, where: str) -> Value:
    first, last = as_instant(low), as_instant(high)
    if first and last and first <= last:
        return Between(first, last)
    numbers = [end for end in (low, high) if is_number(end)]
    if len(numbers) == 2 and low <= high:
        return Range(low, high)
    raise CaseError(f"{where}: [{low!r}, {high!r}] is no range")


def is_number(seen: Any) -> bool:
    """Return whether a value is a number and not true or false."""
    return isinstance(seen, int | float) and not isinstance(seen, bool)


def as_number(seen: Any) -> float | None:
    """Return the number in a state or an attribute, or None."""
    if is_number(seen):
        return float(seen)
    if isinstance(seen, str):
        try:
            return float(seen)
        except ValueError:
            return None
    return None


@dataclass(frozen=True, slots=True)
class Exactly:
    """True, false or null."""

    wanted: bool | None

    def holds(self, seen: Any) -> bool:
        """Return whether the result is the same."""
        return seen is self.wanted

    @override
    def __str__(self) -> str:
        return str(self.wanted)


@dataclass(frozen=True, slots=True)
class Number:
    """A number within a tolerance."""

    wanted: float

    def holds(self, seen: Any) -> bool:
        """Return whether the result is this number."""
        number = as_number(seen)
        return number is not None and abs(number - self.wanted) <= NUMBER_TOLERANCE

    @override
    def __str__(self) -> str:
        return f"{self.wanted:g}"


@dataclass(frozen=True, slots=True)
class Range:
    """A range of numbers."""

    low: float
    high: float

    def holds(self, seen: Any) -> bool:
        """Return whether the number is in the range."""
        number = as_number(seen)
        return number is not None and self.low <= number <= self.high

    @override
    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}"


@dataclass(frozen=True, slots=True)
class Word:
    """A word."""

    wanted: str

    def holds(self, seen: Any) -> bool:
        """Return whether the result is this word."""
        return isinstance(seen, str) and seen == self.wanted

    @override
    def __str__(self) -> str:
        return self.wanted


@dataclass(frozen=True, slots=True)
class Unknown:
    """The unknown state of Home Assistant."""

    def holds(self, seen: Any) -> bool:
        """Return whether the result is unknown."""
        return seen in (None, STATE_UNKNOWN, STATE_UNAVAILABLE)

    @override
    def __str__(self) -> str:
        return "unknown"


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant within a tolerance."""

    wanted: datetime

    def holds(self, seen: Any) -> bool:
        """Return whether the result is this instant."""
        moment = as_instant(seen)
        return moment is not None and abs(moment - self.wanted) <= TIME_TOLERANCE

    @override
    def __str__(self) -> str:
        return self.wanted.isoformat()


@dataclass(frozen=True, slots=True)
class Between:
    """A range of instants."""

    first: datetime
    last: datetime

    def holds(self, seen: Any) -> bool:
        """Return whether the instant is in the range."""
        moment = as_instant(seen)
        return moment is not None and self.first <= moment <= self.last

    @override
    def __str__(self) -> str:
        return f"{self.first.isoformat()} to {self.last.isoformat()}"


@dataclass(frozen=True, slots=True)
class Not:
    """A value that must not appear."""

    inner: Value

    def holds(self, seen: Any) -> bool:
        """Return whether the result is another value."""
        return not self.inner.holds(seen)

    @override
    def __str__(self) -> str:
        return f"not {self.inner}"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of several values."""

    choices: Sequence[Value]

    def holds(self, seen: Any) -> bool:
        """Return whether one of the values matches."""
        return any(choice.holds(seen) for choice in self.choices)

    @override
    def __str__(self) -> str:
        return " or ".join(map(str, self.choices))
