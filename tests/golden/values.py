"""What an expectation says of one value, and whether what is seen agrees."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, override

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN

from .shape import CaseError, as_instant, keys

NUMBER_TOLERANCE = 0.005
TIME_TOLERANCE = timedelta(seconds=1.5)


class Value(Protocol):
    """One value that is expected."""

    def holds(self, seen: Any) -> bool:
        """Tell whether what is seen agrees."""
        ...


def read_value(raw: Any, where: str) -> Value:
    """Return what is expected; raise CaseError where it is written as nothing known."""
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
    """Tell whether something is a number and not true or false."""
    return isinstance(seen, int | float) and not isinstance(seen, bool)


def as_number(seen: Any) -> float | None:
    """Return the number that a state or an attribute is, None where it is none."""
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
        """Tell whether it is the same."""
        return seen is self.wanted

    @override
    def __str__(self) -> str:
        return str(self.wanted)


@dataclass(frozen=True, slots=True)
class Number:
    """A number, near enough."""

    wanted: float

    def holds(self, seen: Any) -> bool:
        """Tell whether it is this number."""
        number = as_number(seen)
        return number is not None and abs(number - self.wanted) <= NUMBER_TOLERANCE

    @override
    def __str__(self) -> str:
        return f"{self.wanted:g}"


@dataclass(frozen=True, slots=True)
class Range:
    """A number from one to another."""

    low: float
    high: float

    def holds(self, seen: Any) -> bool:
        """Tell whether the number lies there."""
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
        """Tell whether it is this word."""
        return isinstance(seen, str) and seen == self.wanted

    @override
    def __str__(self) -> str:
        return self.wanted


@dataclass(frozen=True, slots=True)
class Unknown:
    """What Home Assistant does not know."""

    def holds(self, seen: Any) -> bool:
        """Tell whether nothing is said."""
        return seen in (None, STATE_UNKNOWN, STATE_UNAVAILABLE)

    @override
    def __str__(self) -> str:
        return "unknown"


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant, near enough."""

    wanted: datetime

    def holds(self, seen: Any) -> bool:
        """Tell whether it is this instant."""
        moment = as_instant(seen)
        return moment is not None and abs(moment - self.wanted) <= TIME_TOLERANCE

    @override
    def __str__(self) -> str:
        return self.wanted.isoformat()


@dataclass(frozen=True, slots=True)
class Between:
    """An instant from one to another."""

    first: datetime
    last: datetime

    def holds(self, seen: Any) -> bool:
        """Tell whether the instant lies there."""
        moment = as_instant(seen)
        return moment is not None and self.first <= moment <= self.last

    @override
    def __str__(self) -> str:
        return f"{self.first.isoformat()} to {self.last.isoformat()}"


@dataclass(frozen=True, slots=True)
class Not:
    """What must not be said."""

    inner: Value

    def holds(self, seen: Any) -> bool:
        """Tell whether something else is said."""
        return not self.inner.holds(seen)

    @override
    def __str__(self) -> str:
        return f"not {self.inner}"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of several values."""

    choices: Sequence[Value]

    def holds(self, seen: Any) -> bool:
        """Tell whether one of them agrees."""
        return any(choice.holds(seen) for choice in self.choices)

    @override
    def __str__(self) -> str:
        return " or ".join(map(str, self.choices))
