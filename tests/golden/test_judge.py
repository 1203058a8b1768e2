"""Counting treatments, and comparing fired events with expected ones."""

from datetime import UTC, datetime
from typing import Any

import pytest

from .expectation import Question
from .judge import all_matched
from .nightscout_spans import answer
from .values import read_value

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)


def treatment(at: str, event_type: str, **fields: Any) -> dict[str, Any]:
    """Return a treatment at a time of day."""
    return {"created_at": f"2026-05-20T{at}Z", "eventType": event_type, **fields}


TREATMENTS = [
    treatment("11:30:00", "Temp Basal", absolute=2.0, duration=120),
    treatment("12:15:00", "Temp Basal", absolute=1.0, duration=30),
    treatment("12:05:00", "Meal Bolus", insulin=4.0, carbs=40),
    treatment("13:00:00", "Meal Bolus", insulin=9.0, carbs=90),
    treatment("11:45:00", "Combo Bolus", insulin=1.0, relative=2.0, duration=30),
]


@pytest.mark.parametrize(
    ("what", "counted"),
    [
        ("basal", 2.0 * 0.25 + 1.0 * 0.5),
        ("bolus", 4.0 + 2.0 * 0.25),
        ("carbs", 40),
    ],
)
def test_what_lies_in_a_span_counts(what: str, counted: float) -> None:
    """A Temp Basal ends where the next starts; the end of a span is excluded."""
    question = Question(
        what=what,
        start=NOON,
        end=NOON.replace(hour=13),
        event_type=None,
        fields={},
        answer=read_value(counted, "here"),
    )
    assert answer(question, TREATMENTS) == pytest.approx(counted)


@pytest.mark.parametrize(("insulin", "count"), [(4.0, 1), (9.0, 0)])
def test_documents_are_counted_by_their_fields(insulin: float, count: int) -> None:
    """Documents of the type that were created in the span are counted."""
    question = Question(
        what="documents",
        start=NOON,
        end=NOON.replace(hour=13),
        event_type="Meal Bolus",
        fields={"insulin": read_value(insulin, "here")},
        answer=read_value(count, "here"),
    )
    assert answer(question, TREATMENTS) == count


@pytest.mark.parametrize(
    ("wanted", "fired", "matched"),
    [
        ([], [], True),
        ([], [{"number": 2}], False),
        ([{"number": 2}], [], False),
        ([{"number": 2}, {}], [{"number": 3}, {"number": 2}], True),
        ([{}, {"number": 2}], [{"number": 2}, {"number": 3}], True),
        ([{"number": 2}], [{"number": 2}, {"number": 2}], False),
    ],
)
def test_what_is_expected_is_fired_once(
    wanted: list[dict[str, Any]], fired: list[dict[str, Any]], matched: bool
) -> None:
    """Each expected event fires once, and no other, in any order."""
    expected = [
        {name: read_value(value, "here") for name, value in one.items()}
        for one in wanted
    ]
    assert all_matched(expected, fired) is matched
