"""A pump that is off in the middle of its life: its true delivery and the derived one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.nightscout.document import PumpIdentity
from custom_components.tconnectsync.nightscout.documents import documents
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.hourly_figures import hours
from custom_components.tconnectsync.therapy.records import (
    BasalGap,
    BasalSegment,
    Suspension,
)
from custom_components.tconnectsync.therapy.totals import compute_totals
from tests.treatment_totals import basal as nightscout_basal

from .pump_days import PumpDay

START = datetime(2026, 5, 14, tzinfo=UTC)
REPORT_INTERVAL = 300
RATES = (0.0, 0.45, 0.8, 1.25, 2.6)
PUMP = PumpIdentity(serial_number="12345678", model="t:slim X2")


@dataclass
class Life:
    """A pump's days by the second: its log, and its rate (U/h) from each second on."""

    random: Random
    changes_only: bool = False
    log: PumpDay = field(default_factory=PumpDay)
    second: int = 0
    rates: list[tuple[int, float]] = field(default_factory=list)
    unlogged: list[tuple[int, int]] = field(default_factory=list)
    """Seconds with delivery of which nothing was uploaded."""

    def at(self, second: int | None = None) -> str:
        """Return the time on its clock, which is in UTC."""
        then = START + timedelta(seconds=self.second if second is None else second)
        return then.replace(tzinfo=None).isoformat()

    def tell(self, rate: float, *bits: int) -> None:
        """Deliver at a rate from now on, and log it."""
        self.rates.append((self.second, rate))
        if self.changes_only:
            self.log.rate_change(self.at(), rate, *bits)
        else:
            self.log.basal(self.at(), rate)

    def stop(self) -> None:
        """Deliver nothing from now on."""
        self.rates.append((self.second, 0.0))

    def wait(self, seconds: int) -> None:
        """Let time pass without events."""
        self.second += seconds

    def live(self, hours: float) -> None:
        """Deliver at rates that change at any time, with occasional suspensions."""
        end = self.second + round(hours * 3600)
        rate = self.random.choice(RATES)
        self.tell(rate, 5)
        while self.second < end:
            step = (
                REPORT_INTERVAL
                if self.random.random() < 0.8
                else self.random.randrange(1, REPORT_INTERVAL)
            )
            self.wait(step)
            if self.random.random() < 0.4:
                rate = self.random.choice(RATES)
                self.tell(rate, 0)
            elif self.changes_only:
                self.log.reading(self.at(), 130)
            else:
                self.tell(rate)
            if self.random.random() < 0.02:
                self.suspend(reason=0)
                self.wait(self.random.randrange(60, 7200))
                self.resume()
                self.tell(rate, 5)

    def suspend(self, reason: int) -> None:
        """Stop with an 11."""
        self.stop()
        self.log.suspend(self.at(), reason)

    def resume(self) -> None:
        """Log a 12."""
        self.log.resume(self.at())

    def delivered(self, start: int, end: int) -> float:
        """Return the true delivery between two seconds (U)."""
        ends = [second for second, _ in self.rates[1:]] + [self.second]
        return sum(
            rate * max(0, min(until, end) - max(since, start)) / 3600
            for (since, rate), until in zip(self.rates, ends, strict=True)
        )


def come_on_again(life: Life) -> None:
    """Come on after a reset: alarm 3, and delivery has to be resumed."""
    life.log.write(life.at(), 99, version=1)
    life.wait(5)
    life.log.alarm(life.at(), 3)
    life.wait(60)
    life.suspend(reason=1)
    life.wait(life.random.randrange(60, 3000))
    life.resume()


def shut_down(life: Life) -> None:
    """Shut down, logged as 3."""
    life.stop()
    life.log.write(life.at(), 3, commandedBasalRate=0.0, changeType=[6])
    life.wait(life.random.randrange(60, 100_000))
    come_on_again(life)


def shelf_mode(life: Life) -> None:
    """Enter shelf mode, logged as 53."""
    life.stop()
    life.log.write(life.at(), 53, msecSinceReset=1)
    life.wait(life.random.randrange(60, 100_000))
    come_on_again(life)


def restart(life: Life) -> None:
    """Restart, logged as 99 alone."""
    life.stop()
    life.log.write(life.at(), 99, version=1)
    life.wait(life.random.randrange(30, 3000))


def alarm_alone(life: Life) -> None:
    """Stop delivery by an alarm without an 11; readings continue."""
    life.stop()
    number = life.random.choice((1, 2, 7, 8, 10, 12, 18, 21, 25, 26, 31))
    life.log.alarm(life.at(), number)
    for _ in range(life.random.randrange(1, 40)):
        life.wait(REPORT_INTERVAL)
        life.log.reading(life.at(), 180)
    if life.random.random() < 0.5:
        life.log.write(life.at(), 28, alarmId=number)
        life.wait(life.random.randrange(1, 2000))


def malfunction(life: Life) -> None:
    """Stop delivery by a malfunction until the pump is used again."""
    life.stop()
    life.log.malfunction(life.at(), 9)
    life.wait(life.random.randrange(60, 20_000))


KNOWN_STOPS = (shut_down, shelf_mode, restart, alarm_alone, malfunction)


def drained(life: Life) -> None:
    """Let the battery run out without an event; up to five minutes pass until it is noticed."""
    life.stop()
    life.wait(life.random.randrange(1200, 100_000))
    if life.random.random() < 0.5:
        come_on_again(life)


def drained_and_on_again(life: Life) -> None:
    """Let the battery run out, and log the power-on."""
    life.stop()
    life.wait(life.random.randrange(1200, 100_000))
    come_on_again(life)


def not_uploaded(life: Life) -> None:
    """Keep delivering while part of the log is never uploaded."""
    life.log.reading(life.at(), 120)
    kept = len(life.log.raws)
    begin = life.second
    life.live(life.random.uniform(0.1, 9))
    del life.log.raws[kept:]
    life.unlogged.append((begin, life.second))


def resumed_unseen(life: Life) -> None:
    """Suspend, and lose the event that resumed delivery."""
    life.suspend(reason=0)
    life.log.reading(life.at(), 120)
    kept = len(life.log.raws)
    life.wait(life.random.randrange(60, 3600))
    life.resume()
    life.live(life.random.uniform(0.1, 9))
    del life.log.raws[kept:]


def a_life(
    seed: int, trap: Callable[[Life], None], *, changes_only: bool = False
) -> Life:
    """Return a pump's life with one of these events in it."""
    life = Life(Random(seed), changes_only)
    life.live(life.random.uniform(0.1, 20))
    life.wait(life.random.randrange(1, REPORT_INTERVAL))
    trap(life)
    life.live(life.random.uniform(0.1, 20))
    life.log.reading(life.at(), 120)
    return life


def segment_units(happened: History, start: int, end: int) -> float:
    """Return the delivery between two seconds by the segments (U)."""
    since, until = (START + timedelta(seconds=second) for second in (start, end))
    return sum(
        one.rate
        * max(0.0, (min(one.end, until) - max(one.start, since)).total_seconds())
        / 3600
        for one in happened.basal
    )


def days(life: Life) -> Iterator[tuple[int, int]]:
    """Return the first and last second of each day."""
    for day in range(life.second // 86_400 + 1):
        yield day * 86_400, min((day + 1) * 86_400, life.second)


def agree(happened: History, life: Life) -> None:
    """Check that totals, hours and Nightscout agree with the segments, and that nothing overlaps."""
    newest = START + timedelta(seconds=life.second)
    assert happened.newest == newest
    wanted = [
        one.body
        for one in documents(happened, PUMP, (Feature.BASAL, Feature.PUMP_EVENTS))
    ]
    by_hour = hours([happened])
    for first, last in days(life):
        since, until = (START + timedelta(seconds=second) for second in (first, last))
        units = segment_units(happened, first, last)
        today = compute_totals([happened], since, until)
        assert today is not None
        assert today.basal == pytest.approx(units, abs=1e-6)
        in_hours = (
            figures.basal for hour, figures in by_hour.items() if since <= hour < until
        )
        assert sum(in_hours) == pytest.approx(units, abs=1e-6)
        assert nightscout_basal(wanted, since, until) == pytest.approx(units, abs=0.01)
    all_of_them: list[BasalSegment | Suspension | BasalGap] = [
        *happened.basal,
        *happened.suspensions,
        *happened.basal_gaps,
    ]
    spans = sorted((one.start, one.end) for one in all_of_them)
    for (_, end), (start, _) in pairwise(spans):
        assert end <= start


@given(st.integers(0, 10**9), st.sampled_from(KNOWN_STOPS), st.booleans())
def test_a_pump_that_is_stopped_delivers_nothing(
    seed: int, trap: Callable[[Life], None], changes_only: bool
) -> None:
    """Each second equals the truth for a shutdown, shelf mode, restart, alarm or malfunction."""
    life = a_life(seed, trap, changes_only=changes_only)
    happened = life.log.history()
    for first, last in days(life):
        assert segment_units(happened, first, last) == pytest.approx(
            life.delivered(first, last), abs=1e-6
        )
    agree(happened, life)
    assert all(gap.end > gap.start for gap in happened.basal_gaps)


@given(st.integers(0, 10**9), st.booleans())
def test_a_drained_battery_delivers_nothing(seed: int, changes_only: bool) -> None:
    """At most five minutes without delivery are counted; the rest is unknown.

    On a pump that only logs changes, only the power-on shows that it was off.
    """
    trap = drained_and_on_again if changes_only else drained
    life = a_life(seed, trap, changes_only=changes_only)
    happened = life.log.history()
    for first, last in days(life):
        over = segment_units(happened, first, last) - life.delivered(first, last)
        assert -1e-6 <= over <= max(RATES) * REPORT_INTERVAL / 3600 + 1e-6
    assert len(happened.basal_gaps) + len(happened.suspensions) > 0
    agree(happened, life)


@given(st.integers(0, 10**9), st.booleans())
def test_what_was_not_uploaded_is_never_too_much(seed: int, changes_only: bool) -> None:
    """Derived delivery equals the truth by the second, and unknown time is no longer than the missing part."""
    life = a_life(seed, not_uploaded, changes_only=changes_only)
    happened = life.log.history()
    ((begin, end),) = life.unlogged
    for first, last in ((0, begin - REPORT_INTERVAL), (end, life.second)):
        assert segment_units(happened, first, last) == pytest.approx(
            life.delivered(first, last), abs=1e-6
        )
    for gap in happened.basal_gaps:
        assert gap.start >= START + timedelta(seconds=begin - REPORT_INTERVAL)
        assert gap.end <= START + timedelta(seconds=end)
        assert segment_units(happened, *span(gap.start, gap.end)) == 0
    agree(happened, life)


@given(st.integers(0, 10**9), st.booleans(), st.booleans())
def test_a_resume_that_was_not_uploaded(
    seed: int, changes_only: bool, log_ends: bool
) -> None:
    """A suspension never covers true delivery, except for times too short to be noticed."""
    life = Life(Random(seed), changes_only)
    life.live(life.random.uniform(0.1, 20))
    resumed_unseen(life)
    if not log_ends:
        life.live(life.random.uniform(0.1, 20))
    life.log.reading(life.at(), 120)
    happened = life.log.history()
    for suspension in happened.suspensions:
        end = min(suspension.end, happened.newest or suspension.end)
        over = life.delivered(*span(suspension.start, end))
        assert over <= max(RATES) * 1200 / 3600
    agree(happened, life)


def span(start: datetime, end: datetime) -> tuple[int, int]:
    """Return two instants as seconds of the life."""
    return (
        round((start - START).total_seconds()),
        round((end - START).total_seconds()),
    )


@given(st.integers(0, 10**9))
def test_what_was_not_uploaded_is_filled_when_it_comes(seed: int) -> None:
    """The complete log gives all delivery without a gap."""
    life = Life(Random(seed))
    life.live(life.random.uniform(1, 30))
    happened = life.log.history()
    assert happened.basal_gaps == ()
    assert segment_units(happened, 0, life.second) == pytest.approx(
        life.delivered(0, life.second), abs=1e-6
    )
