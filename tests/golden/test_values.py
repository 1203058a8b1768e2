"""Matching one expected value."""

from datetime import UTC, datetime
from typing import Any

import pytest

from .shape import CaseError
from .values import read_value


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        (4.0, "4.004"),
        (4, 3.996),
        ("on", "on"),
        (True, True),
        (None, None),
        ("unknown", "unknown"),
        ("unknown", "unavailable"),
        ("unknown", None),
        ([1, 2], "1.0"),
        ([1, 2], 2),
        ("2026-05-20T12:00:00-04:00", "2026-05-20T16:00:01.4+00:00"),
        ("2026-05-20T12:00:00-04:00", datetime(2026, 5, 20, 16, tzinfo=UTC)),
        (
            ["2026-05-20T12:00:00-04:00", "2026-05-20T13:00:00-04:00"],
            "2026-05-20T17:00:00Z",
        ),
        ({"not": "unknown"}, "other"),
        ({"any": ["unknown", [0, 1]]}, "0.5"),
        ({"any": ["unknown", [0, 1]]}, "unknown"),
        ({"not": {"any": [1, 2]}}, 3),
    ],
)
def test_it_holds(raw: Any, seen: Any) -> None:
    """A value matches in any notation of a state or an attribute."""
    assert read_value(raw, "here").holds(seen)


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        (4.0, "4.006"),
        (1, True),
        (0, None),
        (0, "unknown"),
        ("on", "off"),
        (True, 1),
        (False, None),
        (None, "unknown"),
        ("unknown", "0"),
        ([1, 2], "2.001"),
        ([1, 2], "unknown"),
        ("2026-05-20T12:00:00-04:00", "2026-05-20T12:00:00"),
        ("2026-05-20T12:00:00-04:00", "2026-05-20T16:00:02+00:00"),
        (
            ["2026-05-20T12:00:00-04:00", "2026-05-20T13:00:00-04:00"],
            "2026-05-20T17:00:01Z",
        ),
        ({"not": "unknown"}, None),
        ({"any": ["unknown", [0, 1]]}, "1.5"),
    ],
)
def test_it_does_not_hold(raw: Any, seen: Any) -> None:
    """An unknown state is no number, and true is not 1."""
    assert not read_value(raw, "here").holds(seen)


@pytest.mark.parametrize(
    "raw",
    [
        [1],
        [2, 1],
        ["a", "b"],
        [1, "2026-05-20T12:00:00-04:00"],
        {"none": 1},
        {"not": 1, "any": []},
    ],
)
def test_what_says_nothing_is_refused(raw: Any) -> None:
    """An unreadable expectation is refused."""
    with pytest.raises(CaseError):
        read_value(raw, "here")
