"""Records of a span are found anywhere in the log."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.instants import FAR_FUTURE
from custom_components.tconnectsync.therapy.records import BasalGap
from custom_components.tconnectsync.therapy.timeline import (
    Records,
    Timeline,
    between,
    earliest,
    outermost_by,
    reaching_into,
    shown_since,
)

BEGINNING = datetime(2026, 5, 14, tzinfo=UTC)
instants = st.integers(0, 20).map(lambda hours: BEGINNING + timedelta(hours=hours))
parts = st.lists(st.lists(st.tuples(instants, st.integers(0, 8)), max_size=4))
"""Start of each record in each part of a log, and its duration in hours."""


def gap(number: int, start: datetime, lasts: int) -> BasalGap:
    """Return a record from one instant to another."""
    return BasalGap(
        key=(0, number),
        start=start,
        pump_time=start.replace(tzinfo=None),
        end=start + timedelta(hours=lasts),
        running=False,
    )


def logged(found: list[list[tuple[datetime, int]]]) -> Records[BasalGap]:
    """Return records in the parts of a log."""
    return Records(
        Timeline(gap(10 * part + place, *one) for place, one in enumerate(of_part))
        for part, of_part in enumerate(found)
    )


@given(found=parts, start=instants, end=instants)
def test_it_finds_what_lies_in_a_span(
    found: list[list[tuple[datetime, int]]], start: datetime, end: datetime
) -> None:
    """Records of any duration, in any order, in parts that were seen before or not, are found."""
    records = logged(found)
    expected = [one for one in records if one.start < end and one.end >= start]
    for known in (records, tuple(records)):
        near = between(known, start, end)
        assert sorted(near, key=lambda one: one.key) == expected
    holding = [
        one for part in reaching_into(records, start, end) for one in part.records
    ]
    assert set(expected) <= set(holding)


@given(found=parts, instant=instants)
def test_it_finds_the_outermost_that_had_ended(
    found: list[list[tuple[datetime, int]]], instant: datetime
) -> None:
    """The first start, the last start and the last end are found."""
    records = logged(found)
    ended = [one for one in records if one.end <= instant]
    for known in (records, tuple(records)):
        outermost = outermost_by(known, instant)
        assert bool(outermost) is bool(ended)
        if ended:
            first, last, longest = outermost
            assert first.start == min(one.start for one in ended)
            assert last.start == max(one.start for one in ended)
            assert longest.end == max(one.end for one in ended)
            assert {first, last, longest} <= set(ended)


@given(found=parts, instant=instants)
def test_it_finds_what_was_logged_since_the_clock_showed_a_time(
    found: list[list[tuple[datetime, int]]], instant: datetime
) -> None:
    """Of those records the first start is found, and that of all records."""
    records, shown = logged(found), instant.replace(tzinfo=None)
    later = [one.start for one in records if one.pump_time >= shown]
    for known in (records, tuple(records)):
        first = shown_since(known, shown)
        assert (first and first.start) == min(later, default=None)
        assert earliest(known) == min(
            (one.start for one in records), default=FAR_FUTURE
        )


@given(found=parts)
def test_records_are_those_of_their_parts(
    found: list[list[tuple[datetime, int]]],
) -> None:
    """Records keep the order of their parts, and equal parts are equal."""
    records, every = logged(found), []
    for part, of_part in enumerate(found):
        every += [gap(10 * part + place, *one) for place, one in enumerate(of_part)]
    assert len(records) == len(every)
    assert bool(records) is bool(every)
    assert [*records] == every
    assert [*reversed(records)] == every[::-1]
    assert records == tuple(every)
    assert records == Records([Timeline(every)])
    assert records == logged(found)
    assert records != logged([*found, [(BEGINNING, 1)]])
    assert records != every
    for place in range(-len(every), len(every)):
        assert records[place] == every[place]
        assert records[place:] == tuple(every[place:])
    for place in (len(every), -len(every) - 1):
        with pytest.raises(IndexError):
            records[place]
