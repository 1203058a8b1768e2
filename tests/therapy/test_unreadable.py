"""Unreadable insulin and glucose events make every sum that needs them unknown."""

from datetime import UTC, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.therapy.day_averages import day_averages
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.hourly_figures import hours
from custom_components.tconnectsync.therapy.insulin_curve import (
    insulin_on_board_estimate,
)
from custom_components.tconnectsync.therapy.last_bolus import last_bolus
from custom_components.tconnectsync.therapy.records import BolusKind
from custom_components.tconnectsync.therapy.report import build_report
from custom_components.tconnectsync.therapy.reservoir import reservoir
from custom_components.tconnectsync.therapy.totals import Totals, compute_totals
from custom_components.tconnectsync.therapy.unreadable import MARGIN, codes_since

from .pump_days import PumpDay, at

BASAL = (11, 12, 279, 559)
BOLUS = (20, 21)
CARBS = (64,)
FILLS = (33, 61, 63)
LOST = 60


def a_day(code: int) -> History:
    """Return a day with insulin at every hour, a meal at six, and at noon an unreadable event of this code."""
    log = PumpDay().resume("00:00:00", insulin=200).rate_change("00:00:00", 1.0)
    log.ask("06:00:00", 7, 2.0, carbs=30).start("06:00:15", 7, 2.0)
    log.end("06:01:00", 7, 2.0)
    broken = log.write("12:00:00", code).raws[-1]
    broken["eventProperties"] = None
    return log.seen("18:00:00").history()


def day(history: History) -> Totals:
    """Return the totals of the day."""
    found = compute_totals(
        [history], at("00:00:00"), at("00:00:00") + timedelta(days=1)
    )
    assert found is not None
    return found


def boluses_lacking(*codes: int) -> History:
    """Return meals of 20 g at seven, of 30 g at nine with events of these codes unreadable, and of 40 g."""
    log = PumpDay().rate_change("00:00:00", 1.0)
    for hour, carbs in ((7, 20), (9, 30), (11, 40)):
        begun = len(log.raws)
        log.ask(f"{hour:02}:00:00", hour, 3.0, carbs=carbs)
        log.start(f"{hour:02}:00:15", hour, 3.0).end(f"{hour:02}:02:00", hour, 3.0)
        log.summary(f"{hour:02}:02:00", hour, 3.0, delivered=3.0)
        for raw in log.raws[begun:]:
            if hour == 9 and raw["eventCode"] in codes:
                raw["eventProperties"] = None
    return log.seen("18:00:00").history()


@pytest.mark.parametrize("code", [*BASAL, *BOLUS, *CARBS, *FILLS, 256, 372, 399, 480])
def test_it_is_known_that_it_was_logged(code: int) -> None:
    """The code shows the kind of the unreadable event."""
    history = a_day(code)
    assert codes_since(history.unreadable, at("00:00:00")) == f"{code} (1)"
    assert codes_since(history.unreadable, at("12:00:01")) == ""


@pytest.mark.parametrize(
    "code", [5, 9, 55, 65, 66, 280, 313, 558, 562, 563, 564, 565, 566, 9999]
)
def test_what_tells_no_amount_of_its_own(code: int) -> None:
    """All other results stay as they are."""
    history = a_day(code)
    assert history.unreadable == ()
    assert day(history).insulin == pytest.approx(20)
    assert (day(history).carbs, day(history).bolus_count) == (30, 1)
    assert reservoir(history) is not None
    assert insulin_on_board_estimate([history], 300) is not None


@pytest.mark.parametrize("code", [*BASAL, *BOLUS, *CARBS])
def test_totals(code: int) -> None:
    """Basal or boluses become unknown, and all insulin with them, or carbs; another day stays known."""
    found = day(a_day(code))
    assert (found.basal is None) == (code in BASAL)
    assert (found.bolus is None) == (code in BOLUS)
    assert (found.bolus_count is None) == (code in BOLUS)
    assert (found.automatic_count is None) == (code in BOLUS)
    assert (found.carbs is None) == (code in CARBS)
    assert (found.insulin is None) == (code not in CARBS)
    assert (found.basal_share is None) == (code not in CARBS)
    before = compute_totals([a_day(code)], at("00:00:00"), at("11:00:00"))
    assert before is not None
    assert before.insulin == pytest.approx(13)
    assert (before.carbs, before.bolus_count) == (30, 1)


@pytest.mark.parametrize("code", [*BASAL, *BOLUS, *CARBS])
def test_averages_of_days(code: int) -> None:
    """Insulin per day, its share and, for boluses, automatic ones become unknown, or carbs."""
    found = day_averages([a_day(code)], at("18:00:00"), timedelta(days=7))
    assert found is not None
    assert (found.insulin is None) == (code not in CARBS)
    assert (found.basal_share is None) == (code not in CARBS)
    assert (found.automatic_corrections is None) == (code in BOLUS)
    assert found.carbs == (None if code in CARBS else pytest.approx(40))
    later = day_averages([a_day(code)], at("18:00:00"), timedelta(hours=5))
    assert later is not None
    assert later.insulin == pytest.approx(24)
    assert later.carbs == 0


@pytest.mark.parametrize("code", [*BASAL, *BOLUS, *CARBS])
def test_a_report(code: int) -> None:
    """Averages, the day, and the number of boluses of each kind become unknown."""
    found = build_report([a_day(code)], UTC, 1, 70, 180)
    assert found is not None
    assert found.averages is not None
    (of_day,) = found.days
    meals = found.boluses[BolusKind.MEAL]
    assert (of_day.basal is None) == (code in BASAL)
    assert (of_day.bolus is None) == (code in BOLUS)
    assert (of_day.carbs is None) == (code in CARBS)
    assert (found.averages.carbs is None) == (code in CARBS)
    assert (meals.count, meals.insulin) == ((None, None) if code in BOLUS else (1, 2.0))


def test_a_report_without_the_log_of_another_pump() -> None:
    """Carbs and boluses are unknown like insulin."""
    found = build_report(
        [a_day(37)], UTC, 1, 70, 180, delivery_uncertain_until=at("01:00:00")
    )
    assert found is not None
    assert (found.days[0].basal, found.days[0].carbs) == (None, None)
    assert {one.count for one in found.boluses.values()} == {None}


@pytest.mark.parametrize("code", [*BASAL, *BOLUS, *CARBS])
def test_hours(code: int) -> None:
    """The hours around the event are unknown."""
    found = hours([a_day(code)])
    for hour in ("11:00:00", "12:00:00"):
        assert (found[at(hour)].basal_known is None) == (code in BASAL)
        assert (found[at(hour)].bolus_known is None) == (code in BOLUS)
        assert (found[at(hour)].insulin_known is None) == (code not in CARBS)
        assert (found[at(hour)].carbs_known is None) == (code in CARBS)
    assert found[at("10:00:00")].insulin_known == pytest.approx(1.0)
    assert found[at("06:00:00")].carbs_known == 30


@pytest.mark.parametrize("code", [*BASAL, *BOLUS, *FILLS])
def test_the_reservoir(code: int) -> None:
    """The reservoir is unknown until the next measurement."""
    history = a_day(code)
    assert reservoir(history) is None


def test_the_reservoir_once_it_was_measured() -> None:
    """Earlier events do not matter."""
    log = PumpDay().resume("10:00:00", insulin=100).rate_change("10:00:00", 0.0)
    log.write("11:00:00", 20).resume("12:00:00", insulin=80).seen("13:00:00")
    found = reservoir(log.history())
    assert found is not None
    assert found.left == 80


@pytest.mark.parametrize("code", [*BASAL, *BOLUS])
def test_the_estimate(code: int) -> None:
    """The estimate is unknown for the duration of insulin."""
    assert insulin_on_board_estimate([a_day(code)], 6 * 60) is None
    assert insulin_on_board_estimate([a_day(code)], 5 * 60) is not None
    found = hours([a_day(code)], insulin_duration=5 * 60)
    known = [hour for hour, one in found.items() if one.insulin_on_board.weight]
    assert sorted(known) == [at(f"{hour:02}:00:00") for hour in (*range(5, 12), 17, 18)]


def test_a_part_of_the_log_that_is_lost() -> None:
    """A lost part may have contained any event."""
    log = PumpDay().rate_change("00:00:00", 1.0).write("12:00:00", 60, block=1)
    history = log.seen("18:00:00").history()
    assert codes_since(history.unreadable, at("00:00:00")) == "60 (1)"
    found = day(history)
    assert (found.basal, found.bolus, found.insulin) == (None, None, None)
    assert (found.carbs, found.bolus_count, found.automatic_count) == (None, None, None)


@pytest.mark.parametrize("codes", [(64,), (64, 65), (64, 66), (64, 280)])
def test_a_bolus_whose_request_cannot_be_read(codes: tuple[int, ...]) -> None:
    """Its insulin and that it was delivered are known; its carbs, and those of its day and hour, are not."""
    history = boluses_lacking(*codes)
    assert [bolus.carbs for bolus in history.boluses] == [20, None, 40]
    assert [bolus.delivered for bolus in history.boluses] == [3.0, 3.0, 3.0]
    found = day(history)
    assert (found.bolus, found.bolus_count, found.carbs) == (9.0, 3, None)
    assert found.automatic_count == 0
    of_hour = hours([history])
    assert of_hour[at("09:00:00")].carbs_known is None
    assert of_hour[at("11:00:00")].carbs_known == 40


def test_a_bolus_whose_request_was_never_logged() -> None:
    """No event is unreadable, and the carbs are unknown all the same."""
    log = PumpDay().rate_change("00:00:00", 1.0).start("12:00:15", 7, 3.0)
    history = log.end("12:02:00", 7, 3.0).seen("18:00:00").history()
    assert history.unreadable == ()
    assert (day(history).bolus, day(history).carbs) == (3.0, None)
    averages = day_averages([history], at("18:00:00"), timedelta(days=7))
    assert averages is not None
    assert averages.carbs is None
    assert hours([history])[at("12:00:00")].carbs_known is None


def test_kinds_of_boluses_that_cannot_be_told_apart() -> None:
    """A bolus without its request may be a meal or a correction; another event shows that a person gave it."""
    found = build_report([boluses_lacking(64)], UTC, 1, 70, 180)
    assert found is not None
    counts = {kind: one.count for kind, one in found.boluses.items()}
    assert counts == {
        BolusKind.AUTOMATIC: 0,
        BolusKind.EXTENDED: 0,
        BolusKind.MEAL: None,
        BolusKind.CORRECTION: None,
    }


@pytest.mark.parametrize(
    ("broken_at", "is_known"), [("06:01:00", True), ("12:00:00", False)]
)
def test_the_last_bolus_before_an_end_that_cannot_be_read(
    broken_at: str, is_known: bool
) -> None:
    """An unreadable end is that of the last bolus only while that bolus may still end."""
    log = PumpDay().rate_change("00:00:00", 1.0)
    log.ask("06:00:00", 7, 2.0).start("06:00:15", 7, 2.0)
    log.write(broken_at, 20).raws[-1]["eventProperties"] = None
    history = log.seen("12:30:00").history()
    assert (last_bolus([history]) is not None) is is_known


def test_a_bolus_that_the_pump_may_have_given_by_itself() -> None:
    """Without request, options and summary its source is unknown."""
    history = boluses_lacking(64, 65, 280)
    assert (day(history).bolus_count, day(history).automatic_count) == (3, None)
    averages = day_averages([history], at("18:00:00"), timedelta(days=1))
    assert averages is not None
    assert averages.automatic_corrections is None
    found = build_report([history], UTC, 1, 70, 180)
    assert found is not None
    assert found.boluses[BolusKind.AUTOMATIC].count is None
    assert found.boluses[BolusKind.EXTENDED].count == 0


def test_an_automatic_bolus_has_no_carbs() -> None:
    """This holds with any of its events unreadable."""
    log = PumpDay().rate_change("00:00:00", 1.0).ask("12:00:00", 7, 1.0, option=3)
    log.start("12:00:15", 7, 1.0, source=7).end("12:01:00", 7, 1.0)
    del log.raws[1]
    history = log.seen("18:00:00").history()
    assert (day(history).automatic_count, day(history).carbs) == (1, 0)


@given(
    unread=st.sets(st.integers(0, 23)),
    first=st.integers(0, 23 * 60),
    lasts=st.integers(1, 24 * 60),
)
def test_carbs_are_right_or_not_known(unread: set[int], first: int, lasts: int) -> None:
    """For any span, day and hour the sum is never one that lacks a meal."""
    log, meals = PumpDay().rate_change("00:00:00", 1.0), []
    for hour in range(24):
        log.ask(f"{hour:02}:30:00", hour, 1.0, carbs=hour + 1)
        if hour in unread:
            log.raws[-3]["eventProperties"] = None
        log.start(f"{hour:02}:30:15", hour, 1.0).end(f"{hour:02}:31:00", hour, 1.0)
        meals.append((at(f"{hour:02}:30:15"), hour + 1))
    history = log.seen("23:59:00").history()
    start = at("00:00:00") + timedelta(minutes=first)
    end = start + timedelta(minutes=lasts)
    within = [(when, carbs) for when, carbs in meals if start <= when < end]
    found = compute_totals([history], start, end)
    assert found is not None
    certain = not any(when.hour in unread for when, _ in within)
    if found.carbs is not None:
        assert certain
        assert found.carbs == sum(carbs for _, carbs in within)
    elif certain:
        asked = [at(f"{hour:02}:30:00") for hour in unread]
        assert any(start - MARGIN < one < end + MARGIN for one in asked)
    of_hours = hours([history])
    for when, carbs in meals:
        expected = None if when.hour in unread else carbs
        assert of_hours[when.replace(minute=0, second=0)].carbs_known == expected


def test_changes_beside_deliveries_need_not_be_read() -> None:
    """Such changes repeat the deliveries; on their own they are needed."""
    assert a_day(3).unreadable
    log = PumpDay().basal("10:00:00", 1.0).write("10:01:00", 3).basal("10:05:00", 1.0)
    assert log.history().unreadable == ()


def test_a_reading_that_another_one_followed() -> None:
    """Only one reading is missing; if the newest one is unreadable, glucose is unknown."""
    log = PumpDay().reading("10:00:00", 100).write("10:05:00", 399)
    assert [one.code for one in log.history().unreadable] == [399]
    assert log.reading("10:10:00", 100).history().unreadable == ()
