"""Averages per day of delivered insulin and of time in each mode."""

from datetime import timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.therapy.day_averages import (
    DayAverages,
    day_averages,
)
from custom_components.tconnectsync.therapy.history import History

from .pump_days import PumpDay, at

WEEK = timedelta(days=7)


def rates(log: PumpDay, first: str, last: str, rate: float) -> PumpDay:
    """Log a rate every five minutes of a day, both ends included."""
    now, end = at(first), at(last)
    while now <= end:
        log.basal(f"{now:%H:%M:%S}", rate)
        now += timedelta(minutes=5)
    return log


def even_delivery(days: int = 2, rate: float = 1.0) -> PumpDay:
    """Return a pump that delivers evenly for complete days, from midnight until five minutes before midnight."""
    log = PumpDay("2026-05-10")
    for _ in range(days):
        rates(log, "00:00:00", "23:55:00", rate).next_day()
    return log


def averages(*logs: PumpDay, span: timedelta = WEEK) -> DayAverages:
    """Return the averages of logs up to the newest event of all."""
    histories = [log.history() for log in logs]
    newest = max(one.newest for one in histories if one.newest)
    found = day_averages(histories, newest, span)
    assert found is not None
    return found


def test_a_day_is_a_day_of_what_is_known() -> None:
    """The average counts known days only; two days are not enough to represent a week."""
    log = even_delivery(2)
    log.ask("00:00:00", 1, 6.0, carbs=60).start("00:00:00", 1, 6.0)
    log.end("00:03:00", 1, 6.0).basal("00:05:00", 1.0)
    found = averages(log)
    days = found.covered / timedelta(days=1)
    assert days == pytest.approx(2, abs=0.01)
    assert found.insulin == pytest.approx(24 + 6 / days, abs=0.05)
    assert found.basal_share == pytest.approx(100 * 48 / 54, abs=0.1)
    assert found.carbs == pytest.approx(60 / days)
    assert (found.sufficient, found.says_something) == (False, True)


@pytest.mark.parametrize(
    ("days", "sufficient", "says_something"),
    [(1, False, False), (2, False, True), (4, False, True), (6, True, True)],
)
def test_averages_say_how_much_they_rest_on(
    days: int, sufficient: bool, says_something: bool
) -> None:
    """70 percent of seven days is enough; less than a day gives no average."""
    found = averages(even_delivery(days))
    assert (found.sufficient, found.says_something) == (sufficient, says_something)


def test_what_the_pump_gave_of_its_own_accord() -> None:
    """Automatic corrections are averaged separately."""
    log = even_delivery(2)
    log.ask("00:00:00", 1, 1.5, kind=2, option=3).start("00:00:00", 1, 1.5, source=7)
    log.end("00:01:00", 1, 1.5)
    log.ask("00:02:00", 2, 4.0).start("00:02:00", 2, 4.0).end("00:04:00", 2, 4.0)
    found = averages(log.basal("00:05:00", 1.0))
    assert found.automatic_corrections == pytest.approx(0.75, abs=0.01)
    assert found.insulin == pytest.approx(24 + 5.5 / 2, abs=0.1)


def test_a_suspension_is_known_and_no_insulin() -> None:
    """Half the time without delivery is half the insulin."""
    log = PumpDay("2026-05-10").basal("00:00:00", 1.0)
    rates(log, "00:05:00", "11:55:00", 1.0).suspend("12:00:00")
    log.next_day().resume("12:00:00")
    rates(log, "12:00:00", "23:55:00", 1.0).next_day().basal("00:00:00", 1.0)
    found = averages(log)
    assert found.covered == timedelta(days=2)
    assert found.insulin == pytest.approx(12, abs=0.05)


def test_two_pumps_are_one_person() -> None:
    """Insulin of both pumps counts, and a day of each is two days."""
    before = even_delivery(1)
    after = PumpDay("2026-05-11", first=5)
    rates(after, "00:00:00", "23:55:00", 3.0)
    found = averages(before, after)
    assert found.covered / timedelta(days=2) == pytest.approx(1, abs=0.01)
    assert found.insulin == pytest.approx(48, abs=0.5)


NOT_KNOWN = 9
"""A mode that no version decodes."""


@given(
    changes=st.lists(
        st.tuples(st.integers(1, 6 * 60), st.sampled_from([1, 2, 3, NOT_KNOWN])),
        max_size=10,
    )
)
def test_time_in_modes(changes: list[tuple[int, int]]) -> None:
    """Time counts by the minute from the first logged mode; an unknown mode counts for none."""
    log = PumpDay("2026-05-10")
    minute_modes: list[int] = []
    modes: dict[int, int] = {}
    now = 0
    for minutes, mode in changes:
        now += minutes
        modes[now] = mode
    for minute in range(2 * 24 * 60):
        day, within = divmod(minute, 24 * 60)
        time = f"2026-05-{10 + day}T{within // 60:02}:{within % 60:02}:00"
        if minute in modes:
            log.write(time, 230, currentPcm=modes[minute])
            log.write(time, 229, currentUserMode=modes[minute] - 1)
        if minute % 5 == 0:
            log.basal(time, 1.0)
        if modes and minute >= min(modes):
            mode = modes[max(one for one in modes if one <= minute)]
            minute_modes += [mode] * (mode != NOT_KNOWN)
    found = averages(log.seen("2026-05-12T00:00:00"))
    if not minute_modes:
        assert found.in_control_iq is found.in_sleep is found.in_exercise is None
        return
    percent = 100 / len(minute_modes)
    assert found.in_control_iq == pytest.approx(percent * minute_modes.count(3))
    assert found.in_sleep == pytest.approx(percent * minute_modes.count(2))
    assert found.in_exercise == pytest.approx(percent * minute_modes.count(3))


def test_nothing_is_known_of_no_pump() -> None:
    """Without a pump, or without a rate, there are no averages."""
    assert day_averages([], at("10:00:00"), WEEK) is None
    assert day_averages([History()], None, WEEK) is None
    history = PumpDay().seen("10:00:00").history()
    assert day_averages([history], history.newest, WEEK) is None
