"""Reading one field: valid values are returned; missing, unset and absurd ones are refused."""

from datetime import datetime
from enum import IntEnum
from math import copysign, inf, nan
from typing import Any

import pytest

from custom_components.tconnectsync.tandem.checked_fields import (
    MalformedEvent,
    Properties,
)

NO_NUMBERS: list[Any] = [None, "1", True, False, [1], {"1": 1}, nan, inf, -inf]


class Weather(IntEnum):
    """An enumeration for these tests."""

    FINE = 1
    WET = 2


def fields(value: Any) -> Properties:
    """Return the fields of an event that has only one."""
    return Properties({"x": value})


@pytest.mark.parametrize(
    ("raw", "read"),
    [(3, 3.0), (3.1399999, 3.14), (0.0004, 0.0), (-0.0, 0.0), (10, 10.0)],
)
def test_a_number_is_rounded_to_a_thousandth(raw: float, read: float) -> None:
    """Noise of the pump's 32-bit floats is removed, and a zero has no sign."""
    number = fields(raw).number("x", 0, 10)
    assert (number, type(number), copysign(1, number)) == (read, float, 1)


@pytest.mark.parametrize("absurd", [*NO_NUMBERS, -0.01, 10.01, 11, -1, 10**400])
def test_no_number_or_one_out_of_bounds_is_refused(absurd: Any) -> None:
    """A number too large for a float is refused like a text."""
    assert fields(absurd).optional_number("x", 0, 10) is None
    with pytest.raises(MalformedEvent, match="x"):
        fields(absurd).number("x", 0, 10)


@pytest.mark.parametrize("absurd", [*NO_NUMBERS, 3.0, 3.5, -1, 11, 10**400])
def test_a_whole_number_has_no_fraction(absurd: Any) -> None:
    """JSON distinguishes 3 from 3.0, and the service writes whole numbers without a fraction."""
    assert fields(3).integer("x", 0, 10) == 3
    assert fields(absurd).optional_integer("x", 0, 10) is None
    with pytest.raises(MalformedEvent, match="x"):
        fields(absurd).integer("x", 0, 10)


def test_a_missing_field_is_refused() -> None:
    """A required field raises an error; an optional one is None."""
    nothing = Properties({})
    for refused in (
        lambda: nothing.number("x", 0, 1),
        lambda: nothing.integer("x", 0, 1),
        lambda: nothing.count("x", 1),
        lambda: nothing.milli("x", 1),
        lambda: nothing.enum("x", Weather),
    ):
        with pytest.raises(MalformedEvent):
            refused()
    assert nothing.optional_number("x", 0, 1) is None
    assert nothing.optional_integer("x", 0, 1) is None
    assert nothing.optional_milli("x", 1) is None
    assert nothing.optional_enum("x", Weather) is None
    assert nothing.seconds("x") is None
    assert nothing.wall_clock("x") is None
    assert nothing.insulin_on_board() is None
    assert nothing.flag("x") is False
    assert nothing.bits("x") == frozenset()


@pytest.mark.parametrize(("raw", "read"), [(0, 0), (7, 7), (10, 10), (65535, 0)])
def test_an_unset_count_is_none_at_all(raw: int, read: int) -> None:
    """65535 means unset in a 16-bit count, so the count is None."""
    assert fields(raw).count("x", 10) == read


@pytest.mark.parametrize("absurd", [11, 65534, 65536, -1, None, True, "7"])
def test_an_absurd_count_is_refused(absurd: Any) -> None:
    """An absurd count is an error, not an unset one."""
    with pytest.raises(MalformedEvent):
        fields(absurd).count("x", 10)


def test_thousandths() -> None:
    """Rates and amounts arrive in milliunits; 65535 is unset and out of bounds."""
    assert fields(994).milli("x", 40.0) == 0.994
    assert fields(40_000).milli("x", 40.0) == 40.0
    assert fields(65535).optional_milli("x", 40.0) is None
    with pytest.raises(MalformedEvent):
        fields(40_001).milli("x", 40.0)


@pytest.mark.parametrize("absurd", [0, 3, 255, True, 1.0, "1", None, [1], {}])
def test_only_a_known_member_is_a_member(absurd: Any) -> None:
    """A member that this version does not know is refused."""
    assert fields(2).enum("x", Weather) is Weather.WET
    assert fields(absurd).optional_enum("x", Weather) is None
    with pytest.raises(MalformedEvent, match="x"):
        fields(absurd).enum("x", Weather)


@pytest.mark.parametrize(
    ("raw", "yes"),
    [
        (1, True),
        (True, True),
        (0, False),
        (False, False),
        (255, False),
        ("1", False),
        ([1], False),
    ],
)
def test_yes_and_no(raw: Any, yes: bool) -> None:
    """Only 1 and true mean yes."""
    assert fields(raw).flag("x") is yes


@pytest.mark.parametrize(
    ("raw", "bits"),
    [
        ([0, 5, 6], {0, 5, 6}),
        ([], set()),
        (0b1100001, {0, 5, 6}),
        (0, set()),
        ([1, True, "2", None, 3.0], {1}),
        (True, set()),
        (-1, set()),
        (10**40, set()),
        ("01", set()),
        (255, set()),
        (65535, set()),
        (4294967295, set()),
        (list(range(8)), set()),
        (list(range(16)), set()),
        (list(range(32)), set()),
    ],
)
def test_bits(raw: Any, bits: set[int]) -> None:
    """Bit fields arrive as lists of set bits; all bits set means unset."""
    assert fields(raw).bits("x") == bits


@pytest.mark.parametrize("unset", [0, 4294967295, -1, None, True, 1.5, "7"])
def test_seconds_of_the_pump_clock(unset: Any) -> None:
    """Counted from 2008; 0 and all bits set are unset."""
    assert fields(578966461).wall_clock("x") == datetime.fromisoformat(
        "2026-05-07T00:01:01"
    )
    assert fields(unset).wall_clock("x") is None


def test_a_count_of_seconds_may_be_none_at_all() -> None:
    """A sensor may be joined in its first second, so a count of zero is valid."""
    assert fields(0).seconds("x") == 0
    assert fields(4294967295).seconds("x") is None


@pytest.mark.parametrize(
    ("raw", "read"), [(1.1809407, 1.181), (0, 0.0), (-0.5, None), (301, None)]
)
def test_insulin_on_board(raw: float, read: float | None) -> None:
    """Insulin on board is never negative and never more than a cartridge can contain."""
    assert Properties({"iob": raw}).insulin_on_board() == read
