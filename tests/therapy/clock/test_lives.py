"""For any clock, current values are right or unknown, and each alarm fires once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import random
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings, strategies as st
import pytest

from custom_components.tconnectsync.occurrences import Occurrences, Topic
from custom_components.tconnectsync.storage.account_state import AccountState
from custom_components.tconnectsync.storage.account_store import AccountStore
from custom_components.tconnectsync.tandem.event_types import EventKey, PumpEvent
from custom_components.tconnectsync.therapy.clock.uploads import (
    Upload,
    upload_of,
    with_upload,
)
from custom_components.tconnectsync.therapy.history import History, derive
from custom_components.tconnectsync.therapy.records import Record
from custom_components.tconnectsync.therapy.state import derive_state
from homeassistant.util import dt as dt_util
from tests.therapy.clock_life import DAY, HOUR, MINUTE, PLACES, ClockLife, Log
from tests.therapy.pump_days import typed

ZONES = (
    "America/New_York",
    "Europe/Berlin",
    "Australia/Adelaide",
    "Asia/Kolkata",
    "America/St_Johns",
)
STALE = 2 * HOUR
EXACT = timedelta(seconds=5)
"""Readings are whole seconds, and a person sets the clock to within three seconds."""
WRONG = 15 * MINUTE

CLOCK_EVENTS = {3, 13, 14, 99}
"""The clock was set, or may have stood still."""

type Violation = str


@dataclass
class Watcher:
    """The results of each upload next to the truth."""

    life: ClockLife
    uploads: list[Upload] = field(default_factory=list)
    events: list[PumpEvent] = field(default_factory=list)
    history: History = field(default_factory=History)
    fired: list[EventKey] = field(default_factory=list)
    found: list[Violation] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Use a state that is never written."""

        async def kept() -> None:
            """Write nothing."""

        store = SimpleNamespace(state=AccountState(), async_save_if_possible=kept)
        self.news = Occurrences(cast(AccountStore, store))

    def upload(self) -> None:
        """Upload the log a few minutes later and check the results."""
        life = self.life
        at = life.now + life.dice.choice([1, 2, 4, 8]) * MINUTE
        fresh = typed(one.raw for one in life.log[len(self.events) :])
        self.events += fresh
        moves = [one.key for one in self.events if one.code in (13, 14)]
        new = upload_of(reversed(self.events), moves[-1] if moves else None, at)
        assert new
        self.uploads = with_upload(self.uploads, new, moves)
        before, self.history = (
            self.history,
            derive(self.events, [], life.zone, at, self.uploads),
        )
        self._judge_change(before, fresh)
        with patch.object(dt_util, "utcnow", return_value=at + 3 * MINUTE):
            self._tell()
        self._judge_now(at)

    def _tell(self) -> None:
        self.news.update({"": self.history})
        for one in self.news.pending(Topic.ALARM):
            self.fired.append(one.record.key)
            step = self.news.mark_fired(one)
            with pytest.raises(StopIteration):
                step.send(None)

    def _judge_now(self, at: datetime) -> None:
        """Check that nothing lies in the future, shown values are right, and only a wrong clock counts as wrong."""
        history, last = self.history, self.life.log[-1]
        shown = derive_state([history])
        self.found += [
            f"{record.key} is of the future"
            for record in records(history)
            if record.start > at
        ]
        if shown.newest and not history.clock_doubtful and at - shown.newest <= STALE:
            assert history.newest_key
            off = shown.newest - self.true(history.newest_key).instant
            if not -self.tolerance <= off <= self.tolerance:
                self.found.append(f"{history.newest_key} is shown {off} off")
        if history.clock_off is not None and abs(last.wrong) < WRONG:
            self.found.append(f"a right clock is called {history.clock_off} off")

    def _judge_change(self, before: History, new: list[PumpEvent]) -> None:
        """Check that right dates stay unchanged while nothing happens to the clock.

        Dates equal to the last upload may change, and those that another upload shows to be wrong.
        """
        if any(one.code in CLOCK_EVENTS for one in new):
            return
        now = {record.key: record.start for record in records(self.history)}
        for record in records(before):
            moved = now.get(record.key, record.start) - record.start
            was_off = record.start - self.true(record.key).instant
            if (
                moved
                and record.start != before.last_upload
                and -self.tolerance <= was_off <= self.tolerance
            ):
                self.found.append(f"{record.key} moved by {moved}")

    @property
    def tolerance(self) -> timedelta:
        """Tolerance of an instant: the drift of the clock, and its full error until it is set right."""
        return self.life.drifted + EXACT

    def true(self, key: EventKey) -> Log:
        """Return the true event for an event."""
        first: int = self.life.log[0].raw["sequenceNumber"]
        return self.life.log[key[1] - first]

    def judge_past(self) -> None:
        """Check that the complete log is right, except for the end by a wrong clock."""
        for record in records(self.history):
            truth = self.true(record.key)
            off = record.start - truth.instant
            if not truth.undatable and not -self.tolerance <= off <= self.tolerance:
                self.found.append(f"{record.key} is dated {off} off")

    def judge_alarms(self) -> None:
        """Check that each alarm uploaded after the first upload fired once."""
        raised = [
            (0, one.raw["sequenceNumber"])
            for one in self.life.log[self.first : len(self.events)]
            if one.raw["eventCode"] == 5
        ]
        if sorted(self.fired) != raised:
            self.found.append(f"told {sorted(self.fired)} of {raised}")

    first: int = 0


def records(history: History) -> Iterator[Record]:
    """Yield the records that are dated by a single event."""
    yield from history.all_logged.alarms
    yield from history.basal


def lived(seed: int) -> Watcher:
    """Run some days with any changes of the clock, uploading about every hour."""
    dice = random.Random(seed)
    start = datetime(2026, 1, 1, tzinfo=UTC) + dice.randrange(365 * 1440) * MINUTE
    drift = timedelta(seconds=dice.uniform(-5, 5))
    life = ClockLife(ZoneInfo(dice.choice(ZONES)), start, dice, drift)
    life.write(90)
    life.pass_by(5 * MINUTE)
    life.set_right()
    watcher = Watcher(life)
    go_on(watcher, 2)
    watcher.first = len(watcher.events)
    watcher.fired.clear()
    for _ in range(dice.randint(1, 5)):
        go_on(watcher, dice.randint(3, 30))
        dice.choice(HAPPENINGS)(watcher)
    go_on(watcher, dice.randint(1, 10))
    watcher.judge_past()
    watcher.judge_alarms()
    return watcher


def go_on(watcher: Watcher, hours: int) -> None:
    """Run and upload."""
    for _ in range(hours):
        watcher.life.live(65 * MINUTE)
        watcher.upload()


def drift_is_put_right(watcher: Watcher) -> None:
    """A clock that was wrong by minutes, without a log entry, is set right."""
    life = watcher.life
    life.goes_wrong(life.dice.choice([-14, -9, -7, 3, 6, 9]) * MINUTE)
    go_on(watcher, life.dice.randint(0, 5))
    life.set_right()


def journey(watcher: Watcher) -> None:
    """The person travels and sets the clock there."""
    life = watcher.life
    life.abroad = timedelta(hours=life.dice.choice(PLACES))
    life.live(life.dice.randint(0, 120) * MINUTE)
    life.set_right()


def way_home(watcher: Watcher) -> None:
    """The person returns home."""
    watcher.life.abroad = None
    watcher.life.set_right()


def evening_for_morning(watcher: Watcher) -> None:
    """The clock is set half a day wrong, and put right later."""
    _set_wrong(watcher, watcher.life.dice.choice([12, -12]) * HOUR)


def wrong_date(watcher: Watcher) -> None:
    """The date is set wrong, and put right later."""
    _set_wrong(watcher, watcher.life.dice.choice([-31, -1, 1, 2, 31]) * DAY)


def _set_wrong(watcher: Watcher, by: timedelta) -> None:
    life = watcher.life
    life.set_clock(life.wall + by)
    go_on(watcher, life.dice.randint(1, 10))
    life.set_right()


def pump_off(watcher: Watcher) -> None:
    """The pump is off for a while; its clock stands still and is set at once or later."""
    life = watcher.life
    minutes = life.dice.choice([40, 200, 600, 1440, 14400]) + life.dice.randrange(120)
    life.stand_still(minutes * MINUTE)
    go_on(watcher, life.dice.choice([0, 0, 1, 6]))
    life.set_right()


def summer_or_winter(watcher: Watcher) -> None:
    """The clock is set right; at home, summer time may have changed some time ago."""
    watcher.life.set_right()


HAPPENINGS: list[Any] = [
    drift_is_put_right,
    journey,
    way_home,
    evening_for_morning,
    wrong_date,
    pump_off,
    summer_or_winter,
]


@settings(max_examples=25)
@given(st.integers(0, 10**6))
@example(35813)
@example(6040)
@example(650482)
def test_a_life(seed: int) -> None:
    """Times are right up to the drift or unknown, none lies in the future, and every alarm fires once."""
    assert lived(seed).found == []
