"""The change over five minutes, for readings at any interval."""

from datetime import timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.therapy.state import derive_state

from .pump_days import PumpDay, at


def delta(log: PumpDay) -> int | None:
    """Return the change at the end of a log (mg/dL)."""
    return derive_state([log.history()]).glucose_delta


@given(
    spacing=st.integers(30, 450),
    slope=st.integers(-4, 4),
    fast=st.just(0) | st.integers(1, 14),
)
def test_it_is_over_five_minutes(spacing: int, slope: int, fast: int) -> None:
    """A straight line changes by five times its slope per minute, up to the rounding of two readings.

    This also holds when a fast clock dates readings past the upload.
    """
    log = PumpDay()
    begins = at("10:00:00")
    steps = range(-(-1800 // spacing))
    for step in steps:
        seconds = step * spacing
        time = (begins + timedelta(seconds=seconds)).strftime("%H:%M:%S")
        log.reading(time, round(200 + slope * seconds / 60), minutely=spacing < 100)
    nearest = min(
        (step * spacing for step in steps[1:]), key=lambda far: abs(far - 300)
    )
    newest = begins + timedelta(seconds=steps[-1] * spacing)
    upload = newest - timedelta(minutes=fast)
    known = derive_state([log.history(last_upload=upload if fast else None)])
    found = known.glucose_delta
    assert found is not None
    assert found == pytest.approx(5 * slope, abs=0.5 + 300 / nearest)
    assert known.reading is not None
    assert known.reading.value == round(200 + slope * steps[-1] * spacing / 60)
    assert known.reading.start <= upload


@pytest.mark.parametrize(
    ("before", "known"),
    [("09:52:29", False), ("09:52:30", True), ("09:57:30", True), ("09:57:31", False)],
)
def test_too_far_from_five_minutes_it_is_unknown(before: str, known: bool) -> None:
    """The interval may differ from five minutes by half at most."""
    log = PumpDay().reading(before, 100).reading("10:00:00", 110)
    assert (delta(log) is not None) is known


def test_neither_beyond_the_range_nor_without_a_reading() -> None:
    """39 and 401 are not values."""
    for status in (1, 2, 6):
        log = PumpDay().reading("09:55:00", 100, status=status).reading("10:00:00", 90)
        assert delta(log) is None
