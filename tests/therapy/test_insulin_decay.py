"""The published model of insulin action."""

from math import exp

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.therapy.insulin_decay import remaining


@given(duration=st.integers(60, 480), minutes=st.floats(0, 480))
def test_the_curve_is_what_the_activity_leaves(duration: int, minutes: float) -> None:
    """Step-by-step integration of the published activity curve gives the same remaining share."""
    peak = min(75, duration / 4)
    tau = peak * (1 - peak / duration) / (1 - 2 * peak / duration)
    slope = 2 * tau / duration
    scale = 1 / (1 - slope + (1 + slope) * exp(-duration / tau))
    step = min(minutes, duration) / 400
    times = [step * (count + 0.5) for count in range(400)]
    acted = sum(
        scale / tau**2 * time * (1 - time / duration) * exp(-time / tau) * step
        for time in times
    )
    assert remaining(minutes, duration) == pytest.approx(1 - acted, abs=1e-3)


@given(
    duration=st.integers(60, 480),
    minutes=st.tuples(st.floats(-10, 500), st.floats(-10, 500)).map(sorted),
)
def test_a_dose_only_ever_gets_less(duration: int, minutes: list[float]) -> None:
    """The share is 1 at first, 0 after the duration, and never increases."""
    sooner, later = (remaining(minute, duration) for minute in minutes)
    assert 1 >= sooner >= later - 1e-12
    assert later >= 0 or later == pytest.approx(0, abs=1e-9)
    assert remaining(0, duration) == 1
    assert remaining(duration, duration) == 0


def test_activity_is_greatest_after_75_minutes() -> None:
    """The curve falls fastest at the peak."""
    falls = {
        minute: remaining(minute - 1, 360) - remaining(minute + 1, 360)
        for minute in range(1, 360)
    }
    assert max(falls, key=lambda minute: falls[minute]) == 75
