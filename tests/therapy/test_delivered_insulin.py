"""Insulin as stretches of time."""

from datetime import datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.therapy.records import Delivery

from .pump_days import at

START = at("12:00")


def second(number: int) -> datetime:
    """An instant some seconds after noon."""
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
    """What lies before and after any instant is the whole."""
    delivery = Delivery(insulin, *span)
    before = delivery.between(second(-20_000), cut)
    assert 0 <= before <= insulin + 1e-9
    assert before + delivery.since(cut) == pytest.approx(insulin)


@given(insulin=st.floats(0, 30), length=st.integers(1, 5000), cut=SECONDS)
def test_what_is_cut_off_is_what_came_later(
    insulin: float, length: int, cut: datetime
) -> None:
    """A stretch up to an instant holds what was delivered before it."""
    delivery = Delivery(insulin, START, second(length))
    part = delivery.until(cut)
    assert part.insulin == pytest.approx(delivery.between(second(-20_000), cut))
    assert part.end <= max(cut, delivery.start)


def test_a_dose_at_once_belongs_to_the_span_that_begins_with_it() -> None:
    """A span has its first instant and not its last."""
    dose = Delivery(2.0, START, START)
    assert dose.between(START, second(1)) == 2.0
    assert dose.between(second(-1), START) == 0.0
    assert dose.until(second(-1)).insulin == 2.0
