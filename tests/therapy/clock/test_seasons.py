"""Summer time set early, late or never, and unusual first uploads, upload by upload."""

from datetime import UTC, datetime, timedelta
import random
from zoneinfo import ZoneInfo

import pytest

from tests.therapy.clock_life import DAY, HOUR, MINUTE, ClockLife

from .test_lives import Watcher, go_on

SWITCHES = [
    ("Europe/Berlin", "2026-03-29T01:00", 1),
    ("Europe/Berlin", "2026-10-25T01:00", -1),
    ("America/New_York", "2026-03-08T07:00", 1),
    ("America/New_York", "2026-11-01T06:00", -1),
    ("Australia/Adelaide", "2026-04-04T16:30", -1),
    ("Australia/Adelaide", "2026-10-03T16:30", 1),
    ("America/St_Johns", "2026-11-01T04:30", -1),
]


def watched(zone: str, start: datetime, seed: int = 1) -> Watcher:
    """Return a new pump and a watcher of its uploads."""
    life = ClockLife(ZoneInfo(zone), start, random.Random(seed))
    life.write(90)
    life.pass_by(5 * MINUTE)
    return Watcher(life)


def utc(time: str) -> datetime:
    """Return an instant."""
    return datetime.fromisoformat(time).replace(tzinfo=UTC)


def live_until(watcher: Watcher, instant: datetime) -> None:
    """Run and upload every few hours."""
    while watcher.life.now < instant:
        watcher.life.live(4 * HOUR)
        watcher.upload()


def judge(watcher: Watcher) -> None:
    """Check that every upload gave right results, then and now."""
    watcher.judge_past()
    assert watcher.found == []
    assert watcher.history.newest
    assert watcher.life.now - watcher.history.newest < MINUTE


@pytest.mark.parametrize(("zone", "switch", "hours"), SWITCHES)
@pytest.mark.parametrize("late", [-9, -1, 0, 1, 30, None])
def test_summer_time(zone: str, switch: str, hours: int, late: float | None) -> None:
    """All instants are right before, between and after the two changes, and the clock never counts as wrong."""
    at = utc(switch)
    watcher = watched(zone, at - DAY)
    watcher.life.set_right()
    if late is not None:
        live_until(watcher, at + late * HOUR)
        watcher.life.set_clock(watcher.life.wall + hours * HOUR)
    live_until(watcher, at + 36 * HOUR)
    judge(watcher)
    assert watcher.history.clock_off is None


@pytest.mark.parametrize("abroad", [-8, 2, 5.5, 9])
def test_a_history_that_begins_with_a_journey(abroad: float) -> None:
    """The pump was set up on a journey, and its clock was set at home."""
    watcher = watched("America/New_York", utc("2026-09-10T12:00"))
    watcher.life.abroad = timedelta(hours=abroad)
    watcher.life.set_right()
    watcher.life.live(DAY)
    watcher.life.abroad = None
    watcher.life.set_right()
    go_on(watcher, 3)
    judge(watcher)


@pytest.mark.parametrize("off", [-13, -6, 6, 10.5])
def test_set_up_in_one_zone_and_used_in_another(off: float) -> None:
    """The chosen zone is the one where the person lives now."""
    watcher = watched("Europe/Berlin", utc("2026-09-10T12:00"))
    watcher.life.abroad = timedelta(hours=2 + off)
    watcher.life.set_right()
    watcher.life.live(2 * DAY)
    watcher.life.abroad = None
    watcher.life.set_right()
    go_on(watcher, 12)
    judge(watcher)


@pytest.mark.parametrize("off", [-13, -6, 6, 10.5])
def test_a_refurbished_pump(off: float) -> None:
    """The pump had another user elsewhere years ago; its clock was lost in storage, or never set to a zone."""
    watcher = watched("Europe/Berlin", utc("2022-06-10T12:00"))
    life = watcher.life
    life.abroad = timedelta(hours=2 + off)
    life.set_right()
    for days in (1, 90, 180):
        life.pass_by(days * DAY)
        life.set_clock(life.wall + random.Random(days).choice([-1, 1]) * HOUR)
    life.now, life.wall = utc("2026-05-14T08:00"), datetime(2020, 1, 10, 6)  # noqa: DTZ001 - a reading of the clock
    life.abroad = None
    life.pass_by(HOUR)
    life.set_right()
    first = len(life.log)
    go_on(watcher, 12)
    assert watcher.found == []
    for one in list(watcher.history.basal)[-100:]:
        assert one.key[1] > life.log[first - 1].raw["sequenceNumber"]
