"""The insulin in the cartridge: the last reading or fill, less everything delivered or primed since."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings, strategies as st
import pytest

from custom_components.tconnectsync.therapy.cartridge_lasts_until import (
    cartridge_lasts_until,
)
from custom_components.tconnectsync.therapy.delivered_insulin import (
    basal_deliveries,
    bolus_deliveries,
)
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.records import CartridgeReading
from custom_components.tconnectsync.therapy.reservoir import (
    Cartridge,
    anchors,
    reservoir,
)
from custom_components.tconnectsync.therapy.timeline import between
from demo.pump import SimulatedPump

from .pump_days import PumpDay, at, history

START = datetime(2026, 5, 11, 15, tzinfo=UTC)
NO_VOLUME = 0


def filled(log: PumpDay, time: str, units: int) -> PumpDay:
    """Log a cartridge fill (33)."""
    return log.write(time, 33, insulinVolume=units, v2Volume=NO_VOLUME)


def primed(log: PumpDay, time: str, units: float, *, code: int = 63) -> PumpDay:
    """Log a prime of the tubing (63) or the cannula (61)."""
    return log.write(time, code, primeSize=units, completionStatus=3)


def left(log: PumpDay) -> float | None:
    """Return the remaining insulin, if known."""
    found = reservoir(log.history())
    return found.left if found else None


def test_the_last_reading_counts() -> None:
    """A suspension or its end contains a reading, and earlier delivery does not matter then."""
    log = PumpDay().rate_change("08:00:00", 1.0).suspend("09:00:00", insulin=120)
    log.resume("09:30:00", insulin=118).seen("09:30:00")
    found = reservoir(log.history())
    assert found is not None
    assert (found.left, found.reading, found.filled) == (118, 118, None)
    assert found.read_at == at("09:30:00")


@pytest.mark.parametrize(("units", "known"), [(NO_VOLUME, None), (200, 185.0)])
@pytest.mark.parametrize("minutes", [0, 5, 60])
def test_a_cartridge_is_not_empty_straight_after_it_was_filled(
    units: int, known: float | None, minutes: int
) -> None:
    """Before the pump has measured, the filled amount counts, if known."""
    log = filled(PumpDay().suspend("08:00:00", insulin=3), "08:05:00", units)
    primed(log, "08:05:00", 15.0)
    measured = at("08:05:00") + timedelta(minutes=minutes)
    log.resume(f"{measured:%H:%M:%S}", insulin=0)
    log.rate_change(f"{measured:%H:%M:%S}", 0.0, 5).seen("09:06:00")
    assert left(log) == known
    assert left(log.resume("09:06:00", insulin=120)) == 120


def test_a_cartridge_may_be_empty_an_hour_after_it_was_filled() -> None:
    """A reading of zero counts an hour after the fill, and an alarm at once."""
    log = filled(PumpDay(), "08:05:00", 200).resume("09:06:00", insulin=0)
    assert left(log) == 0
    assert left(filled(PumpDay(), "08:05:00", 200).alarm("08:06:00", 8)) == 0


def test_everything_delivered_since_is_taken_off() -> None:
    """Basal, boluses and extended parts up to the newest event are subtracted."""
    log = PumpDay().resume("08:00:00", insulin=100).rate_change("08:00:00", 1.5)
    log.ask("09:00:00", 1, 3.0, carbs=30).start("09:00:15", 1, 3.0)
    log.end("09:01:42", 1, 3.0)
    log.ask("09:30:00", 2, 2.0, option=1, percent=0, minutes=60)
    log.start("09:30:15", 2, 0.0, 2.0, minutes=60).seen("10:00:15")
    assert left(log) == pytest.approx(100 - 1.5 * (2 + 15 / 3600) - 3 - 1)


def test_a_fill_counts_until_something_was_read() -> None:
    """Primes after the fill are subtracted; primes before it used the old cartridge."""
    log = PumpDay().suspend("10:00:00", insulin=12)
    primed(log, "10:01:00", 3.0)
    filled(log, "10:02:00", 200)
    primed(primed(log, "10:04:00", 14.5), "10:05:00", 0.3, code=61)
    found = reservoir(log.history())
    assert found is not None
    assert found.left == pytest.approx(185.2)
    assert (found.reading, found.read_at, found.filled) == (None, None, 200)
    log.resume("10:06:00", insulin=185)
    assert left(log) == pytest.approx(185)


def test_a_prime_that_was_not_recorded_leaves_it_unknown() -> None:
    """The primed amount is unknown until the pump has measured again."""
    log = filled(PumpDay().suspend("10:00:00"), "10:02:00", 200)
    primed(log, "10:04:00", -1)
    assert left(log) is None
    log.resume("10:06:00", insulin=184)
    assert left(log) == pytest.approx(184)


def test_a_fill_of_unknown_volume_leaves_it_unknown() -> None:
    """An earlier reading says nothing about the new cartridge."""
    log = filled(PumpDay().suspend("10:00:00", insulin=12), "10:02:00", NO_VOLUME)
    assert left(log) is None


def test_nothing_is_known_without_a_reading_or_a_fill() -> None:
    """Without a reading or a fill the reservoir is unknown."""
    assert reservoir(History()) is None
    assert left(PumpDay().rate_change("08:00:00", 1.0)) is None


def beats(log: PumpDay, first: str, last: str) -> PumpDay:
    """Log a rate of 1 U/h every five minutes (279) between two times."""
    instant = at(first)
    while instant <= at(last):
        log.basal(instant.strftime("%H:%M:%S"), 1.0)
        instant += timedelta(minutes=5)
    return log


def test_what_may_have_left_it_unseen_leaves_it_unknown() -> None:
    """Events that were not uploaded may be boluses, until they arrive or the pump has measured again."""
    log = beats(PumpDay().resume("08:00:00", insulin=200), "08:00:00", "09:25:00")
    log = beats(log, "11:35:00", "12:00:00")
    assert left(log) is None
    assert left(log.resume("12:01:00", insulin=182)) == 182
    log = beats(PumpDay().resume("08:00:00", insulin=200), "08:00:00", "09:25:00")
    assert left(log.seen("10:01:00")) is None
    log = beats(PumpDay().resume("08:00:00", insulin=200), "08:31:00", "10:00:00")
    assert left(log) is None


def test_reports_that_come_late_and_a_pump_that_is_off_leave_it_known() -> None:
    """Half an hour may be missing; a suspended pump delivered nothing."""
    log = beats(PumpDay().resume("08:00:00", insulin=200), "08:00:00", "09:25:00")
    log = beats(log, "10:00:00", "10:25:00").suspend("10:30:00", insulin=198)
    assert left(log.seen("18:00:00")) == 198
    log.write("18:10:00", 53).basal("22:00:00", 1.0).seen("22:10:00")
    assert left(log) == pytest.approx(198 - 1 / 6)


@given(
    seed=st.integers(0, 3),
    ago=st.integers(0, 600),
    minutes=st.sampled_from((20, 41, 150)),
)
def test_it_is_right_or_unknown_where_a_part_of_the_log_is_missing(
    seed: int, ago: int, minutes: int
) -> None:
    """The value is right if everything since the last reading is known up to some minutes, else unknown."""
    pump = two_days(seed)
    until = pump.instants[-1] - timedelta(minutes=ago)
    since = until - timedelta(minutes=minutes)
    known = history(
        event
        for instant, event in zip(pump.instants, pump.events, strict=True)
        if not since <= instant < until
    )
    assume(not between(known.suspensions, since, until))
    found, anchor = reservoir(known), anchors(known)[-1]
    if found and (anchor.start >= until or minutes >= 41):
        assert found.left == pytest.approx(pump.reservoir.left, abs=1.01)


@cache
def two_days(seed: int) -> SimulatedPump:
    """Return a pump that was in use for two days, at rest."""
    pump = SimulatedPump(start=START, time_zone=ZoneInfo("UTC"), seed=seed)
    pump.run_for(hours=48 + 7 * seed)
    while pump.boluses.busy or pump.basal.suspended:
        pump.run_for(minutes=1)
    pump.log_event(90)
    return pump


def test_it_never_falls_below_nothing() -> None:
    """Readings are whole units, so a cartridge may deliver more than was read."""
    log = PumpDay().resume("08:00:00", insulin=1).rate_change("08:00:00", 3.0)
    assert left(log.seen("09:00:00")) == 0


@pytest.mark.parametrize("seed", range(4))
def test_a_pump_in_use_has_what_is_said(seed: int) -> None:
    """After days of use the estimate is within one unit of the truth, because readings are whole units."""
    pump = SimulatedPump(start=START, time_zone=ZoneInfo("UTC"), seed=seed)
    for _ in range(8):
        pump.run_for(hours=11)
        while pump.boluses.busy or pump.basal.suspended:
            pump.run_for(minutes=1)
        pump.log_event(90)
        found = reservoir(history(pump.events))
        if found is not None:
            assert found.left == pytest.approx(pump.reservoir.left, abs=1.01)


type Action = Literal["wait", "bolus", "extended", "stop", "suspend", "temp", "site"]
ACTIONS: st.SearchStrategy[tuple[Action, int]] = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 400)),
    st.tuples(st.just("bolus"), st.integers(1, 60)),
    st.tuples(st.just("extended"), st.integers(1, 60)),
    st.tuples(st.just("stop"), st.just(0)),
    st.tuples(st.just("suspend"), st.integers(1, 30)),
    st.tuples(st.just("temp"), st.integers(0, 250)),
    st.tuples(st.just("site"), st.integers(100, 300)),
)


@settings(max_examples=40)
@given(actions=st.lists(ACTIONS, min_size=1, max_size=15))
def test_whatever_a_person_does_it_is_right(actions: list[tuple[Action, int]]) -> None:
    """In any order of boluses, stops, suspensions, temp rates and fills the amounts add up."""
    pump = SimulatedPump(
        start=START, time_zone=ZoneInfo("UTC"), model="Mobi", quiet=True
    )
    pump.suspend()
    pump.resume()
    for action, number in actions:
        match action:
            case "bolus":
                pump.give_bolus(number / 10)
            case "extended":
                pump.give_bolus(number / 10, extended_minutes=90, now_percent=40)
            case "stop":
                pump.stop_bolus()
            case "suspend":
                pump.suspend()
                pump.run_for(minutes=number)
                pump.resume()
            case "temp":
                pump.set_temp_rate(number, 30)
            case "site":
                pump.change_site(float(number))
            case "wait":
                pump.run_for(minutes=number)
        pump.run_for(minutes=15)
    while pump.boluses.busy:
        pump.run_for(minutes=1)
    pump.log_event(90)
    found = reservoir(history(pump.events))
    assert found is not None
    truth = pump.reservoir.left
    assert truth - 1.01 <= found.left <= truth + 0.01


@given(
    first=st.integers(1024 - 5, 1024),
    alarm=st.sampled_from([8, 25, 32, 2]),
    stopped_after=st.none() | st.integers(0, 3600),
    again=st.sampled_from(["resume", "battery", "fill", None]),
)
def test_nothing_is_left_after_an_alarm_that_says_so(
    first: int, alarm: int, stopped_after: int | None, again: str | None
) -> None:
    """An empty cartridge has zero, and a removed one is unknown until the pump logs the reservoir again.

    The reading of a suspension meanwhile does not count.
    """
    log = PumpDay(first=first).resume("06:00:00", insulin=90)
    log.rate_change("06:00:00", 1.0).alarm("08:00:00", alarm)
    if stopped_after is not None:
        stopped = at("08:00:00") + timedelta(seconds=stopped_after)
        log.suspend(f"{stopped:%H:%M:%S}", 1, insulin=87)
    log.seen("09:30:00")
    held = {8: 0, 25: None, 32: None, 2: 88 if stopped_after is None else 87}[alarm]
    assert left(log) == held
    match again:
        case "resume":
            log.resume("10:00:00", insulin=60)
        case "battery":
            log.write("10:00:00", 9, abc=61, insulin=60)
        case "fill":
            filled(log, "10:00:00", 60)
        case _:
            pass
    assert left(log) == (60 if again else held)


def test_an_empty_cartridge_lasts_no_longer() -> None:
    """The previous estimate does not matter."""
    log = PumpDay().resume("00:00:00", insulin=90)
    for day in range(4):
        for hour in range(24):
            for minute in range(0, 60, 5):
                if day < 3 or hour < 8:
                    log.basal(f"{hour:02}:{minute:02}:10", 1.0)
        if day < 3:
            log.next_day()
    assert cartridge_lasts_until([log.history()], reservoir(log.history()))
    known = log.alarm("08:00:00", 8).reading("08:55:00", 150).history()
    assert cartridge_lasts_until([known], reservoir(known)) == known.newest


def test_before_the_first_reading_or_fill_nothing_is_known() -> None:
    """Each moment uses only events before it."""
    log = PumpDay().rate_change("07:00:00", 1.0).resume("08:00:00", insulin=100)
    known = log.rate_change("09:00:00", 1.2).history()
    first, second = known.basal
    assert Cartridge(known).anchor(first) is None
    anchor = Cartridge(known).anchor(second)
    assert isinstance(anchor, CartridgeReading)
    assert anchor.insulin == 100


@pytest.mark.parametrize("seed", range(3))
def test_any_moment_is_what_was_held_less_what_went_since(seed: int) -> None:
    """Adding up all deliveries one by one gives the same, hours after extended boluses too."""
    pump = SimulatedPump(start=START, time_zone=ZoneInfo("UTC"), seed=seed)
    pump.run_for(hours=30)
    pump.give_bolus(4.0, extended_minutes=240, now_percent=25)
    pump.run_for(hours=30)
    known = history(pump.events)
    cartridge = Cartridge(known)
    delivered = [*basal_deliveries(known), *bolus_deliveries(known)]
    compared = 0
    for moment in known.insulin_on_board:
        anchor = cartridge.anchor(moment)
        if not isinstance(anchor, CartridgeReading) or anchor.insulin is None:
            continue
        if any(anchor.key < fill.key < moment.key for fill in known.fills):
            continue
        used = sum(part.between(anchor.start, moment.start) for part in delivered)
        assert cartridge.left(anchor, moment) == pytest.approx(
            max(0.0, anchor.insulin - used)
        )
        compared += 1
    assert compared
