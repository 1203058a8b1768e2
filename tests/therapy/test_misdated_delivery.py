"""A previous pump with a wrong clock, and the time until which it makes sums over all pumps unknown."""

from datetime import datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.misdated_delivery import misdated_until
from tests.therapy.pump_days import PumpDay, at

OFF = at("10:00:00")
"""The time at which the pump was truly removed."""
MINUTE = timedelta(minutes=1)


def log_by(clock: timedelta) -> PumpDay:
    """Return a pump that delivers from 6 o'clock until it is removed, by a clock that is this much ahead."""
    log, instant = PumpDay(), at("06:00:00")
    while instant <= OFF:
        log.basal((instant + clock).replace(tzinfo=None).isoformat(), 1.0)
        instant += 5 * MINUTE
    return log


def by(clock: timedelta, upload: datetime = OFF) -> History:
    """Return the upload that it made right away."""
    return log_by(clock).history(last_upload=upload)


@given(minutes=st.integers(31, 23 * 60))
def test_it_lasts_until_it_was_taken_off(minutes: int) -> None:
    """That time does not depend on its clock or on its place in the history."""
    wrong = by(minutes * MINUTE)
    assert wrong.clock_off is not None
    until = misdated_until([History(), wrong])
    assert until is not None
    assert until >= OFF
    stopped = log_by(minutes * MINUTE)
    ends = (OFF + (minutes + 1) * MINUTE).replace(tzinfo=None).isoformat()
    history = stopped.suspend(ends).history(last_upload=OFF + MINUTE)
    until = misdated_until([History(), history])
    assert until is not None
    assert until >= OFF


@given(hours=st.integers(12, 23))
def test_a_clock_that_is_behind(hours: int) -> None:
    """Its last delivery is dated long before it happened."""
    history = by(-hours * 60 * MINUTE)
    behind = History(
        newest=history.newest,
        basal=history.basal,
        clock_off=-hours * 60 * MINUTE,
    )
    assert misdated_until([History(), behind]) == OFF


@pytest.mark.parametrize("ahead", [0, 5, 20])
def test_a_clock_that_is_right_but_for_what_it_drifts(ahead: int) -> None:
    """A right clock with some drift dates nothing wrongly."""
    assert misdated_until([History(), by(ahead * MINUTE)]) is None


def test_the_pump_in_use_is_judged_as_a_whole() -> None:
    """With a wrong clock nothing of it counts as current anyway."""
    assert misdated_until([by(180 * MINUTE), History()]) is None


def test_a_pump_in_a_drawer() -> None:
    """It may be off or keep logging forever; only its delivery counts."""
    suspended = log_by(180 * MINUTE)
    for hour in range(14, 24):
        suspended.basal(f"{hour}:00:00", 0.0, source=0)
    history = suspended.history(last_upload=at("20:00:00"))
    assert history.clock_off is not None
    until = misdated_until([History(), history])
    assert until is not None
    assert until <= at("14:00:00")
