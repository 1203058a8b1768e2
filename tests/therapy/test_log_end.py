"""The end of a pump's log."""

from collections.abc import Sequence

import pytest

from custom_components.tconnectsync.therapy.clock.clock_error import MOST_AHEAD
from custom_components.tconnectsync.therapy.log_end import LogEnd

from .pump_days import PumpDay, at


def of(day: PumpDay, zone: str = "UTC") -> LogEnd:
    """Return the end of a log."""
    found = day.history(zone=zone).newest_logged
    assert found is not None
    return found


def test_an_empty_log_has_none() -> None:
    """A log without events has no end."""
    assert PumpDay().history().newest_logged is None


def test_it_is_the_last_in_the_log() -> None:
    """The last event by place counts, because a clock that once ran ahead has the latest time."""
    day = PumpDay().seen("23:00")
    for minute in range(10, 13):
        day.seen(f"12:{minute}:00")
    assert of(day).instant == at("12:10:00")
    assert of(day).pump_time == at("12:12:00").replace(tzinfo=None)


def test_it_is_dated_by_the_zone() -> None:
    """The clock shows the time of a zone."""
    assert of(PumpDay().seen("12:00:00"), "Asia/Kathmandu").instant == at("06:15:00")


def test_it_is_dated_by_moves_of_the_clock() -> None:
    """A clock that was set right was wrong before, and is right now."""
    day = PumpDay().seen("11:55:00").seen("12:00:00")
    day.write("11:00:00", 13, timePrior=43200000, timeAfter=39600000)
    for minute in range(1, 4):
        day.seen(f"11:0{minute}:00")
    assert of(day).instant == at("11:01:00")


def test_one_absurd_time_proves_nothing() -> None:
    """A single event in the future is an error in the log."""
    day = PumpDay().seen("12:00:00").seen("12:05:00").seen("2030-01-01T00:00:00")
    assert of(day).instant == at("12:00:00")
    assert of(day).instant - at("12:06:00") < MOST_AHEAD


@pytest.mark.parametrize(
    ("minutes", "dense"),
    [
        pytest.param(range(0, 61, 5), True, id="every five minutes"),
        pytest.param(range(0, 56, 5), False, id="not for long"),
        pytest.param([0, 15, 20, 30, 40, 50, 60], False, id="with a gap"),
        pytest.param([0, 58, 58, 59, 59, 60], False, id="only lately"),
        pytest.param([60], False, id="one event"),
    ],
)
def test_density(minutes: Sequence[int], dense: bool) -> None:
    """Only an hour without gaps shows that a pump logs all the time."""
    day = PumpDay()
    for minute in minutes:
        day.seen(f"{11 + minute // 60}:{minute % 60:02}:00")
    assert of(day).dense is dense
