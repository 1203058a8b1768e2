"""Insulin as spans of time, and the amount between two instants."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.instants import HOUR
from custom_components.tconnectsync.tandem.enums import BasalSource
from custom_components.tconnectsync.therapy.delivered_insulin import (
    basal_insulin,
    bolus_insulin,
)
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.known_delivery import delivering
from custom_components.tconnectsync.therapy.records import BasalSegment, Bolus, Delivery
from custom_components.tconnectsync.therapy.spans import length
from custom_components.tconnectsync.therapy.timeline import Records, Timeline

from .pump_days import PumpDay, at

START = at("12:00")


def second(number: int) -> datetime:
    """Return the instant some seconds after noon."""
    return START + timedelta(seconds=number)


SECONDS = st.integers(-10_000, 10_000).map(second)


@given(
    insulin=st.floats(0, 30),
    span=st.tuples(SECONDS, SECONDS).map(sorted),
    cut=SECONDS,
)
def test_a_cut_takes_nothing_away(
    insulin: float, span: list[datetime], cut: datetime
) -> None:
    """The amounts before and after any instant add up to the total."""
    delivery = Delivery(insulin, *span)
    before = delivery.between(second(-20_000), cut)
    assert 0 <= before <= insulin + 1e-9
    assert before + delivery.since(cut) == pytest.approx(insulin)


@given(insulin=st.floats(0, 30), length=st.integers(1, 5000), cut=SECONDS)
def test_what_is_cut_off_is_what_came_later(
    insulin: float, length: int, cut: datetime
) -> None:
    """A span up to an instant contains the amount delivered before it."""
    delivery = Delivery(insulin, START, second(length))
    part = delivery.until(cut)
    assert part.insulin == pytest.approx(delivery.between(second(-20_000), cut))
    assert part.end <= max(cut, delivery.start)


def test_a_dose_at_once_belongs_to_the_span_that_begins_with_it() -> None:
    """A span includes its first instant and excludes its last."""
    dose = Delivery(2.0, START, START)
    assert dose.between(START, second(1)) == 2.0
    assert dose.between(second(-1), START) == 0.0
    assert dose.until(second(-1)).insulin == 2.0


def segment(start: int, lasts: int, rate: float) -> BasalSegment:
    """Return a rate from one minute after noon."""
    begins = second(60 * start)
    return BasalSegment(
        key=(0, start),
        start=begins,
        pump_time=begins.replace(tzinfo=None),
        numbers=(start,),
        end=begins + timedelta(minutes=lasts),
        running=False,
        rate=rate,
        profile_rate=None,
        source=BasalSource.PROFILE,
    )


def at_once(number: int) -> Bolus:
    """Return a bolus of 2 U within 80 seconds."""
    log = PumpDay(first=100 * number + 1)
    log.ask("12:00:00", number, 2.0, carbs=10).start("12:00:00", number, 2.0)
    (bolus,) = log.end("12:01:20", number, 2.0).history().boluses
    return bolus


minutes = st.integers(-120, 120)
segments = st.builds(
    segment, minutes, st.integers(0, 90), st.sampled_from([0.0, 0.4, 3.0])
)


def moved(bolus: Bolus, start: int, lasts: int, later: int) -> Bolus:
    """Return the same bolus at another minute, with an extended part later."""
    begins = second(60 * start)
    ends = begins + timedelta(minutes=lasts)
    parts = (Delivery(1.5, begins, ends), Delivery(0.5, ends, ends))
    return replace(
        bolus,
        start=begins,
        end=ends + timedelta(minutes=later),
        now_delivery=Delivery(2.0, begins, begins),
        extended_deliveries=parts if later else (),
    )


boluses = st.builds(
    moved, st.just(at_once(1)), minutes, st.integers(0, 90), st.integers(0, 9)
)


def in_parts[R: (BasalSegment, Bolus)](found: list[list[R]]) -> Records[R]:
    """Return records in the parts of a log."""
    return Records(map(Timeline, found))


@given(
    basal=st.lists(st.lists(segments, max_size=5), max_size=4),
    given=st.lists(st.lists(boluses, max_size=5), max_size=4),
    span=st.tuples(minutes, minutes),
    newest=minutes,
)
def test_what_flowed_between_two_instants_is_what_flowed_of_each(
    basal: list[list[BasalSegment]],
    given: list[list[Bolus]],
    span: tuple[int, int],
    newest: int,
) -> None:
    """The amount between two instants equals the sum over all records, with the log cut into any parts in any order."""
    start, end = (second(60 * minute) for minute in sorted(span))
    known = History(
        newest=second(60 * newest), basal=in_parts(basal), boluses=in_parts(given)
    )
    until = min(end, second(60 * newest))
    rates = sum(
        one.rate * max(0.0, (min(one.end, until) - max(one.start, start)) / HOUR)
        for one in known.basal
    )
    doses = sum(
        part.between(start, end) for bolus in known.boluses for part in bolus.deliveries
    )
    for history in (
        known,
        replace(known, basal=tuple(known.basal), boluses=tuple(known.boluses)),
    ):
        assert basal_insulin(history, start, end) == pytest.approx(rates)
        assert bolus_insulin(history, start, end) == pytest.approx(doses)
    covered = {
        minute
        for one in known.basal
        for minute in range(minute_of(one.start), minute_of(one.end))
        if min(span) <= minute < min(max(span), newest)
    }
    assert length(delivering(known, start, end)) == timedelta(minutes=len(covered))


def minute_of(instant: datetime) -> int:
    """Return the minutes from noon to an instant."""
    return (instant - START) // timedelta(minutes=1)
