"""Boluses joined from their events, with any of the events missing."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.tandem.enums import (
    BolusOption,
    BolusSource,
    Completion,
)
from custom_components.tconnectsync.tandem.event_types import RawEvent
from custom_components.tconnectsync.therapy.records import Bolus, BolusKind, Delivery

from .pump_days import PumpDay, at, history


def standard() -> PumpDay:
    """Log a bolus of insulin only, typed in on the pump."""
    return (
        PumpDay()
        .ask("12:00:00", 7, 2.0, glucose=200, correction=2.0, isf=40, targetBg=110)
        .start("12:00:15", 7, 2.0)
        .end("12:01:15", 7, 2.0)
        .summary("12:01:15", 7, 2.0, delivered=2.0)
    )


def meal() -> PumpDay:
    """Log a bolus with carbs, from the phone, without ratio, factor and target."""
    return (
        PumpDay()
        .ask(
            "12:00:00",
            7,
            5.5,
            carbs=45,
            glucose=131,
            correction=0.5,
            kind=3,
            option=4,
            iob=0.06,
        )
        .start("12:00:15", 7, 5.5, source=8)
        .end("12:03:00", 7, 5.4999998, asked=5.4999998)
        .summary("12:03:00", 7, 5.5, delivered=5.5, source=8)
    )


def automatic() -> PumpDay:
    """Log a correction by the algorithm."""
    return (
        PumpDay()
        .ask("12:00:00", 7, 0.95, glucose=210, correction=0.95, kind=2, option=3)
        .start("12:00:15", 7, 0.95, source=7)
        .end("12:00:45", 7, 0.95)
        .summary("12:00:45", 7, 0.95, delivered=0.95, source=7)
    )


def extended() -> PumpDay:
    """Log a bolus partly at once and partly over two hours."""
    return (
        PumpDay()
        .ask("12:00:00", 7, 6.0, carbs=60, kind=1, option=1, percent=40, minutes=120)
        .start("12:00:15", 7, 2.4, 3.6, minutes=120)
        .end("12:01:30", 7, 2.4)
        .start_extended("12:01:30", 7, 3.6)
        .end("14:00:15", 7, 3.6, extended=True)
        .summary("14:00:15", 7, 2.4, 3.6, minutes=120, delivered=6.0)
    )


def only_later() -> PumpDay:
    """Log a bolus delivered over an hour, from the phone."""
    return (
        PumpDay()
        .ask("12:00:00", 7, 3.0, carbs=30, kind=3, option=5, percent=0, minutes=60)
        .start("12:00:15", 7, 0.0, 3.0, minutes=60, source=8)
        .end("13:00:15", 7, 3.0, extended=True)
        .summary("13:00:15", 7, 0.0, 3.0, minutes=60, delivered=3.0, source=8)
    )


COURSES: list[Callable[[], PumpDay]] = [standard, meal, automatic, extended, only_later]


def the_bolus(raws: list[RawEvent], **options: Any) -> Bolus:
    """Return the only bolus of a log."""
    (bolus,) = history(raws, **options).boluses
    return bolus


def facts(bolus: Bolus, *names: str) -> tuple[Any, ...]:
    """Return some facts of a bolus."""
    return tuple(getattr(bolus, name) for name in names)


# Kinds.


def test_a_correction() -> None:
    """Every field of a bolus with all events is set."""
    assert the_bolus(standard().raws) == Bolus(
        key=(0, 1003),
        start=at("12:00:15"),
        pump_time=datetime.fromisoformat("2026-05-14T12:00:15"),
        numbers=(1000, 1001, 1002, 1003, 1004, 1005, 1006),
        bolus_id=7,
        nth=1,
        kind=BolusKind.CORRECTION,
        requested=2.0,
        now_requested=2.0,
        extended_requested=0.0,
        now_delivery=Delivery(2.0, at("12:00:15"), at("12:01:15")),
        extended_deliveries=(),
        extended_start=None,
        extended_minutes=0,
        planned_minutes=0,
        end=at("12:01:15"),
        completion=Completion.COMPLETED,
        end_missing=False,
        never_started=False,
        in_progress=False,
        complete=True,
        carbs=0,
        glucose=200,
        glucose_from_cgm=None,
        food=0.0,
        correction=2.0,
        insulin_on_board=0.5,
        carb_ratio=None,
        correction_factor=40,
        target=110,
        option=BolusOption.STANDARD,
        source=BolusSource.SCREEN,
        override=False,
        declined_correction=False,
    )


def test_a_meal_from_the_phone() -> None:
    """Zero for ratio, factor or target means unknown; the noise of 32-bit floats is removed."""
    bolus = the_bolus(meal().raws)
    assert facts(
        bolus, "kind", "carbs", "delivered", "requested", "insulin_on_board"
    ) == (
        BolusKind.MEAL,
        45,
        5.5,
        5.5,
        0.06,
    )
    assert facts(bolus, "carb_ratio", "correction_factor", "target") == (
        None,
        None,
        None,
    )
    assert facts(bolus, "option", "source") == (
        BolusOption.REMOTE_STANDARD,
        BolusSource.PHONE,
    )


@pytest.mark.parametrize(
    ("kind", "option", "source"),
    [(2, 0, 1), (0, 3, 1), (0, 6, 1), (0, 0, 7), (0, 0, 9), (2, 3, 7)],
)
def test_what_the_pump_gives_by_itself(kind: int, option: int, source: int) -> None:
    """Any of three events marks an automatic bolus, eating soon included; carbs would not change it."""
    log = PumpDay().ask("12:00:00", 7, 1.0, carbs=10, kind=kind, option=option)
    log.start("12:00:15", 7, 1.0, source=source).end("12:00:45", 7, 1.0)
    assert the_bolus(log.raws).kind is BolusKind.AUTOMATIC


@pytest.mark.parametrize(
    ("option", "source"), [(0, 1), (2, 0), (4, 8), (7, 1), (8, 11), (99, 99)]
)
@pytest.mark.parametrize(
    ("carbs", "kind"), [(0, BolusKind.CORRECTION), (20, BolusKind.MEAL)]
)
def test_what_the_person_gives(
    option: int, source: int, carbs: int, kind: BolusKind
) -> None:
    """Standard, quick, phone, late, recommended and unknown ways to start a bolus count as the person's."""
    log = PumpDay().ask("12:00:00", 7, 1.0, carbs=carbs, option=option)
    log.start("12:00:15", 7, 1.0, source=source).end("12:00:45", 7, 1.0)
    assert the_bolus(log.raws).kind is kind


@pytest.mark.parametrize(
    ("course", "kind"),
    [
        (standard, BolusKind.NOT_KNOWN),
        (meal, BolusKind.NOT_KNOWN),
        (automatic, BolusKind.AUTOMATIC),
        (extended, BolusKind.EXTENDED),
    ],
)
def test_what_it_was_for_is_told_by_its_request(
    course: Callable[[], PumpDay], kind: BolusKind
) -> None:
    """If the event with its carbs (64) is missing or unreadable, the purpose of a plain bolus is unknown."""
    raws = course().raws
    missing = [raw for raw in raws if raw["eventCode"] != 64]
    unreadable = [
        raw | {"eventProperties": {}} if raw["eventCode"] == 64 else raw for raw in raws
    ]
    assert the_bolus(missing).kind is kind
    assert the_bolus(unreadable).kind is kind


def test_an_extended_bolus() -> None:
    """Each of the two parts has its own delivered amount; the summary of both is not added."""
    bolus = the_bolus(extended().raws)
    assert bolus.kind is BolusKind.EXTENDED
    assert facts(bolus, "requested", "now_requested", "extended_requested") == (
        6.0,
        2.4,
        3.6,
    )
    assert facts(bolus, "delivered", "now_delivered", "extended_delivered") == (
        6.0,
        2.4,
        3.6,
    )
    assert facts(bolus, "start", "extended_start", "end") == (
        at("12:00:15"),
        at("12:01:30"),
        at("14:00:15"),
    )
    assert facts(bolus, "extended_minutes", "carbs") == (118.75, 60)


def test_a_bolus_that_is_all_extended() -> None:
    """The bolus starts with its extended part."""
    bolus = the_bolus(only_later().raws)
    assert facts(bolus, "kind", "now_requested", "extended_delivered", "delivered") == (
        BolusKind.EXTENDED,
        0.0,
        3.0,
        3.0,
    )
    assert facts(bolus, "start", "extended_start", "extended_minutes") == (
        at("12:00:15"),
        at("12:00:15"),
        60.0,
    )


def test_carbs_without_insulin() -> None:
    """Nothing is delivered, and no end is awaited."""
    bolus = the_bolus(PumpDay().ask("12:00:00", 7, 0.0, carbs=15, kind=1).raws)
    assert facts(
        bolus, "kind", "carbs", "delivered", "in_progress", "complete", "end"
    ) == (
        BolusKind.MEAL,
        15,
        0.0,
        False,
        True,
        at("12:00:00"),
    )


def test_remarks() -> None:
    """The bolus records whether the person changed or declined the pump's proposal."""
    log = PumpDay().ask("12:00:00", 7, 1.0, userOverride=1, declinedCorrection=1)
    assert facts(the_bolus(log.raws), "override", "declined_correction") == (True, True)
    assert facts(the_bolus(standard().raws), "override", "declined_correction") == (
        False,
        False,
    )


@pytest.mark.parametrize(
    ("entry_time", "entered", "from_sensor", "taken"),
    [
        ("11:59:50", 180, 1, True),
        ("11:59:50", 180, 0, False),
        ("11:59:50", 180, 2, None),
        ("11:59:50", 180, None, None),
        ("11:59:50", 175, 1, None),
        ("11:54:00", 180, 1, None),
    ],
)
def test_where_the_glucose_came_from(
    entry_time: str, entered: int, from_sensor: int | None, taken: bool | None
) -> None:
    """The source is that of a recent entry of the same value, copied from the sensor or typed in; else it is unknown."""
    log = PumpDay().write("08:00:00", 16, bg=180, bgEntryType=1)
    log.write(entry_time, 16, bg=entered, bgEntryType=from_sensor)
    log.ask("12:00:00", 7, 1.0, glucose=180).start("12:00:15", 7, 1.0).end(
        "12:00:45", 7, 1.0
    )
    assert facts(the_bolus(log.raws), "glucose", "glucose_from_cgm") == (180, taken)


# Ends.


@pytest.mark.parametrize("status", [0, 1, 2, 6])
def test_cut_short(status: int) -> None:
    """When a person, an alarm, a malfunction or low-glucose suspend stops a bolus, the delivered amount counts."""
    log = PumpDay().ask("12:00:00", 7, 4.0, carbs=40).start("12:00:15", 7, 4.0)
    log.end("12:01:00", 7, 1.3, asked=4.0, status=status).summary(
        "12:01:00", 7, 4.0, delivered=1.3
    )
    bolus = the_bolus(log.raws)
    assert facts(bolus, "requested", "delivered", "completion", "end") == (
        4.0,
        1.3,
        Completion(status),
        at("12:01:00"),
    )
    assert facts(bolus, "complete", "in_progress", "end_missing") == (
        True,
        False,
        False,
    )


def test_rejected() -> None:
    """A rejected bolus never started and delivered nothing."""
    log = PumpDay().ask("12:00:00", 7, 4.0).end("12:00:01", 7, 0.0, asked=4.0, status=5)
    bolus = the_bolus(log.raws)
    assert facts(bolus, "requested", "delivered", "completion", "complete") == (
        4.0,
        0.0,
        Completion.REJECTED,
        True,
    )
    assert facts(bolus, "start", "in_progress") == (at("12:00:00"), False)


def test_an_extended_bolus_stopped_before_its_extended_part() -> None:
    """The extended part will not follow."""
    log = PumpDay().ask("12:00:00", 7, 6.0, option=1, percent=50, minutes=120)
    log.start("12:00:15", 7, 3.0, 3.0, minutes=120)
    log.end("12:00:45", 7, 1.0, asked=3.0, status=0)
    log.summary("12:00:45", 7, 3.0, 3.0, minutes=120, delivered=1.0)
    bolus = the_bolus(log.raws)
    assert facts(bolus, "kind", "requested", "delivered", "extended_delivered") == (
        BolusKind.EXTENDED,
        6.0,
        1.0,
        0.0,
    )
    assert facts(bolus, "extended_start", "extended_minutes", "completion", "end") == (
        None,
        0,
        Completion.USER_ABORTED,
        at("12:00:45"),
    )


def test_an_extended_part_cut_short() -> None:
    """Its duration is the actual one."""
    log = PumpDay().ask("12:00:00", 7, 6.0, option=1, percent=50, minutes=120)
    log.start("12:00:15", 7, 3.0, 3.0, minutes=120).end("12:01:45", 7, 3.0)
    log.start_extended("12:01:45", 7, 3.0)
    log.end("12:31:45", 7, 0.75, asked=3.0, status=1, extended=True)
    log.summary("12:31:45", 7, 3.0, 3.0, minutes=120, delivered=3.75)
    bolus = the_bolus(log.raws)
    assert facts(bolus, "delivered", "now_delivered", "extended_delivered") == (
        3.75,
        3.0,
        0.75,
    )
    assert facts(bolus, "extended_minutes", "completion") == (30.0, Completion.ALARM)


def test_an_end_that_is_not_known_yet() -> None:
    """The bolus counts as far as it had time to flow, is in progress, and is not final yet."""
    log = PumpDay().ask("12:00:00", 7, 4.0).start("12:00:15", 7, 4.0).seen("13:59:00")
    bolus = the_bolus(log.raws)
    assert facts(
        bolus, "delivered", "in_progress", "complete", "end", "completion"
    ) == (
        4.0,
        True,
        False,
        None,
        None,
    )


def test_an_end_that_never_came() -> None:
    """Two hours after the planned end the requested amount counts, marked as a guess."""
    log = PumpDay().ask("12:00:00", 7, 4.0).start("12:00:15", 7, 4.0).seen("14:00:16")
    bolus = the_bolus(log.raws)
    assert facts(
        bolus, "delivered", "in_progress", "complete", "end_missing", "end"
    ) == (
        4.0,
        False,
        True,
        True,
        None,
    )


@pytest.mark.parametrize(
    ("newest", "missing"), [("15:59:00", False), ("16:00:16", True)]
)
def test_two_hours_count_from_the_planned_end(newest: str, missing: bool) -> None:
    """The end of an extended part of two hours is missing after four; until then the plan applies."""
    log = PumpDay().ask("12:00:00", 7, 6.0, option=1, percent=50, minutes=120)
    log.start("12:00:15", 7, 3.0, 3.0, minutes=120).end("12:01:45", 7, 3.0)
    log.start_extended("12:01:45", 7, 3.0).seen(newest)
    bolus = the_bolus(log.raws)
    assert facts(bolus, "end_missing", "in_progress", "complete") == (
        missing,
        not missing,
        True,
    )
    assert facts(bolus, "delivered", "extended_minutes", "extended_start") == (
        6.0,
        120,
        at("12:01:45"),
    )


def test_a_late_end_takes_the_guess_back() -> None:
    """A late end replaces the guess, however late it is uploaded."""
    log = PumpDay().ask("12:00:00", 7, 4.0).start("12:00:15", 7, 4.0)
    log.end("12:00:45", 7, 0.5, asked=4.0, status=2).seen("18:00:00")
    assert facts(the_bolus(log.raws), "delivered", "end_missing") == (0.5, False)


def test_details_are_waited_for() -> None:
    """A bolus waits ten minutes of the log for its details, because carbs would change its kind."""
    log = PumpDay().start("12:00:15", 7, 4.0).end("12:02:00", 7, 4.0)
    assert the_bolus(log.raws).complete is False
    assert the_bolus(log.seen("12:11:59").raws).complete is False
    assert the_bolus(log.seen("12:12:00").raws).complete is True


# The information in each event.


def test_only_the_request_is_known() -> None:
    """The amount is not known yet, so the bolus is in progress and not a bolus of zero."""
    log = PumpDay().ask("12:00:00", 7, 4.0, carbs=40)
    first, second, _ = log.raws
    for raws in ([first], [first, second]):
        assert facts(the_bolus(raws), "in_progress", "complete", "carbs") == (
            True,
            False,
            40,
        )
    assert facts(the_bolus(log.raws), "in_progress", "requested") == (True, 4.0)


def test_only_the_summary_is_known() -> None:
    """280 gives the total, split as requested."""
    log = PumpDay().summary("12:00:15", 7, 4.0, done=False)
    assert facts(the_bolus(log.raws), "start", "requested", "in_progress") == (
        at("12:00:15"),
        4.0,
        True,
    )
    log.summary("12:02:00", 7, 4.0, delivered=3.5)
    bolus = the_bolus(log.raws)
    assert facts(
        bolus, "delivered", "requested", "end", "completion", "in_progress"
    ) == (
        3.5,
        4.0,
        at("12:02:00"),
        None,
        False,
    )
    extended_log = PumpDay().summary(
        "14:00:00", 7, 2.0, 3.0, minutes=120, delivered=4.0
    )
    bolus = the_bolus(extended_log.raws)
    assert facts(bolus, "kind", "now_delivered", "extended_delivered", "start") == (
        BolusKind.EXTENDED,
        2.0,
        2.0,
        at("14:00:00"),
    )


def test_a_total_without_what_was_asked_for() -> None:
    """The complete total counts as delivered at once."""
    log = PumpDay().write(
        "12:00:00", 280, bolusId=7, bolusDeliveryStatus=0, deliveredTotal=3500
    )
    assert facts(the_bolus(log.raws), "delivered", "now_delivered", "requested") == (
        3.5,
        3.5,
        0.0,
    )


def test_the_summary_serves_where_an_end_is_missing() -> None:
    """The end in the log is subtracted from the summary."""
    log = extended()
    bolus = the_bolus([raw for raw in log.raws if raw["eventCode"] != 21])
    assert facts(bolus, "now_delivered", "extended_delivered", "end", "completion") == (
        2.4,
        3.6,
        at("14:00:15"),
        None,
    )
    bolus = the_bolus([raw for raw in log.raws if raw["eventCode"] != 20])
    assert facts(bolus, "now_delivered", "extended_delivered", "completion") == (
        2.4,
        3.6,
        Completion.COMPLETED,
    )


def test_the_ends_hold_against_the_summary() -> None:
    """Each part has its own end, which wins over the summary of both."""
    log = PumpDay().ask("12:00:00", 7, 6.0, option=1, percent=50, minutes=60)
    log.end("12:01:45", 7, 3.0).end("13:00:00", 7, 2.0, asked=3.0, extended=True)
    log.summary("13:00:00", 7, 3.0, 3.0, delivered=9.9)
    assert facts(the_bolus(log.raws), "now_delivered", "extended_delivered") == (
        3.0,
        2.0,
    )


def test_a_summary_never_adds_to_an_end() -> None:
    """An immediate bolus has no second part, even if the summary says more."""
    log = PumpDay().ask("12:00:00", 7, 3.0).end("12:01:45", 7, 2.0, asked=3.0)
    log.summary("12:01:45", 7, 3.0, delivered=2.5)
    assert facts(the_bolus(log.raws), "delivered", "extended_delivered") == (2.0, 0.0)


@pytest.mark.parametrize("status", [0, 8])
def test_an_extended_part_that_came_all_the_same(status: int) -> None:
    """An extended part counts, however the first part ended."""
    log = PumpDay().ask("12:00:00", 7, 6.0, option=1, percent=50, minutes=60)
    log.end("12:01:45", 7, 3.0, status=status).start_extended("12:01:45", 7, 3.0)
    assert facts(the_bolus(log.raws), "in_progress", "extended_requested") == (
        True,
        3.0,
    )
    log.end("13:01:45", 7, 2.5, asked=3.0, extended=True)
    assert facts(the_bolus(log.raws), "in_progress", "delivered") == (False, 5.5)
    raws = [raw for raw in log.raws if raw["eventCode"] != 59]
    assert facts(the_bolus(raws), "delivered", "end") == (5.5, at("13:01:45"))


def test_a_split_is_worked_out_from_percent_only_when_nothing_else_tells() -> None:
    """The percentage is used last, because whole percents are coarse."""
    log = PumpDay().ask("12:00:00", 7, 6.0, option=1, percent=33, minutes=120)
    assert facts(the_bolus(log.raws), "now_requested", "extended_requested") == (
        1.98,
        4.02,
    )
    log.write("12:00:15", 55, bolusId=7, bolusSize=2.0)
    assert facts(the_bolus(log.raws), "now_requested", "extended_requested") == (
        2.0,
        4.0,
    )
    log = PumpDay().ask("12:00:00", 7, 6.0, option=1, percent=255, minutes=120)
    assert facts(the_bolus(log.raws), "requested", "in_progress") == (6.0, True)
    log.start_extended("12:01:00", 7, 3.5)
    assert facts(the_bolus(log.raws), "now_requested", "extended_requested") == (
        2.5,
        3.5,
    )


def test_an_extended_part_alone() -> None:
    """The first part lies before the known log."""
    log = PumpDay().write("12:00:00", 59, bolusId=7)
    assert facts(the_bolus(log.raws), "kind", "in_progress", "requested") == (
        BolusKind.EXTENDED,
        True,
        0.0,
    )
    log.write("13:00:00", 21, bolusId=7, completionStatus=3, insulinDelivered=2.5)
    assert facts(
        the_bolus(log.raws), "delivered", "extended_delivered", "in_progress"
    ) == (
        2.5,
        2.5,
        False,
    )


def test_an_end_alone() -> None:
    """The start lies before the known log; the delivered amount is known."""
    log = PumpDay().write(
        "12:00:00", 20, bolusId=7, completionStatus=3, insulinDelivered=2.5
    )
    assert facts(
        the_bolus(log.raws), "start", "delivered", "requested", "in_progress"
    ) == (
        at("12:00:00"),
        2.5,
        2.5,
        False,
    )


def test_when_it_began() -> None:
    """The start is that of 55 or 59, else of the summary, else of the request, else of the end."""
    log = standard()
    for gone, start in (
        (set(), "12:00:15"),
        ({55}, "12:00:15"),
        ({55, 280}, "12:00:00"),
        ({55, 280, 64}, "12:01:15"),
    ):
        left = [raw for raw in log.raws if raw["eventCode"] not in gone]
        assert the_bolus(left).start == at(start)


# Identity.


def test_ids_that_come_again() -> None:
    """The same id half a day later, or in a new request, is another bolus."""
    log = standard().next_day()
    log.ask("00:02:00", 7, 1.0).start("00:02:15", 7, 1.0).end("00:02:45", 7, 1.0)
    assert [(one.delivered, one.bolus_id) for one in log.history().boluses] == [
        (2.0, 7),
        (1.0, 7),
    ]
    log.group, log.number = 1, 1
    log.ask("00:03:00", 7, 3.0)
    assert [one.requested for one in log.history().boluses] == [2.0, 1.0, 3.0]


NAMES_IN_LOG = {"key", "numbers"}
"""Fields that depend on the place in the log."""


@pytest.mark.parametrize("course", COURSES)
@given(data=st.data())
def test_a_sequence_group_that_changes_during_a_bolus(
    course: Callable[[], PumpDay], data: st.DataObject
) -> None:
    """The bolus is one, wherever and with whichever number the log continues in another group."""
    raws = course().raws
    place = data.draw(st.integers(1, len(raws) - 1))
    number = data.draw(st.sampled_from([1, 900, 1000 + place, 1024, 5000]))
    went_on = [
        {**raw, "sequenceGroup": 1, "sequenceNumber": number + index}
        for index, raw in enumerate(raws[place:])
    ]
    before, after = (
        {
            key: value
            for key, value in asdict(the_bolus(log)).items()
            if key not in NAMES_IN_LOG
        }
        for log in (raws, [*raws[:place], *went_on])
    )
    assert after == before


def test_ids_that_begin_anew_with_another_sequence_group() -> None:
    """Events with the same id belong to another bolus if the id starts again, or half a day later."""
    log = PumpDay().ask("12:00:00", 7, 2.0).start("12:00:15", 7, 2.0)
    log.group, log.number = 1, 1
    log.ask("13:00:00", 7, 1.0).start("13:00:15", 7, 1.0).end("13:00:45", 7, 1.0)
    cut, given = log.history().boluses
    assert (cut.requested, given.requested, given.delivered) == (2.0, 1.0, 1.0)
    late = PumpDay().ask("12:00:00", 7, 2.0).start("12:00:15", 7, 2.0).next_day()
    late.group, late.number = 1, 1
    late.end("00:01:00", 7, 1.0)
    assert [one.delivered for one in late.history().boluses] == [2.0, 1.0]


def test_ids_a_year_later() -> None:
    """Each bolus keeps its own events, in any order."""
    log = extended()
    log.day = "2027-05-14"
    log.ask("12:00:00", 7, 1.0).start("12:00:15", 7, 1.0).end("12:00:45", 7, 1.0)
    first, second = history(reversed(log.raws)).boluses
    assert facts(first, "delivered", "identity") == (6.0, "bolus:0-7-20260514")
    assert facts(second, "delivered", "identity") == (1.0, "bolus:0-7-20270514")


def test_an_extended_bolus_of_eight_hours_is_one() -> None:
    """The end after eight hours still belongs to the bolus."""
    log = PumpDay().ask("08:00:00", 7, 8.0, option=1, percent=0, minutes=480)
    log.start("08:00:15", 7, 0.0, 8.0, minutes=480).end(
        "16:00:15", 7, 8.0, extended=True
    )
    assert facts(the_bolus(log.raws), "delivered", "extended_minutes") == (8.0, 480.0)


def test_ids_that_wrap() -> None:
    """After 65535 the next id is 1; events of two boluses may alternate."""
    log = PumpDay().ask("12:00:00", 65535, 2.0, option=1, percent=0, minutes=60)
    log.start("12:00:15", 65535, 0.0, 2.0, minutes=60)
    log.ask("12:30:00", 1, 1.0, kind=2).start("12:30:15", 1, 1.0).end(
        "12:30:45", 1, 1.0
    )
    log.end("13:00:15", 65535, 2.0, extended=True)
    assert [(one.bolus_id, one.delivered) for one in log.history().boluses] == [
        (65535, 2.0),
        (1, 1.0),
    ]


def test_a_bolus_over_a_clock_move() -> None:
    """The duration of the bolus is the true one."""
    log = PumpDay("2026-05-12").time_moved("08:00:00", "08:00:00", "08:00:30")
    log.next_day().next_day()
    log.ask("12:00:00", 7, 2.0, option=1, percent=0, minutes=60)
    log.start("12:00:15", 7, 0.0, 2.0, minutes=60).time_moved(
        "11:30:15", "12:30:15", "11:30:15"
    )
    log.end("12:00:15", 7, 2.0, extended=True)
    bolus = the_bolus(log.raws, last_upload=at("13:02:00"))
    assert facts(bolus, "start", "end", "extended_minutes") == (
        at("12:00:15"),
        at("13:00:15"),
        60.0,
    )


# Any events, in any order.


@pytest.mark.parametrize("course", COURSES)
@given(data=st.data())
def test_order_never_matters(
    course: Callable[[], PumpDay], data: st.DataObject
) -> None:
    """Late, early or repeated events give the same bolus."""
    raws = course().raws
    repeated = data.draw(st.lists(st.sampled_from(raws), max_size=4))
    shuffled = data.draw(st.permutations([*raws, *repeated]))
    assert history(shuffled) == history(raws)


@pytest.mark.parametrize("course", COURSES)
@given(data=st.data())
def test_some_messages_tell_nothing_wrong(
    course: Callable[[], PumpDay], data: st.DataObject
) -> None:
    """With events missing there is one bolus, never with more insulin than delivered, and exact with both ends."""
    raws = course().raws
    whole = the_bolus(raws)
    some = data.draw(
        st.lists(
            st.sampled_from(raws),
            min_size=1,
            unique_by=lambda raw: raw["sequenceNumber"],
        )
    )
    bolus = the_bolus(some)
    assert 0 <= bolus.delivered <= whole.delivered
    assert bolus.delivered == pytest.approx(
        bolus.now_delivered + bolus.extended_delivered, abs=0.0011
    )
    assert (
        bolus.requested in (0.0, pytest.approx(whole.requested, abs=0.011))
        or bolus.in_progress
        or (bolus.requested < whole.requested)
    )
    assert set(bolus.numbers) <= set(whole.numbers)
    assert bolus.in_progress is (bolus.end is None)
    assert bolus.end is None or bolus.start <= bolus.end
    codes = {raw["eventCode"] for raw in some}
    ends = {raw["eventCode"] for raw in raws} & {20, 21}
    if ends <= codes:
        assert facts(
            bolus, "delivered", "now_delivered", "extended_delivered", "completion"
        ) == facts(
            whole, "delivered", "now_delivered", "extended_delivered", "completion"
        )


@pytest.mark.parametrize("course", COURSES)
def test_message_by_message(course: Callable[[], PumpDay]) -> None:
    """While uploaded event by event, the bolus is in progress until its last end, and its amount only grows."""
    raws = course().raws
    whole = the_bolus(raws)
    last_end = max(
        index for index, raw in enumerate(raws) if raw["eventCode"] in (20, 21)
    )
    delivered = 0.0
    for index in range(len(raws)):
        bolus = the_bolus(raws[: index + 1])
        assert delivered <= bolus.delivered <= whole.delivered
        delivered = bolus.delivered
        assert bolus.in_progress is (index < last_end)
        if index >= 2:
            assert bolus.requested == pytest.approx(whole.requested, abs=0.001)
            assert facts(bolus, "kind", "carbs") == facts(whole, "kind", "carbs")


def test_two_hours_are_two_hours() -> None:
    """The two hours are hours of the log, not of any wall clock."""
    log = PumpDay().ask("12:00:00", 7, 4.0).start("12:00:15", 7, 4.0)
    (bolus,) = log.history(last_upload=at("12:00:15") + timedelta(days=3)).boluses
    assert bolus.in_progress
