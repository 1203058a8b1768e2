"""The time until a cartridge is empty: its insulin divided by the recent use."""

from datetime import timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.therapy.cartridge_lasts_until import (
    cartridge_lasts_until,
)
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.reservoir import Reservoir, reservoir

from .pump_days import PumpDay, at

FIRST = "2026-05-10"
HOUR = timedelta(hours=1)


def left(units: float) -> Reservoir:
    """Return the remaining insulin."""
    return Reservoir(left=units, reading=None, read_at=None, filled=None)


def delivering(
    days: int, rate: float, *, day: str = FIRST, first: int = 1000
) -> PumpDay:
    """Return a pump that delivers evenly for some days from midnight and has just logged its reservoir."""
    log = PumpDay(day, first=first).rate_change("00:00:00", rate)
    for _ in range(days):
        log.next_day()
    return log.rate_change("00:00:00", rate)


def test_an_even_pace() -> None:
    """At a unit an hour, 30 U last 30 hours."""
    log = delivering(4, 1.0)
    until = cartridge_lasts_until([log.history()], left(30))
    assert until == at("00:00:00", log.day) + 30 * HOUR


def test_boluses_count() -> None:
    """24 U of basal and 12 U of boluses a day use 36 U a day."""
    log = PumpDay(FIRST).rate_change("00:00:00", 1.0)
    for number in range(1, 5):
        log.ask("08:00:00", number, 12.0, carbs=100).start("08:00:00", number, 12.0)
        log.end("08:05:00", number, 12.0).next_day()
    log.rate_change("00:00:00", 1.0)
    until = cartridge_lasts_until([log.history()], left(36))
    assert until is not None
    assert abs(until - at("00:00:00", log.day) - 24 * HOUR) < timedelta(minutes=5)


@given(
    rates=st.lists(st.floats(0.1, 5), min_size=72, max_size=90),
    units=st.floats(0, 60),
)
def test_any_pace(rates: list[float], units: float) -> None:
    """The last 72 hours count by the hour; earlier ones do not matter."""
    rates = [round(rate, 3) for rate in rates]
    log = PumpDay(FIRST)
    for hour, rate in enumerate([*rates, 1.0]):
        stamp = at("00:00:00", FIRST) + hour * HOUR
        log.rate_change(f"{stamp:%Y-%m-%dT%H:%M:%S}", rate)
    until = cartridge_lasts_until([log.history()], left(units))
    end = at("00:00:00", FIRST) + len(rates) * HOUR
    hours = units / (sum(rates[-72:]) / 72)
    if hours > 30 * 24:
        assert until is None
    else:
        assert until is not None
        assert abs(until - end - hours * HOUR) < timedelta(seconds=1)


def test_a_pump_that_was_replaced_counts() -> None:
    """Insulin of both pumps counts as the person's use."""
    before = delivering(3, 1.0).suspend("00:00:00")
    now = PumpDay(before.day, first=9000).rate_change("00:00:00", 1.0)
    now.rate_change("06:00:00", 1.0)
    until = cartridge_lasts_until([now.history(), before.history()], left(10))
    assert until == at("16:00:00", now.day)


def test_time_without_delivery_is_known() -> None:
    """Half the time suspended is half the use."""
    log = PumpDay(FIRST).rate_change("00:00:00", 2.0)
    for _ in range(4):
        log.suspend("12:00:00").next_day().resume("00:00:00")
        log.rate_change("00:00:00", 2.0)
    until = cartridge_lasts_until([log.history()], left(24))
    assert until == at("00:00:00", log.day) + 24 * HOUR


@pytest.mark.parametrize(("days", "known"), [(1, False), (2, False), (3, True)])
def test_too_little_is_known(days: int, known: bool) -> None:
    """The estimate needs 70 percent of three days: 51 hours."""
    until = cartridge_lasts_until([delivering(days, 1.0).history()], left(30))
    assert (until is not None) is known


def broken(at_day: int) -> History:
    """Return four days of even use, with an unreadable bolus on one of them."""
    log = PumpDay(FIRST).rate_change("00:00:00", 1.0)
    for day in range(5):
        if day == at_day:
            log.write("06:00:00", 20)
        log.next_day()
    return log.rate_change("00:00:00", 1.0).history()


@pytest.mark.parametrize(("day", "known"), [(0, True), (1, True), (3, False)])
def test_insulin_that_cannot_be_read_leaves_it_unknown(day: int, known: bool) -> None:
    """The use is unknown then; an unreadable bolus before the three days does not matter."""
    history = broken(day)
    assert history.unreadable
    assert (cartridge_lasts_until([history], left(30)) is not None) is known


def test_nothing_is_known_of_a_cartridge_nobody_measured() -> None:
    """Without a reservoir, or without a log, the time is unknown."""
    log = delivering(4, 1.0).history()
    assert reservoir(log) is None
    assert cartridge_lasts_until([log], None) is None
    assert cartridge_lasts_until([History()], left(30)) is None


def test_an_empty_cartridge_lasts_no_longer() -> None:
    """An empty cartridge lasts no longer, with any use or none."""
    for rate in (0.0, 1.0):
        log = delivering(4, rate)
        until = cartridge_lasts_until([log.history()], left(0))
        assert until == at("00:00:00", log.day)


def test_without_use_nobody_can_tell() -> None:
    """Three days without use do not mean that the cartridge lasts forever."""
    assert cartridge_lasts_until([delivering(4, 0.0).history()], left(30)) is None
