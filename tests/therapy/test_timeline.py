"""What lies in a span is found, wherever it is in the log."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st

from custom_components.tconnectsync.therapy.records import BasalGap
from custom_components.tconnectsync.therapy.timeline import END, Timeline

BEGINNING = datetime(2026, 5, 14, tzinfo=UTC)
instants = st.integers(0, 20).map(lambda hours: BEGINNING + timedelta(hours=hours))


def gap(number: int, start: datetime, lasts: int) -> BasalGap:
    """A record that reaches from one instant to another."""
    return BasalGap(
        key=(0, number),
        start=start,
        pump_time=start.replace(tzinfo=None),
        end=start + timedelta(hours=lasts),
        running=False,
    )


@given(
    found=st.lists(st.tuples(instants, st.integers(0, 8))), start=instants, end=instants
)
def test_it_finds_what_lies_in_a_span(
    found: list[tuple[datetime, int]], start: datetime, end: datetime
) -> None:
    """However long each record lasts and in whatever order they were logged."""
    records = [gap(place, *one) for place, one in enumerate(found)]
    expected = [one for one in records if one.start < end and one.end >= start]
    near = Timeline(records, END).between(start, end)
    assert sorted(near, key=lambda one: one.key) == expected
