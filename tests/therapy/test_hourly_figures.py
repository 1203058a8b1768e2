"""Figures by the hour in which the delivery happened."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from statistics import fmean
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.tconnectsync.therapy.history import Derivation, History
from custom_components.tconnectsync.therapy.hourly_figures import (
    Hour,
    first_complete_hour,
    hour_of,
    hours,
)
from custom_components.tconnectsync.therapy.result_cache import ResultCache
from demo.pump import SimulatedPump
from tests import uploaded_lives
from tests.uploaded_lives import PUMPS, Moment, derived

from .pump_days import DAY, PumpDay, at, history
from .pump_swaps import BEGIN, DURATION, Life, lives

START = datetime(2026, 5, 11, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)
TODAY = date.fromisoformat(DAY)
YESTERDAY = TODAY - timedelta(days=1)


@cache
def lived(seed: int) -> tuple[SimulatedPump, History]:
    """Return a pump that ran for three busy days, and its history."""
    pump = SimulatedPump(start=START, time_zone=ZoneInfo("Asia/Kolkata"), seed=seed)
    pump.run_for(days=3)
    return pump, history(pump.events, zone="Asia/Kolkata")


def hour(log: PumpDay, time: str) -> Hour:
    """Return one hour of a log."""
    return hours([log.history()])[at(time)]


@pytest.mark.parametrize("seed", range(4))
def test_each_hour_agrees_with_what_was_delivered(seed: int) -> None:
    """Basal and boluses agree with the pump's own count, and so do all sums."""
    pump, of = lived(seed)
    newest = of.newest or START
    found = hours([of])
    first = START.replace(minute=0, second=0) + HOUR
    for begin, figures in found.items():
        if begin >= first:
            until = min(begin + HOUR, newest)
            basal = pump.basal_delivered(begin, until)
            bolus = pump.bolus_delivered(begin, until)
            assert figures.basal == pytest.approx(basal, abs=0.01)
            assert figures.bolus == pytest.approx(bolus, abs=0.1)
    whole = [figures for begin, figures in found.items() if begin >= first]
    assert sum(one.basal for one in whole) == pytest.approx(
        pump.basal_delivered(first, newest), abs=0.01
    )
    assert sum(one.bolus for one in found.values()) == pytest.approx(
        pump.bolus_delivered(START, newest), abs=0.01
    )
    assert sum(one.carbs for one in found.values()) == pump.carbs(START, newest)


def test_hours_from_one_on_are_those_among_all() -> None:
    """Records that started before and continue count, and those that are over are left out."""
    _, of = lived(2)
    every = hours([of])
    first = sorted(every)[30]
    assert hours([of], first) == {
        begin: figures for begin, figures in every.items() if begin >= first
    }


def test_a_rate_counts_by_how_long_it_held() -> None:
    """The mean of a rate is weighted by time, and its amount is the delivered insulin."""
    log = (
        PumpDay()
        .rate_change("08:00:00", 1.0)
        .rate_change("08:45:00", 3.0)
        .seen("10:00:00")
    )
    figures = hour(log, "08:00:00")
    assert figures.basal_rate.mean == pytest.approx(1.5)
    assert (figures.basal_rate.low, figures.basal_rate.high) == (1.0, 3.0)
    assert figures.basal == pytest.approx(1.5)
    assert hour(log, "09:00:00").basal == pytest.approx(3.0)


def test_a_suspension_is_a_rate_of_nothing() -> None:
    """Half an hour without delivery halves the mean."""
    log = PumpDay().rate_change("08:00:00", 2.0).suspend("08:30:00").resume("09:00:00")
    log.rate_change("09:00:00", 2.0).seen("09:30:00")
    figures = hour(log, "08:00:00")
    assert figures.basal_rate.mean == pytest.approx(1.0)
    assert figures.basal_rate.low == 0
    assert figures.basal == pytest.approx(1.0)


def test_nothing_is_counted_past_the_newest_event() -> None:
    """Future delivery of the running rate and of a running extended part is unknown."""
    log = PumpDay().rate_change("08:00:00", 2.0)
    log.ask("08:00:00", 7, 2.0, option=1, percent=0, minutes=120)
    log.start("08:00:00", 7, 0.0, 2.0, minutes=120).seen("09:00:00")
    found = hours([log.history()])
    assert found.keys() == {at("08:00:00")}
    assert found[at("08:00:00")].basal == pytest.approx(2.0)
    assert found[at("08:00:00")].bolus == pytest.approx(1.0)


def test_a_bolus_whose_end_is_not_known_yet() -> None:
    """The bolus counts in the hours in which it had time to flow."""
    log = PumpDay().ask("08:58:47", 7, 4.0).start("08:59:02", 7, 4.0).seen("09:01:00")
    assert hour(log, "08:00:00").bolus == pytest.approx(2.0)
    assert hour(log, "09:00:00").bolus == pytest.approx(2.0)


def test_an_extended_part_is_spread_over_its_hours() -> None:
    """Two units over two hours are one unit in each."""
    log = PumpDay().ask("08:00:00", 7, 2.0, option=1, percent=0, minutes=120)
    log.start("08:00:00", 7, 0.0, 2.0, minutes=120)
    log.end("10:00:00", 7, 2.0, extended=True).seen("11:00:00")
    found = hours([log.history()])
    assert found[at("08:00:00")].bolus == pytest.approx(1.0, abs=0.01)
    assert found[at("09:00:00")].bolus == pytest.approx(1.0, abs=0.01)


def test_glucose() -> None:
    """Evenly spaced readings have the same weight; one without a number does not count."""
    log = PumpDay().reading("08:00:00", 100).reading("08:05:00", 120)
    log.reading("08:10:00", 140).reading("08:15:00", 0, status=6)
    figures = hour(log.seen("09:00:00"), "08:00:00")
    assert figures.glucose.mean == pytest.approx(120)
    assert (figures.glucose.low, figures.glucose.high) == (100, 140)


def test_a_reading_stands_into_the_next_hour() -> None:
    """Three of its five minutes belong to one hour, two to the other; the newest reading counts for its second."""
    log = PumpDay().reading("08:57:00", 100).reading("09:02:00", 200)
    assert hour(log, "09:00:00").glucose.mean == pytest.approx((120 * 100 + 200) / 121)
    log.seen("10:00:00")
    assert hour(log, "08:00:00").glucose.weight == 180
    assert hour(log, "09:00:00").glucose.mean == pytest.approx((2 * 100 + 5 * 200) / 7)


@given(
    values=st.dictionaries(
        st.integers(0, 2 * 60 - 1), st.integers(13, 133), min_size=1
    ),
    cut=st.integers(0, 2 * 60 - 1),
)
def test_glucose_weighs_by_time(values: dict[int, int], cut: int) -> None:
    """By the minute, the last reading of any pump counts for up to five minutes, at any interval."""
    logs = PumpDay(), PumpDay(first=5000)
    values = {minute: 3 * value + minute % 3 for minute, value in values.items()}
    for minute, value in sorted(values.items()):
        log = logs[minute >= cut]
        log.reading(f"{8 + minute // 60:02}:{minute % 60:02}:00", value)
    found = hours([log.seen("11:00:00").history() for log in logs])
    for begin in (0, 60):
        standing = [
            values[max(near)]
            for minute in range(begin, begin + 60)
            if (near := [one for one in values if minute - 5 < one <= minute])
        ]
        figures = found.get(at(f"{8 + begin // 60:02}:00:00"), Hour()).glucose
        assert figures.weight == 60 * len(standing)
        if standing:
            assert figures.mean == pytest.approx(fmean(standing))
            assert (figures.low, figures.high) == (min(standing), max(standing))


@pytest.mark.parametrize("seed", range(4))
def test_insulin_on_board_is_near_the_pumps_own(seed: int) -> None:
    """The mean of each stored hour is near the simulated pump's own curve, which uses another model."""
    pump, of = lived(seed)
    found = hours([of], insulin_duration=300)
    first = hour_of(START) + timedelta(hours=6)
    last = hour_of(of.newest or START)
    errors = []
    for count in range((last - first) // HOUR):
        begin = first + count * HOUR
        points = [
            pump.insulin_on_board(begin + timedelta(minutes=minute))
            for minute in range(0, 60, 5)
        ]
        figures = found[begin].insulin_on_board
        errors.append(abs(figures.mean - fmean(points)))
    assert len(errors) > 60
    assert fmean(errors) < 0.25


A_SECOND = 0.03
"""Delivery of a running bolus within the last second of a log (U)."""


@given(life=lives(), after=st.integers(0, 2 * DURATION))
def test_insulin_on_board_is_the_mean_of_the_curve(life: Life, after: int) -> None:
    """The mean equals the published formula every five minutes, up to the end of the log, over all pumps."""
    newest, histories = life.ending(after)
    first = hour_of(histories[0].newest or BEGIN)
    figures = hours(histories, first, insulin_duration=DURATION)[first].insulin_on_board
    begin = int((first - BEGIN).total_seconds())
    points = [life.on_board(second) for second in range(begin, int(newest) + 1, 300)]
    assert figures.weight == len(points)
    assert figures.mean == pytest.approx(fmean(points), abs=A_SECOND)
    assert figures.low == pytest.approx(min(points), abs=A_SECOND)
    assert figures.high == pytest.approx(max(points), abs=A_SECOND)


def test_insulin_on_board_that_is_not_known() -> None:
    """It is unknown before a full duration of log, and half an hour after the last known rate."""
    log = PumpDay().rate_change("00:00:00", 2.0).suspend("08:00:00").resume("09:00:00")
    found = hours([log.seen("12:00:00").history()], insulin_duration=300)
    known = [begin for begin, one in found.items() if one.insulin_on_board.weight]
    assert sorted(known) == [at(f"{hour:02}:00:00") for hour in range(5, 10)]
    assert found[at("09:00:00")].insulin_on_board.weight == 7
    unknown = hours([log.history()])
    assert not any(one.insulin_on_board.weight for one in unknown.values())


def test_pumps_in_use_one_after_the_other_add_up() -> None:
    """The hour of the change contains the insulin of both pumps."""
    old = PumpDay().rate_change("08:00:00", 2.0).seen("08:30:00").history()
    new = PumpDay().rate_change("08:30:00", 4.0).seen("09:00:00").history()
    assert hours([old, new, History()])[at("08:00:00")].basal == pytest.approx(3.0)


class TestWholeFrom:
    """The first hour that is independent of records before the end of a pump day."""

    def days(self, zone: str) -> History:
        """Return two days with a rate every five minutes, the second from two past midnight."""
        log = PumpDay(YESTERDAY.isoformat()).rate_change("23:57:00", 1.0).next_day()
        log.rate_change("00:02:00", 1.5).rate_change("00:07:00", 2.0).seen("03:00:00")
        return log.history(zone=zone)

    def test_the_hour_that_begins_at_midnight(self) -> None:
        """The state at midnight is known from the day before."""
        assert first_complete_hour([self.days("UTC")], YESTERDAY) == at("00:00:00")

    def test_the_first_full_hour_in_a_half_hour_zone(self) -> None:
        """Midnight in India is at half past an hour of UTC."""
        first = first_complete_hour([self.days("Asia/Kolkata")], YESTERDAY)
        assert first == at("19:00:00", YESTERDAY.isoformat())

    def test_the_earliest_of_several_pumps(self) -> None:
        """A pump put on in the afternoon does not remove the other pump's morning."""
        afternoon = PumpDay().rate_change("15:00:00", 1.0).seen("16:00:00").history()
        assert first_complete_hour([afternoon, self.days("UTC")], YESTERDAY) == at(
            "00:00:00"
        )

    def test_nothing_happened_since(self) -> None:
        """Without later events there is no such hour."""
        assert first_complete_hour([self.days("UTC"), History()], TODAY) is None


@settings(max_examples=15)
@given(life=uploaded_lives.lives(), back=st.integers(0, 96))
def test_hours_that_are_kept_are_those_of_now(life: list[Moment], back: int) -> None:
    """Cached hours equal new ones after late events, clock moves and forgotten days, from any hour on."""
    derivations, cache = [Derivation() for _ in PUMPS], ResultCache()
    for moment in life:
        histories = [*derived(moment, derivations).values()]
        first = uploaded_lives.START + (back - 24) * HOUR
        found = hours(histories, first, insulin_duration=300, cache=cache)
        whole = hours(histories, insulin_duration=300)
        assert found == {hour: one for hour, one in whole.items() if hour >= first}
