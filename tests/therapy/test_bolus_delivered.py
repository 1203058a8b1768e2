"""The delivered amount of a bolus: as logged, else as far as the time allowed, and zero if it never started."""

from datetime import timedelta

from hypothesis import assume, given, strategies as st
import pytest

from custom_components.tconnectsync.tandem.event_types import RawEvent
from custom_components.tconnectsync.therapy.bolus_notes import bolus_notes
from custom_components.tconnectsync.therapy.delivered_insulin import bolus_deliveries
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.insulin_curve import (
    insulin_on_board_ends,
    insulin_on_board_estimate,
)
from custom_components.tconnectsync.therapy.records import Bolus, Delivery
from custom_components.tconnectsync.therapy.state import derive_state
from custom_components.tconnectsync.therapy.totals import compute_totals
from custom_components.tconnectsync.therapy.unreadable import codes_since

from .bolus_lives import STOPS, BolusLife, Cut, bolus_lives
from .pump_days import PumpDay, at, history

A_SECOND = 0.06
"""Tolerance of each bolus (U): times are whole seconds, and 29 of them give a unit."""
MIDNIGHT = at("00:00:00")


def the_bolus(log: PumpDay) -> Bolus:
    """Return the only bolus of a day."""
    (bolus,) = log.history().boluses
    return bolus


def total(known: History) -> float:
    """Return the delivered amount in the history (U)."""
    return sum(bolus.delivered for bolus in known.boluses)


# Never started.


@pytest.mark.parametrize("percent", [100, 50, 0])
def test_asked_for_and_never_started(percent: int) -> None:
    """If the log continues without a start, nothing was delivered and no carbs were eaten for it."""
    log = PumpDay().ask(
        "12:00:00", 7, 5.0, carbs=50, option=1, percent=percent, minutes=60
    )
    running = the_bolus(log.seen("12:01:30"))
    assert (running.in_progress, running.never_started) == (True, False)
    assert (running.delivered, running.requested) == (0.0, 5.0)
    for seen in ("12:05:00", "15:30:00", "23:00:00"):
        never = the_bolus(log.seen(seen))
        assert (never.in_progress, never.never_started) == (False, True)
        assert (never.delivered, never.carbs, never.complete) == (0.0, 0, False)
        assert not never.end_missing
        assert bolus_notes(never) == "5.00 U asked for, never started"


def a_request_before_a_hole(
    numbers: int, goes_on: str, *, first: int = 1000, group: int = 0, after: int = 0
) -> PumpDay:
    """Request 5 U and 50 g at 12:12, with a hole of this many events some seconds later; all else is known."""
    log = PumpDay("2026-05-13", first=first)
    log.rate_change("10:00:00", 1.0, 0).next_day()
    log.ask("05:59:45", 3, 1.0).start("06:00:00", 3, 1.0).end("06:00:29", 3, 1.0)
    log.reading("12:10:00", 120).ask("12:12:00", 7, 5.0, carbs=50, iob=0.5)
    if after:
        log.reading(f"{at('12:12:00') + timedelta(seconds=after):%H:%M:%S}", 120)
    log.number += numbers
    log.group += group
    return log.reading(goes_on, 150)


@pytest.mark.parametrize(
    ("numbers", "goes_on"),
    [(4, "12:14:30"), (15, "12:20:00"), (28, "12:26:00"), (40, "12:40:00")],
)
@pytest.mark.parametrize("first", [1, 1024 - 9])
@pytest.mark.parametrize("after", [0, 10, 120])
def test_a_request_before_a_hole_in_the_log_may_have_been_given(
    numbers: int, goes_on: str, first: int, after: int
) -> None:
    """Sums of insulin and the pump's earlier insulin on board are unknown; the carbs were entered."""
    log = a_request_before_a_hole(numbers, goes_on, first=first, after=after)
    happened = log.history()
    asked = happened.boluses[-1]
    assert (asked.never_started, asked.in_progress, asked.complete) == (
        False,
        False,
        False,
    )
    assert (asked.delivered, asked.carbs) == (0.0, 50)
    assert bolus_notes(asked) == "5.00 U asked for, not known whether given"
    known = derive_state([happened], 300)
    assert (known.bolus, known.meal_bolus, known.insulin_on_board) == (None, None, None)
    today = compute_totals([happened], MIDNIGHT, at("23:59:59"))
    assert today
    assert (today.bolus, today.bolus_count, today.carbs) == (None, None, 50)
    assert insulin_on_board_estimate([happened], 300) is None
    assert insulin_on_board_ends([happened], 300) is None
    assert not codes_since(happened.unreadable, MIDNIGHT)
    log.ask("13:29:45", 8, 1.0).start("13:30:00", 8, 1.0).end(
        "13:30:29", 8, 1.0, iob=2.5
    ).seen("13:40:00")
    known = derive_state([log.history()], 300)
    assert known.insulin_on_board
    assert known.insulin_on_board.insulin == 2.5
    assert known.bolus
    assert known.bolus.bolus_id == 8


def test_a_request_before_another_sequence_group_may_have_been_given() -> None:
    """Events between the two groups are missing."""
    log = a_request_before_a_hole(0, "12:40:00", group=1)
    assert derive_state([log.history()], 300).bolus is None


@pytest.mark.parametrize(
    ("numbers", "after"), [(0, 0), (2, 0), (0, 100), (40, 121), (40, 300)]
)
def test_a_log_that_is_whole_shows_that_nothing_started(
    numbers: int, after: int
) -> None:
    """A complete log shows this by the time at which the bolus would have started."""
    log = a_request_before_a_hole(numbers, "12:26:00", after=after)
    never = log.history().boluses[-1]
    assert (never.never_started, never.start_lost_at, never.carbs) == (True, None, 0)


def test_numbers_that_are_skipped_all_the_time_hide_no_start() -> None:
    """The numbers belong to events that were not requested."""
    log = PumpDay()
    for minute in range(0, 60, 10):
        log.reading(f"11:{minute:02}:00", 120).number += 5
    log.ask("12:00:00", 7, 5.0, carbs=50).number += 5
    never = log.reading("12:10:00", 120).history().boluses[-1]
    assert (never.never_started, never.start_lost_at) == (True, None)


@pytest.mark.parametrize("started", [True, False])
def test_a_hole_behind_a_request_that_is_filled_tells_whether_it_started(
    started: bool,
) -> None:
    """The filled hole shows whether the bolus started, whenever it arrives."""
    log = a_request_before_a_hole(28, "12:26:00")
    hole = PumpDay(first=log.number - 29)
    if started:
        hole.start("12:12:15", 7, 5.0).end("12:14:40", 7, 5.0, iob=5.5)
    while hole.number < log.number - 1:
        hole.reading("12:15:00", 130)
    log.raws += hole.raws
    happened = log.history()
    assert happened.boluses[-1].delivered == (5.0 if started else 0.0)
    assert happened.boluses[-1].never_started is not started
    today = compute_totals([happened], MIDNIGHT, at("23:59:59"))
    assert today
    assert (today.bolus, today.carbs) == ((6.0, 50) if started else (1.0, 0))
    assert derive_state([happened], 300).insulin_on_board
    assert not happened.unreadable


@pytest.mark.parametrize("seen", ["12:06:00", "15:00:00"])
def test_a_start_that_comes_late_is_a_start(seen: str) -> None:
    """A start counts whenever it is uploaded; until then the bolus is uncertain, because log numbers are missing."""
    log = PumpDay().ask("12:00:00", 7, 5.0, carbs=50).start("12:00:15", 7, 5.0)
    log.end("12:02:40", 7, 5.0).seen(seen)
    early = [raw for raw in log.raws if raw["eventCode"] not in (55, 280, 20)]
    (unknown,) = history(early).boluses
    assert (unknown.never_started, unknown.start_lost_at) == (False, (0, 1003))
    whole = the_bolus(log)
    assert (whole.delivered, whole.carbs, whole.complete) == (5.0, 50, True)


def test_an_automatic_bolus_that_was_rejected() -> None:
    """288 reports the rejection at once."""
    log = PumpDay().ask("12:00:00", 7, 1.0, kind=2, option=3)
    assert the_bolus(log.seen("12:00:10")).in_progress
    assert the_bolus(log.write("12:00:12", 288)).never_started
    assert not the_bolus(log.start("12:00:15", 7, 1.0, source=7)).never_started


def test_carbs_alone_need_no_start() -> None:
    """Carbs alone are entered without insulin."""
    log = PumpDay().ask("12:00:00", 7, 0.0, carbs=15).seen("14:00:00")
    bolus = the_bolus(log)
    assert (bolus.never_started, bolus.carbs, bolus.complete) == (False, 15, True)


# Cut short without a logged end.


@pytest.mark.parametrize(
    ("code", "properties"),
    [
        (11, {"suspendReason": 0, "insulinAmount": 100}),
        (279, {"commandedRateSource": 0, "commandedRate": 0, "profileBasalRate": 1000}),
        (3, {"commandedBasalRate": 0, "baseBasalRate": 1.0, "changeType": [6]}),
        (3, {"commandedBasalRate": 0, "baseBasalRate": 1.0, "changeType": [4]}),
        (5, {"alarmId": 2}),
        (5, {"alarmId": 12}),
        (6, {"malfId": 9}),
        (53, {}),
        (99, {}),
    ],
)
def test_at_most_what_the_time_allowed(
    code: int, properties: dict[str, object]
) -> None:
    """Ten units were requested; two had time to flow before all delivery stopped."""
    log = PumpDay().ask("12:00:00", 7, 10.0).start("12:00:15", 7, 10.0)
    log.write("12:01:13", code, **properties).seen("12:20:00")
    assert the_bolus(log).delivered == pytest.approx(2.0, abs=0.01)
    late = the_bolus(log.seen("14:30:00"))
    assert late.delivered == pytest.approx(2.0, abs=0.01)
    assert (late.end_missing, late.complete) == (True, True)
    assert bolus_notes(late) == "End not recorded; 2.00 of 10.00 U delivered"


@pytest.mark.parametrize("first", [1000, *range(1014, 1025)])
@pytest.mark.parametrize("stopped", ["11", "279", "3"])
def test_a_bolus_given_during_a_low_glucose_suspend(first: int, stopped: str) -> None:
    """A repeated suspension of basal does not stop a bolus started meanwhile; a new suspension does."""
    log = PumpDay(first=first).basal("11:50:00", 0.8)
    if stopped == "11":
        log.suspend("11:52:00", reason=6).basal("11:52:30", 0.8)
    elif stopped == "3":
        log.rate_change("11:52:00", 0.0, 4)
    log.basal("11:55:00", 0.0, source=0)
    log.ask("11:59:45", 7, 4.0, option=1, percent=0, minutes=120)
    log.start("12:00:00", 7, 0.0, 4.0, minutes=120)
    for minute in range(1, 60, 5):
        log.basal(f"12:{minute:02}:00", 0.0, source=0)
    assert the_bolus(log).delivered == pytest.approx(4.0 * 56 / 120, abs=0.001)
    again = PumpDay(first=log.number).resume("12:57:00").basal("12:57:00", 0.8)
    for suspended in (
        PumpDay(first=again.number).suspend("13:00:00"),
        PumpDay(first=again.number).basal("13:00:00", 0.0, source=0),
    ):
        both = [*log.raws, *again.raws, *suspended.seen("16:00:00").raws]
        (bolus,) = history(both).boluses
        assert bolus.delivered == pytest.approx(2.0, abs=0.001)


@pytest.mark.parametrize("alarm", [0, 4, 14])
def test_alarms_that_stop_nothing(alarm: int) -> None:
    """These alarms are about other things."""
    log = PumpDay().ask("12:00:00", 7, 10.0).start("12:00:15", 7, 10.0)
    log.alarm("12:01:13", alarm).seen("12:20:00")
    assert the_bolus(log).delivered == 10.0


def test_a_pump_found_off_ran_no_longer_than_it_logged() -> None:
    """When the log continues hours later with a restart, delivery counts until five minutes after the last event."""
    log = PumpDay().ask("12:00:00", 7, 4.0, option=1, percent=0, minutes=240)
    log.start("12:00:00", 7, 0.0, 4.0, minutes=240).seen("12:30:00")
    log.write("15:00:00", 99).seen("15:05:00")
    assert the_bolus(log).delivered == pytest.approx(4.0 * 35 / 240, abs=0.001)


def test_an_extended_part_cut_by_a_suspension() -> None:
    """A quarter of the extended part was delivered."""
    log = PumpDay().ask("12:00:00", 7, 8.0, option=1, percent=50, minutes=120)
    log.start("12:00:00", 7, 4.0, 4.0, minutes=120).end("12:02:00", 7, 4.0)
    log.start_extended("12:02:00", 7, 4.0).suspend("12:31:30").seen("16:30:00")
    bolus = the_bolus(log)
    assert (bolus.now_delivered, bolus.extended_delivered) == (4.0, 1.0)
    assert bolus.end_missing


# An extended part that runs.


def combo(*progress: tuple[str, float]) -> PumpDay:
    """Return a bolus of two units at once and three over an hour, with this much delivered at these times."""
    log = PumpDay().ask("12:00:00", 7, 5.0, option=1, percent=40, minutes=60)
    log.start("12:00:00", 7, 2.0, 3.0, minutes=60).end("12:01:00", 7, 2.0)
    log.start_extended("12:01:00", 7, 3.0)
    for time, delivered in progress:
        log.summary(time, 7, 2.0, 3.0, minutes=60, delivered=delivered, done=False)
    return log


@pytest.mark.parametrize("status", [0, 1, 2, 6])
@pytest.mark.parametrize("seconds", [1, 20, 40])
@pytest.mark.parametrize("seen", [None, "12:00:59", "12:30:00"])
def test_an_extended_end_that_comes_before_that_of_the_part_given_at_once(
    status: int, seconds: int, seen: str | None
) -> None:
    """The bolus was cut in the immediate part, whose amount is unknown until its own end."""
    cut = f"12:00:{15 + seconds:02}"
    log = PumpDay().ask("12:00:00", 7, 6.0, option=1, percent=33, minutes=120)
    log.start("12:00:15", 7, 2.0, 4.0, minutes=120)
    log.end(cut, 7, 0.0, asked=4.0, status=status, extended=True)
    log = log.seen(seen) if seen else log
    bolus = the_bolus(log)
    assert bolus.in_progress
    assert bolus.delivered == pytest.approx(seconds / 29, abs=A_SECOND)
    assert all(part.end <= at(cut) for part in bolus.deliveries)
    log.raws[-1 if seen else len(log.raws) :] = []
    bolus = the_bolus(log.end(cut, 7, 0.6, asked=2.0, status=status).seen("12:40:00"))
    assert (bolus.in_progress, bolus.delivered) == (False, 0.6)
    assert [(part.start, part.end) for part in bolus.deliveries] == [
        (at("12:00:15"), at(cut))
    ]


def test_an_extended_end_without_that_of_the_part_given_at_once() -> None:
    """If the extended part was delivered, the immediate part was delivered completely before it."""
    log = PumpDay().ask("12:00:00", 7, 6.0, option=1, percent=33, minutes=120)
    log.start("12:00:15", 7, 2.0, 4.0, minutes=120)
    log.end("13:00:00", 7, 2.0, asked=4.0, status=0, extended=True)
    bolus = the_bolus(log)
    assert (bolus.in_progress, bolus.now_delivered, bolus.extended_delivered) == (
        False,
        2.0,
        2.0,
    )


def test_what_flowed_is_what_the_pump_tells() -> None:
    """280 reports the amount every five minutes; after the last one the plan applies."""
    log = combo(("12:10:00", 2.2), ("12:20:00", 2.9))
    assert the_bolus(log).extended_deliveries == (
        Delivery(0.2, at("12:01:00"), at("12:10:00")),
        Delivery(0.7, at("12:10:00"), at("12:20:00")),
    )
    halfway = the_bolus(log.seen("12:40:00"))
    assert halfway.extended_deliveries[-1] == Delivery(
        1.05, at("12:20:00"), at("12:40:00")
    )
    assert (halfway.in_progress, halfway.delivered) == (True, 3.95)
    log.end("12:50:00", 7, 1.4, asked=3.0, status=0, extended=True)
    stopped = the_bolus(log)
    assert (stopped.delivered, stopped.in_progress) == (3.4, False)
    assert stopped.extended_deliveries[-1] == Delivery(
        0.5, at("12:20:00"), at("12:50:00")
    )


def test_what_is_logged_again_changes_no_numbers() -> None:
    """A document with these numbers would otherwise change with every upload."""
    first, later = the_bolus(combo()), the_bolus(combo(("12:10:00", 2.2)))
    assert first.numbers == later.numbers


def test_a_total_that_says_nothing() -> None:
    """A pump that repeats its first total does not stop anything."""
    log = combo(("12:10:00", 0.0), ("12:20:00", 2.0)).seen("12:30:30")
    assert the_bolus(log).extended_delivered == pytest.approx(1.5, abs=0.01)


@pytest.mark.parametrize("gone", [{55}, {55, 59}, {59}, {55, 20}, {55, 64}])
def test_a_combo_starts_when_the_summary_says(gone: set[int]) -> None:
    """The start is not that of the extended part or of a repeated summary."""
    log = combo(("12:05:00", 2.2), ("12:10:00", 2.45))
    left = [raw for raw in log.raws if raw["eventCode"] not in gone]
    (bolus,) = history(left).boluses
    assert bolus.start == at("12:00:00")
    assert bolus.delivered == pytest.approx(2.45, abs=0.001)


# Carbs count once.


def entered_again(after: str, *, carbs: int = 40, status: int = 0) -> PumpDay:
    """Log a meal bolus that stopped before delivery, and another one later."""
    log = PumpDay().ask("12:00:00", 7, 4.0, carbs=40)
    log.end("12:00:08", 7, 0.0, asked=4.0, status=status)
    log.ask(after, 8, 4.0, carbs=carbs).start(after, 8, 4.0).end(after, 8, 4.0)
    return log.seen("13:00:00")


@pytest.mark.parametrize("status", [0, 1, 2, 5, 6])
@pytest.mark.parametrize("carbs", [40, 35])
def test_a_meal_entered_again_is_eaten_once(status: int, carbs: int) -> None:
    """The carbs count once, as entered last."""
    known = entered_again("12:03:00", carbs=carbs, status=status).history()
    assert [bolus.carbs for bolus in known.boluses] == [0, carbs]
    assert all(bolus.complete for bolus in known.boluses)


@pytest.mark.parametrize(("after", "carbs"), [("12:16:00", 40), ("12:03:00", 0)])
def test_another_meal_is_another_meal(after: str, carbs: int) -> None:
    """A later bolus, or a correction, is not the same meal."""
    known = entered_again(after, carbs=carbs).history()
    assert [bolus.carbs for bolus in known.boluses] == [40, carbs]


def test_entered_three_times() -> None:
    """The last entry counts, even if it was not delivered."""
    log = PumpDay()
    for minute, bolus in ((0, 7), (2, 8), (4, 9)):
        log.ask(f"12:0{minute}:00", bolus, 4.0, carbs=40)
        log.end(f"12:0{minute}:08", bolus, 0.0, asked=4.0, status=5)
    known = log.seen("13:00:00").history()
    assert [bolus.carbs for bolus in known.boluses] == [0, 0, 40]


# Insulin on board.


def said(log: PumpDay) -> float | None:
    """Return the pump's last insulin on board that includes everything (U)."""
    known = derive_state([log.history()], 300).insulin_on_board
    return known.insulin if known else None


def before_noon() -> PumpDay:
    """Return a log that starts early enough for no earlier insulin to be on board."""
    return PumpDay().seen("01:00:00")


def test_insulin_on_board_is_unknown_until_an_end_tells_it() -> None:
    """The summary is logged before 20, and only 20 contains insulin on board."""
    log = before_noon().ask("12:00:00", 7, 5.0, iob=1.0).start("12:00:15", 7, 5.0)
    log.summary("12:02:40", 7, 5.0, delivered=5.0).seen("12:03:00")
    (bolus,) = log.history().boluses
    assert (bolus.delivered, bolus.in_progress) == (5.0, False)
    assert said(log) is None
    assert said(log.end("12:02:40", 7, 5.0, iob=6.0)) == 6.0


def test_what_is_logged_after_a_lost_end_contains_it() -> None:
    """Any later event with insulin on board includes the bolus."""
    log = before_noon().ask("12:00:00", 7, 5.0).start("12:00:15", 7, 5.0)
    log.summary("12:02:40", 7, 5.0, delivered=5.0)
    assert said(log.write("12:30:00", 16, bg=120, bgEntryType=0, iob=4.2)) == 4.2


# Repeated ids.


@pytest.mark.parametrize("second", ["12:30:00", "18:00:00"])
def test_an_id_that_begins_anew_within_hours(second: str) -> None:
    """The two boluses have different names, even with events of the first missing."""
    log = PumpDay().ask("12:00:00", 7, 2.0).start("12:00:15", 7, 2.0)
    log.end("12:01:13", 7, 2.0).summary("12:01:13", 7, 2.0, delivered=2.0)
    first = len(log.raws)
    log.ask(second, 7, 1.0).start(second, 7, 1.0).end(second, 7, 1.0)
    for gone in (set(), {64, 65, 66}, {280}, {55, 280}):
        raws = [
            raw
            for place, raw in enumerate(log.raws)
            if place >= first or raw["eventCode"] not in gone
        ]
        boluses = history(raws).boluses
        assert [bolus.delivered for bolus in boluses] == [2.0, 1.0]
        assert [bolus.identity for bolus in boluses] == [
            "bolus:0-7-20260514",
            "bolus:0-7-20260514-2",
        ]


def test_an_id_that_begins_anew_while_the_first_has_no_end() -> None:
    """A bolus is not requested or started after its own start."""
    log = PumpDay().start("12:00:00", 7, 0.0, 1.0, minutes=60).suspend("12:06:00")
    log.resume("12:10:00").write("12:20:00", 55, bolusId=7, bolusSize=2.0)
    log.suspend("12:20:29").seen("13:00:00")
    boluses = log.history().boluses
    assert [bolus.delivered for bolus in boluses] == [0.1, 1.0]


def test_an_id_that_comes_again_within_a_year() -> None:
    """The name of a bolus does not depend on earlier ones with its id."""
    names = set()
    for day in ("2026-01-14", "2026-05-14", "2026-05-15"):
        log = PumpDay(day).ask("12:00:00", 7, 2.0).end("12:01:00", 7, 2.0)
        names.add(the_bolus(log).identity)
    assert len(names) == 3


# Any life.


def logged_ends(raws: list[RawEvent]) -> set[tuple[int, int]]:
    """Return the parts with an end in the log: by number of the bolus and code."""
    return {
        (raw["eventProperties"]["bolusId"], raw["eventCode"])
        for raw in raws
        if raw["eventCode"] in (20, 21)
    }


@given(life=bolus_lives())
def test_whole_logs_tell_the_truth(life: BolusLife) -> None:
    """A complete log gives the true amount to a thousandth, for each bolus and each hour."""
    known = life.log.history()
    assert known.newest is not None
    assert len(known.boluses) == len(life.orders)
    for bolus, (_, order) in zip(known.boluses, life.orders, strict=True):
        now, later = order.given(order.lasts)
        if order.cut is Cut.CANCELLED and bolus.in_progress:
            continue
        assert (bolus.now_delivered, bolus.extended_delivered) == pytest.approx(
            (now / 1000, later / 1000), abs=0.001
        )
        assert bolus.never_started is (order.cut is Cut.CANCELLED)
    for hour in range(5, 30):
        since, until = (MIDNIGHT + timedelta(hours=hour + more) for more in (0, 1))
        flowed = sum(part.between(since, until) for part in bolus_deliveries(known))
        assert flowed == pytest.approx(
            life.delivered(until) - life.delivered(since), abs=A_SECOND
        )


@given(life=bolus_lives())
def test_no_more_than_has_flowed_by_then(life: BolusLife) -> None:
    """With event after event uploaded, the amount is never more than was delivered by the newest one."""
    for length in range(1, len(life.raws) + 1, 3):
        known = history(life.raws[:length])
        assert known.newest is not None
        assert total(known) <= life.delivered(known.newest) + A_SECOND * len(
            life.orders
        )


@given(life=bolus_lives(*STOPS), data=st.data())
def test_no_more_than_the_time_allowed(life: BolusLife, data: st.DataObject) -> None:
    """With ends and progress missing for good, the event that stopped all delivery limits the amount.

    Ids that start again within hours are excluded, because such events may belong to either bolus.
    """
    assume(len({order.bolus_id for _, order in life.orders}) == len(life.orders))
    losable = [
        raw
        for raw in life.raws
        if raw["eventCode"] in (20, 21, 59, 64, 65, 66)
        or (raw["eventCode"] == 280 and raw["eventProperties"]["deliveredTotal"])
    ]
    lost = data.draw(
        st.lists(st.sampled_from(losable), unique_by=lambda raw: raw["sequenceNumber"])
    )
    known = history([raw for raw in life.raws if raw not in lost])
    assert known.newest is not None
    allowed = life.delivered(known.newest) + sum(
        order.in_a_beat for _, order in life.orders if order.cut is Cut.RESTARTED
    )
    assert total(known) <= allowed + A_SECOND * len(life.orders)


@given(life=bolus_lives(), data=st.data())
def test_what_the_ends_tell_holds(life: BolusLife, data: st.DataObject) -> None:
    """With both 20 and 21 in the log, exactly their amount was delivered, whatever else is missing."""
    kept = data.draw(st.sets(st.sampled_from(range(len(life.raws)))))
    raws = [
        raw
        for place, raw in enumerate(life.raws)
        if place in kept or raw["eventCode"] not in (55, 59, 64, 65, 66, 280)
    ]
    known = history(raws)
    ended = sum(
        raw["eventProperties"]["insulinDelivered"]
        for raw in raws
        if raw["eventCode"] in (20, 21)
    )
    of_ended = [bolus for bolus in known.boluses if bolus.end]
    assert sum(bolus.delivered for bolus in of_ended) >= ended - 0.01
    by_id = {order.bolus_id: order for _, order in life.orders}
    if len(by_id) == len(life.orders):
        for bolus in of_ended:
            now, later = by_id[bolus.bolus_id].given(by_id[bolus.bolus_id].lasts)
            assert bolus.delivered == pytest.approx((now + later) / 1000, abs=0.001)


@given(life=bolus_lives(), data=st.data())
def test_order_and_repetition_never_matter(
    life: BolusLife, data: st.DataObject
) -> None:
    """The complete history is the same."""
    some = data.draw(st.lists(st.sampled_from(life.raws), max_size=6))
    shuffled = data.draw(st.permutations([*life.raws, *some]))
    assert history(shuffled) == life.log.history()


@given(life=bolus_lives())
def test_carbs_count_once(life: BolusLife) -> None:
    """Carbs count for a delivered bolus, and for one without delivery unless they were entered again."""
    known = life.log.seen(life.clock).history()
    for bolus, (_, order) in zip(known.boluses, life.orders, strict=True):
        if order.cut is Cut.CANCELLED:
            assert bolus.carbs == (order.carbs if bolus.in_progress else 0)
        elif order.lasts > 0 and order.given(order.lasts) != (0, 0):
            assert bolus.carbs == order.carbs
        else:
            assert bolus.carbs in (0, order.carbs)
