"""Basal segments and suspensions: the rate at every second, and the reason for each stop."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.tandem.enums import BasalSource
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.hourly_figures import hours
from custom_components.tconnectsync.therapy.records import (
    BasalGap,
    BasalSegment,
    StopReason,
    Suspension,
)
from custom_components.tconnectsync.therapy.state import derive_state
from demo.pump import SimulatedPump

from .pump_days import PumpDay, at, history

HOUR = timedelta(hours=1)
RUNNING_PAST_NEWEST = timedelta(minutes=30)


def segments(log: PumpDay, **options: Any) -> list[tuple[str, str, float]]:
    """Return start, end and rate of each segment."""
    return [
        (clock(one.start), clock(one.end), one.rate)
        for one in log.history(**options).basal
    ]


def suspensions(log: PumpDay) -> list[tuple[str, str, StopReason | None]]:
    """Return start, end and reason of each suspension."""
    return [
        (clock(one.start), clock(one.end), one.reason)
        for one in log.history().suspensions
    ]


def gaps(log: PumpDay) -> list[tuple[str, str, bool]]:
    """Return start, end and whether it is still open of each gap."""
    return [
        (clock(one.start), clock(one.end), one.running)
        for one in log.history().basal_gaps
    ]


def clock(instant: datetime) -> str:
    """Return the time of day, with the day if it is another one."""
    return instant.strftime(
        "%H:%M:%S" if instant.date() == at("00:00").date() else "%d %H:%M:%S"
    )


def units(happened: History, until: datetime | None = None) -> float:
    """Return the basal insulin (U) up to an instant."""
    return sum(
        one.rate * ((min(one.end, until or one.end) - one.start) / HOUR)
        for one in happened.basal
    )


# Segments.


def test_every_field_of_a_segment() -> None:
    """Rates in U/h, instants in UTC, the day by the pump's clock."""
    log = (
        PumpDay()
        .basal("12:00:00", 0.85, source=3, profile=0.9)
        .basal("12:05:00", 0.85, profile=0.9)
    )
    log.basal("12:10:00", 1.2, source=1)
    first, second = log.history(zone="Europe/Berlin").basal
    assert first == BasalSegment(
        key=(0, 1000),
        start=at("10:00:00"),
        pump_time=datetime.fromisoformat("2026-05-14T12:00:00"),
        numbers=(1000, 1001),
        end=at("10:10:00"),
        running=False,
        rate=0.85,
        profile_rate=0.9,
        source=BasalSource.ALGORITHM,
    )
    assert (second.source, second.running) == (BasalSource.PROFILE, True)


def test_equal_neighbours_are_one() -> None:
    """Segments are joined until rate, profile or source changes."""
    log = PumpDay().basal("10:00:00", 0.8).basal("10:05:00", 0.8).basal("10:10:00", 0.9)
    log.basal("10:15:00", 0.9, source=2).basal("10:20:00", 0.9, source=2, profile=1.1)
    log.basal("10:25:00", 0.9, source=2, profile=1.1)
    assert segments(log) == [
        ("10:00:00", "10:10:00", 0.8),
        ("10:10:00", "10:15:00", 0.9),
        ("10:15:00", "10:20:00", 0.9),
        ("10:20:00", "10:55:00", 0.9),
    ]


def test_pump_midnight_divides() -> None:
    """A segment belongs to the pump day on which it starts; the first rate of a day starts a new one."""
    log = PumpDay().basal("23:50:00", 0.8).basal("23:55:00", 0.8)
    log.next_day().basal("00:01:00", 0.8).basal("00:06:00", 0.8)
    assert segments(log) == [
        ("23:50:00", "15 00:01:00", 0.8),
        ("15 00:01:00", "15 00:36:00", 0.8),
    ]
    assert [one.day.day for one in log.history().basal] == [14, 15]


def test_midnight_is_the_pumps() -> None:
    """The midnight is that of the pump's clock, not of UTC."""
    log = PumpDay().basal("01:58:00", 0.8).basal("02:03:00", 0.8)
    assert len(log.history(zone="Europe/Berlin").basal) == 1
    log = PumpDay().basal("23:58:00", 0.8).next_day().basal("00:03:00", 0.8)
    assert len(log.history(zone="Europe/Berlin").basal) == 2


def test_the_running_segment_lasts_a_little_past_what_is_known() -> None:
    """The segment lasts up to half an hour past the newest event, and is exact once the next rate is known."""
    log = (
        PumpDay().basal("10:00:00", 0.8).basal("10:05:00", 0.8).reading("10:07:00", 120)
    )
    (running,) = log.history().basal
    assert (running.end, running.running) == (at("10:37:00"), True)
    log.basal("10:10:00", 1.0)
    first, second = log.history().basal
    assert (first.end, first.running) == (at("10:10:00"), False)
    assert (second.end, second.running) == (at("10:40:00"), True)


def test_of_two_in_one_second_the_later_wins() -> None:
    """No segment is shorter than a second."""
    log = PumpDay().basal("10:00:00", 0.8).basal("10:05:00", 0.9).basal("10:05:00", 1.0)
    assert segments(log) == [
        ("10:00:00", "10:05:00", 0.8),
        ("10:05:00", "10:35:00", 1.0),
    ]


def test_a_change_that_lasted_no_second_divides_nothing() -> None:
    """The previous rate continues."""
    log = PumpDay().basal("10:00:00", 0.8).basal("10:05:00", 0.9).basal("10:05:00", 0.8)
    assert segments(log) == [("10:00:00", "10:35:00", 0.8)]
    log = (
        PumpDay()
        .basal("10:00:00", 0.8)
        .suspend("10:05:00")
        .resume("10:05:00")
        .basal("10:05:00", 0.8)
    )
    assert segments(log) == [("10:00:00", "10:35:00", 0.8)]
    assert suspensions(log) == []


def test_no_rate_known() -> None:
    """A day without basal events has no segments."""
    assert PumpDay().reading("10:00:00", 120).history().basal == ()
    assert PumpDay().resume("10:00:00").history().basal == ()


def test_a_clock_that_went_back_without_an_event() -> None:
    """A segment that would end before its start is dropped."""
    log = PumpDay().basal("12:00:00", 0.8).basal("12:05:00", 0.9).seen("09:00:00")
    assert segments(log) == [("12:00:00", "12:05:00", 0.8)]
    log.basal("09:05:00", 1.0)
    assert segments(log)[-1] == ("09:05:00", "09:35:00", 1.0)


def test_a_rate_of_zero_is_a_rate() -> None:
    """The algorithm may deliver nothing for a while without a suspension."""
    log = PumpDay().basal("10:00:00", 0.8).basal("10:05:00", 0.0).basal("10:10:00", 0.8)
    assert segments(log)[1] == ("10:05:00", "10:10:00", 0.0)
    assert suspensions(log) == []


def test_a_rate_that_cannot_be_read_is_not_guessed() -> None:
    """The previous rate does not continue either, but a suspension does."""
    log = (
        PumpDay()
        .basal("10:00:00", 0.8)
        .write("10:05:00", 279, commandedRateSource=9, commandedRate=5)
    )
    log.basal("10:10:00", 0.8).suspend("10:15:00").write("10:20:00", 279).resume(
        "10:25:00"
    )
    log.write("10:26:00", 279).rate_change("10:27:00", 1.0)
    assert segments(log) == [
        ("10:00:00", "10:05:00", 0.8),
        ("10:10:00", "10:15:00", 0.8),
    ]
    assert suspensions(log) == [("10:15:00", "10:25:00", StopReason.USER)]


def test_a_suspension_goes_on_over_what_cannot_be_read() -> None:
    """This also holds for a suspension known by its rate only."""
    log = PumpDay().basal("10:00:00", 0.0, source=0).write("10:05:00", 279)
    assert suspensions(log) == [("10:00:00", "10:35:00", None)]


# Suspensions.


def test_every_field_of_a_suspension() -> None:
    """One record from start to end."""
    log = (
        PumpDay()
        .basal("10:00:00", 0.8)
        .suspend("10:01:07", reason=6)
        .basal("10:05:00", 0.0, source=0)
    )
    log.basal("10:10:00", 0.0, source=0).resume("10:12:30").basal("10:12:30", 0.8)
    (suspension,) = log.history(zone="Europe/Berlin").suspensions
    assert suspension == Suspension(
        key=(0, 1001),
        start=at("08:01:07"),
        pump_time=datetime.fromisoformat("2026-05-14T10:01:07"),
        numbers=(1001, 1002, 1003, 1004),
        end=at("08:12:30"),
        running=False,
        reason=StopReason.LOW_GLUCOSE,
        resumed=True,
    )
    assert segments(log) == [
        ("10:00:00", "10:01:07", 0.8),
        ("10:12:30", "10:42:30", 0.8),
    ]


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (0, StopReason.USER),
        (1, StopReason.ALARM),
        (2, StopReason.MALFUNCTION),
        (6, StopReason.LOW_GLUCOSE),
        (9, None),
    ],
)
def test_reasons(number: int, reason: StopReason | None) -> None:
    """Reasons are decoded from 11."""
    assert suspensions(PumpDay().suspend("10:00:00", number)) == [
        ("10:00:00", "10:30:00", reason)
    ]


def test_a_suspension_known_by_its_rate_alone() -> None:
    """279 shows that delivery is suspended but not why; a later 11 gives the reason, and the first one counts."""
    log = PumpDay().basal("10:00:00", 0.0, source=0).basal("10:05:00", 0.0, source=0)
    assert suspensions(log) == [("10:00:00", "10:35:00", None)]
    log.suspend("10:06:00", reason=1).suspend("10:07:00", reason=0)
    assert suspensions(log) == [("10:00:00", "10:37:00", StopReason.ALARM)]


def test_a_suspension_over_midnight_is_one() -> None:
    """A suspension of any length is one record."""
    log = PumpDay().suspend("22:00:00").basal("22:00:00", 0.0, source=0)
    log.next_day().basal("00:01:00", 0.0, source=0).resume("07:00:00")
    assert suspensions(log) == [("22:00:00", "15 07:00:00", StopReason.USER)]


def test_a_running_suspension() -> None:
    """A running suspension lasts as long as a running rate would."""
    (running,) = (
        PumpDay().suspend("10:00:00").reading("11:00:00", 100).history().suspensions
    )
    assert (running.end, running.running) == (at("11:30:00"), True)


def test_delivery_ends_a_suspension_without_a_resume() -> None:
    """A late resume ends nothing else."""
    log = (
        PumpDay()
        .suspend("10:00:00")
        .basal("10:05:00", 0.8)
        .resume("10:05:00")
        .basal("10:10:00", 0.8)
    )
    assert suspensions(log) == [("10:00:00", "10:05:00", StopReason.USER)]
    assert segments(log) == [("10:05:00", "10:40:00", 0.8)]


@pytest.mark.parametrize("first", [1000, 1021, 1022, 1023, 1024])
@pytest.mark.parametrize("changes_only", [False, True])
def test_a_rate_logged_just_behind_what_stopped_it_does_not_flow(
    first: int, changes_only: bool
) -> None:
    """After an alarm or a suspension, first or later, such a rate is the one until the stop."""
    for minute, second in ((2, 0), (2, 59), (3, 0)):
        log = PumpDay(first=first)
        tell = log.rate_change if changes_only else log.basal
        tell("10:00:00", 0.8)
        log.alarm("10:02:00", 2)
        tell(f"10:{minute:02}:{second:02}", 0.8)
        log.seen("10:10:00")
        flows = minute == 3
        assert bool(log.history().basal[-1].running) is flows
        assert bool(suspensions(log)[-1:] == [("10:02:00", "10:40:00", "alarm")]) is (
            not flows
        )
    log = PumpDay(first=first)
    tell = log.rate_change if changes_only else log.basal
    tell("09:55:00", 0.8)
    log.suspend("10:00:00").alarm("10:15:00", 18)
    tell("10:15:00", 0.8)
    assert suspensions(log) == [("10:00:00", "10:45:00", StopReason.USER)]
    log.resume("10:15:30")
    tell("10:15:30", 0.8)
    assert suspensions(log) == [("10:00:00", "10:15:30", StopReason.USER)]
    assert segments(log)[-1] == ("10:15:30", "10:45:30", 0.8)


def lose(log: PumpDay, time: str, numbers: int = 36) -> PumpDay:
    """Leave out this many events, and continue with one without a meaning."""
    log.number += numbers
    return log.seen(time)


@pytest.mark.parametrize("first", [*range(980, 990), 1000, 1016, *range(1020, 1025)])
@pytest.mark.parametrize("in_rates", [False, True])
def test_a_suspension_before_a_hole_in_the_log(first: int, in_rates: bool) -> None:
    """The suspension may have ended in the hole, so it is known up to the hole only."""
    log = PumpDay(first=first).suspend("10:00:00")
    if in_rates:
        log.basal("10:00:01", 0.0, source=0)
    lose(log.seen("10:10:00"), "11:00:00").seen("11:05:00")
    happened = log.history()
    (suspension,) = happened.suspensions
    assert (suspension.end, suspension.running) == (at("10:15:00"), False)
    assert not suspension.end_known
    assert gaps(log) == [("10:15:00", "11:35:00", True)]
    assert derive_state([happened]).is_suspended is None
    assert derive_state([happened]).running_suspension is None
    log.basal("11:20:00", 0.8)
    assert gaps(log) == [("10:15:00", "11:20:00", False)]
    assert suspensions(log) == [("10:00:00", "10:15:00", StopReason.USER)]
    assert segments(log) == [("11:20:00", "11:50:00", 0.8)]
    assert derive_state([log.history()]).is_suspended is False


TELLS_THAT_IT_GOES_ON: list[tuple[int, dict[str, Any]]] = [
    (3, {"commandedBasalRate": 0, "changeType": [4]}),
    (12, {"insulinAmount": 100}),
    (99, {"version": 1}),
    (5, {"alarmId": 18}),
]


@pytest.mark.parametrize(("code", "properties"), TELLS_THAT_IT_GOES_ON)
@pytest.mark.parametrize("first", [1000, 1014, 1023])
def test_a_suspension_on_both_sides_of_a_hole(
    first: int, code: int, properties: dict[str, Any]
) -> None:
    """On a pump that only logs changes, the suspension continues if the following events say so; a resume ends it."""
    log = lose(PumpDay(first=first).suspend("10:00:00").seen("10:10:00"), "11:00:00")
    log.write("11:01:00", code, **properties).seen("11:10:00")
    end = "11:01:00" if code == 12 else "11:40:00"
    assert suspensions(log) == [("10:00:00", end, StopReason.USER)]
    assert log.history().suspensions[0].end_known
    assert gaps(log) == []


@pytest.mark.parametrize(
    ("code", "properties"),
    [*TELLS_THAT_IT_GOES_ON[1:], (279, {"commandedRateSource": 0, "commandedRate": 0})],
)
@pytest.mark.parametrize("first", [1000, 1014, 1023])
def test_a_hole_during_a_suspension_that_is_told_again(
    first: int, code: int, properties: dict[str, Any]
) -> None:
    """On a pump that logs its rate every five minutes, delivery during the hole is unknown."""
    log = PumpDay(first=first).suspend("10:00:00").basal("10:05:00", 0.0, source=0)
    lose(log.seen("10:10:00"), "11:00:00").write("11:01:00", code, **properties)
    log.seen("11:05:00")
    assert suspensions(log)[0] == ("10:00:00", "10:15:00", StopReason.USER)
    if code == 12:
        log.basal("11:06:00", 0.8)
    assert gaps(log) == [("10:15:00", "11:06:00" if code == 12 else "11:01:00", False)]
    assert derive_state([log.history()]).is_suspended is (code != 12)


def test_a_suspension_that_is_logged_anew_was_resumed_before() -> None:
    """Delivery was resumed in the hole, at an unknown time."""
    log = lose(PumpDay().suspend("10:00:00").seen("10:10:00"), "11:00:00")
    log.suspend("11:30:00", reason=1)
    assert suspensions(log) == [
        ("10:00:00", "10:15:00", StopReason.USER),
        ("11:30:00", "12:00:00", StopReason.ALARM),
    ]
    assert gaps(log) == [("10:15:00", "11:30:00", False)]


@pytest.mark.parametrize(
    ("numbers", "back"), [(3, "18:00:00"), (2, "10:30:00"), (200, "10:25:00")]
)
def test_a_log_that_may_be_whole_hides_no_end(numbers: int, back: str) -> None:
    """A few missing numbers are not events, and the events of a quarter of an hour are hardly ever lost."""
    log = PumpDay().suspend("10:00:00").seen("10:10:00")
    lose(log, back, numbers - 1)
    assert derive_state([log.history()]).is_suspended is True
    assert gaps(log) == []


def test_a_hole_that_is_filled_tells_the_end() -> None:
    """Once the hole is filled the result is as if it had never existed."""
    log = PumpDay().basal("09:58:00", 0.8).suspend("10:00:00").seen("10:10:00")
    log.resume("10:20:00").basal("10:20:00", 0.8)
    for minute in range(25, 60, 5):
        log.basal(f"10:{minute}:00", 0.8)
    log.basal("11:00:00", 0.8)
    late = log.raws[3:-1]
    early = [raw for raw in log.raws if raw not in late]
    (doubted,) = history(early).suspensions
    assert (doubted.end, doubted.end_known) == (at("10:15:00"), False)
    (whole,) = history([*early, *late]).suspensions
    assert (whole.end, whole.end_known) == (at("10:20:00"), True)


def test_a_part_of_the_log_that_the_pump_lost_may_hold_the_end() -> None:
    """The pump logs the loss itself (60); after that, logged states are known again."""
    log = PumpDay().suspend("10:00:00").write("10:30:00", 60, block=1).seen("11:00:00")
    assert suspensions(log) == [("10:00:00", "10:30:00", StopReason.USER)]
    assert gaps(log) == [("10:30:00", "11:30:00", True)]
    assert derive_state([log.history()]).is_suspended is None
    log = PumpDay().suspend("10:00:00").write("10:30:00", 60, block=1)
    log.basal("10:34:00", 0.0, source=0)
    assert suspensions(log) == [("10:00:00", "11:04:00", StopReason.USER)]
    assert gaps(log) == []


def test_a_log_that_goes_on_in_another_sequence_group_has_a_hole() -> None:
    """After a long silence, numbers of another group do not show whether events are missing."""
    log = PumpDay().suspend("10:00:00").seen("10:10:00")
    log.group, log.number = 1, 1
    assert derive_state([log.seen("10:25:00").history()]).is_suspended is True
    log.raws[-1]["pumpDateTime"] = f"{log.day}T10:25:01"
    assert derive_state([log.history()]).is_suspended is None


def test_a_malfunction_before_a_hole_in_the_log() -> None:
    """Whether delivery is still stopped after the hole is unknown."""
    log = PumpDay().basal("10:00:00", 0.8).malfunction("10:02:00").seen("10:10:00")
    lose(log, "12:00:00")
    assert suspensions(log) == [("10:02:00", "10:15:00", StopReason.MALFUNCTION)]
    assert gaps(log) == [("10:15:00", "12:30:00", True)]


def test_after_a_resume_the_rate_is_not_known_until_it_is_logged() -> None:
    """Until the rate is logged there is a gap."""
    log = (
        PumpDay()
        .basal("10:00:00", 0.8)
        .suspend("10:05:00")
        .resume("10:06:00")
        .basal("10:10:00", 0.8)
    )
    assert segments(log) == [
        ("10:00:00", "10:05:00", 0.8),
        ("10:10:00", "10:40:00", 0.8),
    ]


# Pumps that log changes only.


def test_changes_serve_on_days_without_deliveries() -> None:
    """Each rate lasts until the next change; temporary rates are marked."""
    log = PumpDay().rate_change("00:00:00", 0.8, 0).rate_change("06:00:00", 1.2, 0)
    log.rate_change("08:00:00", 0.6, 2).rate_change("09:00:00", 0.5).rate_change(
        "10:00:00", 1.2, 3
    )
    log.rate_change("11:00:00", 0.0, 4).rate_change("11:30:00", 1.2, 5)
    assert segments(log) == [
        ("00:00:00", "06:00:00", 0.8),
        ("06:00:00", "08:00:00", 1.2),
        ("08:00:00", "09:00:00", 0.6),
        ("09:00:00", "10:00:00", 0.5),
        ("10:00:00", "11:00:00", 1.2),
        ("11:30:00", "12:00:00", 1.2),
    ]
    assert suspensions(log) == [("11:00:00", "11:30:00", None)]
    sources = [one.source for one in log.history().basal]
    assert (
        sources
        == [BasalSource.PROFILE] * 2
        + [BasalSource.TEMP_RATE] * 2
        + [BasalSource.PROFILE] * 2
    )


@pytest.mark.parametrize("resume_first", [False, True])
def test_suspend_and_resume_beside_changes(resume_first: bool) -> None:
    """The order of the two within a second does not matter."""
    log = (
        PumpDay()
        .rate_change("00:00:00", 0.8, 0)
        .suspend("10:00:00")
        .rate_change("10:00:00", 0.0, 4)
    )
    if resume_first:
        log.resume("10:20:00").rate_change("10:20:00", 0.8, 5)
    else:
        log.rate_change("10:20:00", 0.8, 5).resume("10:20:00")
    log.seen("18:00:00")
    assert segments(log) == [
        ("00:00:00", "10:00:00", 0.8),
        ("10:20:00", "18:30:00", 0.8),
    ]
    assert suspensions(log) == [("10:00:00", "10:20:00", StopReason.USER)]


@pytest.mark.parametrize("bits", [(), (0,), (1,), (3,), (7,), (0, 3)])
@pytest.mark.parametrize("stopped_by", ["suspension", "rate", "alarm", "malfunction"])
def test_a_rate_of_zero_during_a_suspension_does_not_end_it(
    bits: tuple[int, ...], stopped_by: str
) -> None:
    """The next profile segment and the end of a temporary rate are logged during a suspension too; neither shows delivery."""
    log = PumpDay().rate_change("08:00:00", 0.8, 0)
    log.rate_change("09:55:00", 0.4, 2)
    match stopped_by:
        case "suspension":
            log.suspend("10:00:00").rate_change("10:00:00", 0.0, 4)
        case "rate":
            log.rate_change("10:00:00", 0.0, 4)
        case "alarm":
            log.alarm("10:00:00", 2)
        case _:
            log.malfunction("10:00:00")
    log.rate_change("10:10:00", 0.0, *bits, profile=1.5).seen("10:20:00")
    happened = log.history()
    assert derive_state([happened]).is_suspended is True
    (suspension,) = happened.suspensions
    assert (suspension.start, suspension.running) == (at("10:00:00"), True)
    log.rate_change("10:30:00", 1.5, *bits)
    assert [one[:2] for one in suspensions(log)] == [("10:00:00", "10:30:00")]
    assert segments(log)[-1] == ("10:30:00", "11:00:00", 1.5)


def test_a_rate_of_zero_may_be_what_delivery_goes_on_with() -> None:
    """The pump logs a resume in that case."""
    log = PumpDay().suspend("10:00:00").rate_change("10:00:00", 0.0, 4)
    log.rate_change("10:20:00", 0.0, 5).resume("10:20:00").seen("10:30:00")
    assert suspensions(log) == [("10:00:00", "10:20:00", StopReason.USER)]
    assert segments(log) == [("10:20:00", "11:00:00", 0.0)]


def test_a_rate_of_zero_behind_a_hole_says_nothing_of_a_suspension_before_it() -> None:
    """Delivery may have been resumed in the hole, with insulin delivered."""
    log = PumpDay().rate_change("08:00:00", 0.8, 0).suspend("10:00:00")
    lose(log, "11:00:00").rate_change("11:00:05", 0.0, 0, profile=1.5)
    log.seen("11:10:00")
    assert suspensions(log) == [("10:00:00", "10:05:00", StopReason.USER)]
    assert gaps(log) == [("10:05:00", "11:00:05", False)]


@pytest.mark.parametrize("seconds", [0, 1, 30, 59])
@pytest.mark.parametrize("resume_first", [False, True])
@pytest.mark.parametrize("stopped_by", ["suspension", "alarm"])
def test_delivery_that_is_resumed_within_a_minute(
    seconds: int, resume_first: bool, stopped_by: str
) -> None:
    """A rate logged with a resume is not the rate before the stop."""
    log, back = PumpDay().rate_change("00:00:00", 0.8, 0), f"10:00:{seconds:02}"
    if stopped_by == "alarm":
        log.alarm("10:00:00", 2)
    log.suspend("10:00:00").rate_change("10:00:00", 0.0, 4)
    if resume_first:
        log.resume(back).rate_change(back, 1.0, 5)
    else:
        log.rate_change(back, 1.0, 5).resume(back)
    log.seen("18:00:00")
    assert segments(log) == [
        ("00:00:00", "10:00:00", 0.8),
        (back, "18:30:00", 1.0),
    ]
    assert derive_state([log.history()]).is_suspended is False


def test_changes_hold_until_the_first_delivery() -> None:
    """New software started to log deliveries in the middle of a day; from then on both report the same rates."""
    log = PumpDay().rate_change("22:00:00", 0.7, 0)
    log.next_day().rate_change("00:00:00", 0.9, 0).basal("00:04:00", 0.8).rate_change(
        "00:08:00", 0.9
    )
    assert segments(log) == [
        ("22:00:00", "15 00:00:00", 0.7),
        ("15 00:00:00", "15 00:04:00", 0.9),
        ("15 00:04:00", "15 00:38:00", 0.8),
    ]


def test_a_change_has_no_beat() -> None:
    """Pumps that only log changes are silent for hours while a rate runs."""
    log = PumpDay().rate_change("08:00:00", 0.7, 0).seen("18:00:00")
    assert segments(log) == [("08:00:00", "18:30:00", 0.7)]
    assert gaps(log) == []


def test_midnight_tells_the_rate_again() -> None:
    """Midnight divides a running rate and provides an unknown one, and nothing else."""
    log = PumpDay().rate_change("22:00:00", 0.7, 0)
    log.next_day().write("00:00:00", 90, commandedBasalRate=0.7).seen("01:00:00")
    assert segments(log) == [
        ("22:00:00", "15 00:00:00", 0.7),
        ("15 00:00:00", "15 01:30:00", 0.7),
    ]
    log = PumpDay().write("00:00:00", 90, commandedBasalRate=0.7).seen("01:00:00")
    assert segments(log) == [("00:00:00", "01:30:00", 0.7)]
    log = PumpDay().rate_change("22:00:00", 0.7, 0)
    log.next_day().write("00:00:00", 90, commandedBasalRate=0.9).seen("01:00:00")
    assert segments(log) == [("22:00:00", "15 01:30:00", 0.7)]
    log = PumpDay().basal("23:58:00", 0.7).next_day()
    log.write("00:00:00", 90, commandedBasalRate=0.9)
    assert segments(log) == [("23:58:00", "15 00:30:00", 0.7)]


# A pump that is off, or without rates in its log.

OFF = [
    (StopReason.SHUT_DOWN, 3, {"commandedBasalRate": 0.0, "changeType": [6]}),
    (StopReason.SHELF_MODE, 53, {"msecSinceReset": 1}),
    (StopReason.RESTARTED, 99, {"version": 1}),
    (StopReason.ALARM, 5, {"alarmId": 2}),
    (StopReason.ALARM, 5, {"alarmId": 8}),
    (StopReason.ALARM, 5, {"alarmId": 12}),
    (StopReason.ALARM, 5, {"alarmId": 26}),
    (StopReason.MALFUNCTION, 6, {"malfId": 9}),
]


@pytest.mark.parametrize(("reason", "code", "properties"), OFF)
@pytest.mark.parametrize("changes_only", [False, True])
def test_what_stops_delivery(
    reason: StopReason, code: int, properties: dict[str, Any], changes_only: bool
) -> None:
    """Without an 11 delivery stops at the second of the event and continues with the next logged rate or resume."""
    log = PumpDay()
    tell = log.rate_change if changes_only else log.basal
    tell("10:00:00", 0.8)
    log.write("10:02:00", code, **properties).seen("12:00:00")
    assert segments(log) == [("10:00:00", "10:02:00", 0.8)]
    assert suspensions(log) == [("10:02:00", "12:30:00", reason)]
    assert gaps(log) == []
    tell("12:30:00", 0.9)
    assert segments(log)[1:] == [("12:30:00", "13:00:00", 0.9)]
    assert suspensions(log) == [("10:02:00", "12:30:00", reason)]


@pytest.mark.parametrize(("reason", "code", "properties"), OFF)
def test_a_suspension_that_had_begun_goes_on(
    reason: StopReason, code: int, properties: dict[str, Any]
) -> None:
    """The suspension keeps its reason; one without a reason gets it now."""
    log = PumpDay().suspend("10:00:00").write("10:02:00", code, **properties)
    assert suspensions(log) == [("10:00:00", "10:32:00", StopReason.USER)]
    log = PumpDay().basal("10:00:00", 0, source=0).write("10:02:00", code, **properties)
    assert suspensions(log) == [("10:00:00", "10:32:00", reason)]


@pytest.mark.parametrize("first", [1000, 1022, 1023, 1024])
@pytest.mark.parametrize("changes_only", [False, True])
def test_an_alarm_that_delivery_could_not_be_stopped(
    first: int, changes_only: bool
) -> None:
    """Its name says that delivery continues, the pump's guide that it stopped; delivery is unknown until a new rate."""
    log = PumpDay(first=first)
    tell = log.rate_change if changes_only else log.basal
    tell("10:00:00", 0.8)
    log.alarm("10:02:00", 0)
    tell("10:02:30", 0.8)
    log.seen("10:20:00")
    assert segments(log) == [("10:00:00", "10:02:00", 0.8)]
    assert suspensions(log) == []
    assert gaps(log) == [("10:02:00", "10:50:00", True)]
    assert derive_state([log.history()]).is_suspended is None
    tell("10:25:00", 0.9)
    assert segments(log)[1:] == [("10:25:00", "10:55:00", 0.9)]
    log = PumpDay(first=first).suspend("10:00:00").alarm("10:02:00", 0)
    assert suspensions(log) == [("10:00:00", "10:32:00", StopReason.USER)]
    log.resume("10:10:00").alarm("10:10:01", 0)
    assert derive_state([log.history()]).is_suspended is None


@pytest.mark.parametrize("alarm", [4, 14])
def test_alarms_that_stop_nothing(alarm: int) -> None:
    """The rate continues."""
    log = PumpDay().basal("10:00:00", 0.8).alarm("10:02:00", alarm)
    assert segments(log) == [("10:00:00", "10:32:00", 0.8)]


def test_an_alert_stops_nothing() -> None:
    """An alert of any number stops nothing."""
    log = PumpDay().basal("10:00:00", 0.8).alert("10:02:00", 2).cgm_alert("10:03:00", 2)
    assert segments(log) == [("10:00:00", "10:33:00", 0.8)]


def test_an_alarm_and_its_suspension_are_one() -> None:
    """Delivery stopped with the alarm, even if the suspension was logged later."""
    log = PumpDay().basal("10:00:00", 0.8).alarm("10:02:00", 2)
    log.suspend("10:02:10", reason=1).write("10:03:00", 28, alarmId=2)
    log.resume("10:30:00").basal("10:30:00", 0.8)
    assert suspensions(log) == [("10:02:00", "10:30:00", StopReason.ALARM)]
    (suspension,) = log.history(zone="Europe/Berlin").suspensions
    assert suspension.key == (0, 1002)
    assert suspension.pump_time == datetime.fromisoformat("2026-05-14T10:02:00")


def test_whether_a_cleared_alarm_lets_delivery_go_on_is_not_known() -> None:
    """Delivery is unknown until a rate or a resume."""
    log = PumpDay().basal("10:00:00", 0.8).alarm("10:02:00", 2)
    log.write("10:20:00", 28, alarmId=2).seen("10:29:59")
    assert suspensions(log) == [("10:02:00", "10:20:00", StopReason.ALARM)]
    assert gaps(log) == []
    assert gaps(log.seen("10:31:00")) == [("10:20:00", "11:01:00", True)]
    log.basal("10:35:00", 0.8)
    assert gaps(log) == [("10:20:00", "10:35:00", False)]


@given(
    first=st.integers(1024 - 8, 1024),
    stops=st.lists(st.sampled_from([2, 8, 18, 26]), min_size=1, max_size=5),
    clears=st.lists(st.sampled_from([2, 8, 18, 26, 4]), max_size=6),
)
def test_what_is_still_raised_keeps_delivery_stopped(
    first: int, stops: list[int], clears: list[int]
) -> None:
    """Delivery stays stopped until the last raised alarm is cleared; 18 shows that insulin is still suspended."""
    log = PumpDay(first=first).basal("10:00:00", 0.8)
    for minute, number in enumerate(stops):
        log.alarm(f"10:{minute + 2:02}:00", number)
    raised, ended = {*stops}, None
    for minute, number in enumerate(clears):
        log.write(f"10:{minute + 10:02}:00", 28, alarmId=number)
        raised -= {number}
        if not raised:
            ended = ended or f"10:{minute + 10:02}:00"
    log.seen("10:30:00")
    assert suspensions(log) == [("10:02:00", ended or "11:00:00", StopReason.ALARM)]


def test_a_rate_that_is_not_logged_again_is_not_known() -> None:
    """The rate is unknown from the first missing five-minute event on, once that is overdue within the log."""
    log = PumpDay().basal("10:00:00", 0.8).basal("10:05:00", 0.8).seen("10:20:00")
    assert segments(log) == [("10:00:00", "10:50:00", 0.8)]
    log.seen("10:20:01")
    assert segments(log) == [("10:00:00", "10:10:00", 0.8)]
    assert gaps(log) == [("10:10:00", "10:50:01", True)]
    log.basal("12:00:00", 0.8)
    assert gaps(log) == [("10:10:00", "12:00:00", False)]
    assert segments(log)[1:] == [("12:00:00", "12:30:00", 0.8)]


def test_every_field_of_a_gap() -> None:
    """The gap has the key of the last logged rate."""
    log = PumpDay().basal("12:00:00", 0.8).basal("12:05:00", 0.8).seen("13:00:00")
    assert log.history(zone="Europe/Berlin").basal_gaps == (
        BasalGap(
            key=(0, 1001),
            start=at("10:10:00"),
            pump_time=datetime.fromisoformat("2026-05-14T12:10:00"),
            end=at("11:30:00"),
            running=True,
        ),
    )


def test_late_data_fills_a_gap() -> None:
    """Events that are not uploaded yet prove nothing."""
    log = PumpDay()
    for minute in range(0, 60, 5):
        log.basal(f"10:{minute:02}:00", 0.8)
    late = log.raws[3:9]
    early = [raw for raw in log.raws if raw not in late]
    assert [(one.start, one.end) for one in history(early).basal_gaps] == [
        (at("10:15:00"), at("10:45:00"))
    ]
    assert history([*early, *late]).basal_gaps == ()
    assert len(history([*early, *late]).basal) == 1


CAME_ON = [(99, {"version": 1}), (5, {"alarmId": 3})]


@pytest.mark.parametrize(("code", "properties"), CAME_ON)
@pytest.mark.parametrize("first", [1000, 1021, 1022, 1023, 1024])
@pytest.mark.parametrize("changes_only", [False, True])
def test_a_pump_that_came_on_again_ran_no_longer_than_it_logged(
    first: int, code: int, properties: dict[str, Any], changes_only: bool
) -> None:
    """An empty battery is not logged: delivery counts for five minutes after the last event and is unknown from then on."""
    log = PumpDay(first=first)
    tell = log.rate_change if changes_only else log.basal
    tell("10:00:00", 0.8)
    tell("10:05:00", 0.8)
    for late, group in (("10:20:00", 0), ("10:20:01", 0), ("23:00:00", 1)):
        on = PumpDay(first=first + 2, group=group).write(late, code, **properties)
        log.raws[2:] = on.raws
        off = late != "10:20:00"
        end = "10:10:00" if off else late
        happened = log.history()
        assert segments(log) == [("10:00:00", end, 0.8)]
        assert [clock(one.start) for one in happened.suspensions] == [late]
        assert gaps(log) == ([(end, late, False)] if off else [])


def test_a_suspended_pump_that_was_off_delivered_nothing() -> None:
    """After any time off delivery has to be resumed first."""
    log = PumpDay().rate_change("09:00:00", 0.8, 0).suspend("10:00:00")
    log.write("18:00:00", 99).resume("18:10:00").rate_change("18:10:00", 0.8, 5)
    assert suspensions(log) == [("10:00:00", "18:10:00", StopReason.USER)]
    assert gaps(log) == []


def test_a_rate_that_cannot_be_read_for_long_is_a_gap() -> None:
    """A single unreadable rate is no gap."""
    log = PumpDay().basal("10:00:00", 0.8).write("10:05:00", 279)
    log.basal("10:10:00", 0.8).write("10:15:00", 279).write("10:20:00", 279)
    log.write("10:25:00", 279)
    assert gaps(log) == [("10:15:00", "10:55:00", True)]


def sensed(log: PumpDay, first: str, beats: int) -> PumpDay:
    """Log a reading every five minutes."""
    begin = at(first)
    for beat in range(beats):
        log.reading(f"{begin + timedelta(minutes=5 * beat):%H:%M:%S}", 120)
    return log


@pytest.mark.parametrize("first", [1000, *range(1008, 1025)])
def test_changes_may_stand_in_an_evident_hole(first: int) -> None:
    """On a pump that had logged all the time, the rate after the hole is unknown until it is logged."""
    log = sensed(PumpDay(first=first).rate_change("09:00:00", 0.8, 0), "09:05:00", 12)
    lose(log, "11:00:00").seen("11:05:00")
    assert segments(log) == [("09:00:00", "10:05:00", 0.8)]
    assert gaps(log) == [("10:05:00", "11:35:00", True)]
    log.rate_change("12:00:00", 1.2, 0)
    assert segments(log)[1:] == [("12:00:00", "12:30:00", 1.2)]
    assert gaps(log) == [("10:05:00", "12:00:00", False)]


def test_a_pump_that_logs_seldom_has_no_evident_hole() -> None:
    """Its numbers may count events that are never uploaded."""
    log = sensed(PumpDay().rate_change("09:00:00", 0.8, 0), "09:05:00", 4)
    lose(log, "11:00:00").seen("11:05:00")
    assert segments(log) == [("09:00:00", "11:35:00", 0.8)]
    assert gaps(log) == []


def test_a_change_that_cannot_be_read_ends_the_rate_before_it() -> None:
    """The rate is unknown from then on until it is logged; with 279 in the log a change adds nothing."""
    log = PumpDay().rate_change("10:00:00", 0.8, 0).write("12:00:00", 3, changeType=[0])
    log.seen("13:00:00")
    assert segments(log) == [("10:00:00", "12:00:00", 0.8)]
    assert gaps(log) == [("12:00:00", "13:30:00", True)]
    log.rate_change("14:00:00", 0.8, 0)
    assert segments(log)[1:] == [("14:00:00", "14:30:00", 0.8)]
    assert gaps(log) == [("12:00:00", "14:00:00", False)]
    log = PumpDay().basal("10:00:00", 0.8).write("10:02:00", 3).basal("10:05:00", 0.8)
    assert segments(log) == [("10:00:00", "10:35:00", 0.8)]


# Pumps that log doses.


def dose(
    log: PumpDay, time: str, units: float, number: int, *, source: int = 3
) -> PumpDay:
    """Log a dose from start to end (558 and 559)."""
    dose = {"doseId": number, "doseSource": source}
    log.write(time, 558, **dose, profileBasalRate=900)
    return log.write(time, 559, **dose, syncDoseSizeDelivered=units)


def rounded(found: list[tuple[str, str, float]]) -> list[tuple[str, str, float]]:
    """Return segments with their rates rounded to 0.000001 U/h."""
    return [(start, end, round(rate, 6)) for start, end, rate in found]


def test_doses_flow_until_the_next_one() -> None:
    """Each dose becomes a rate that gives exactly its amount; equal ones are joined."""
    log = PumpDay()
    for number, (time, units) in enumerate(
        [("10:00:00", 0.1), ("10:05:00", 0.1), ("10:10:00", 0.05), ("10:14:00", 0.0)]
    ):
        dose(log, time, units, number)
    dose(log, "10:19:00", 0.2, 9)
    assert rounded(segments(log)) == [
        ("10:00:00", "10:10:00", 1.2),
        ("10:10:00", "10:14:00", 0.75),
        ("10:14:00", "10:19:00", 0),
        ("10:19:00", "10:49:00", 2.4),
    ]
    assert {one.profile_rate for one in log.history().basal} == {0.9}
    assert {one.source for one in log.history().basal} == {BasalSource.ALGORITHM}


def test_a_dose_cut_short() -> None:
    """The delivered part went in before the suspension."""
    log = dose(PumpDay(), "10:00:00", 0.1, 1)
    log.write("10:05:00", 558, doseId=2, doseSource=3, profileBasalRate=900)
    log.suspend("10:05:30")
    log.write("10:05:31", 559, doseId=2, doseSource=3, syncDoseSizeDelivered=0.02)
    log.seen("11:00:00")
    assert rounded(segments(log)) == [
        ("10:00:00", "10:05:00", 1.2),
        ("10:05:00", "10:05:30", 2.4),
    ]
    assert suspensions(log) == [("10:05:30", "11:30:00", StopReason.USER)]


STOPS: dict[str, Callable[[PumpDay, str], PumpDay]] = {
    "suspension": PumpDay.suspend,
    "alarm": PumpDay.alarm,
    "malfunction": PumpDay.malfunction,
}


@given(
    size=st.integers(1, 1500),
    seconds=st.integers(0, 299),
    given_before=st.integers(0, 3),
    stop=st.sampled_from(sorted(STOPS)),
    first=st.integers(1012, 1026),
)
def test_a_dose_that_is_cut_short_is_no_burst(
    size: int, seconds: int, given_before: int, stop: str, first: int
) -> None:
    """The rate stays within the pump's limits and the full amount counts, however small."""
    units_cut = size / 1000
    log = PumpDay(first=first).basal("09:30:00", 0.6).resume("09:40:00")
    for number in range(given_before):
        dose(log, f"09:{45 + 5 * number}:00", 0.1, number)
    log.write("10:00:00", 558, doseId=9, doseSource=3, profileBasalRate=900)
    stopped = f"10:{seconds // 60:02}:{seconds % 60:02}"
    STOPS[stop](log, stopped)
    log.write(stopped, 559, doseId=9, doseSource=3, syncDoseSizeDelivered=units_cut)
    happened = log.seen("10:50:00").history()
    made_of_doses = happened.basal[1:]
    total = sum(one.rate * ((one.end - one.start) / HOUR) for one in made_of_doses)
    assert total == pytest.approx(units_cut + 0.1 * given_before)
    lasts = timedelta(minutes=5) * (given_before + 1)
    most = max(15.0, total / (lasts / HOUR))
    assert all(one.rate <= most * 1.0001 for one in made_of_doses)
    assert all(one.end <= at(stopped) for one in made_of_doses)
    spans = [(one.start, one.end) for one in happened.basal]
    assert all(ends <= begins for (_, ends), (begins, _) in pairwise(spans))
    assert happened.suspensions[-1].start == at(stopped)
    assert {one.offset for one in happened.basal} == {timedelta()}


@pytest.mark.parametrize("first", [1000, *range(1012, 1026)])
def test_a_dose_cut_short_behind_a_resume_counts_with_those_before(first: int) -> None:
    """There was no time of its own in which it could have been delivered."""
    log = dose(PumpDay(first=first), "10:00:00", 0.1, 1).suspend("10:05:00")
    log.resume("10:30:00")
    log.write("10:30:01", 558, doseId=2, doseSource=3, profileBasalRate=900)
    log.suspend("10:30:02")
    log.write("10:30:02", 559, doseId=2, doseSource=3, syncDoseSizeDelivered=0.04)
    log.seen("11:00:00")
    assert rounded(segments(log)) == [("10:00:00", "10:05:00", 1.68)]
    assert suspensions(log)[-1] == ("10:30:02", "11:30:00", StopReason.USER)


def test_doses_of_one_instant_all_count() -> None:
    """Neither dose replaces the other."""
    log = dose(dose(PumpDay(), "10:00:00", 0.1, 1), "10:00:00", 0.2, 2)
    happened = dose(log, "10:05:00", 0.1, 3).seen("10:10:00").history()
    assert units(happened, at("10:10:00")) == pytest.approx(0.4)


@pytest.mark.parametrize("stop", sorted(STOPS))
@pytest.mark.parametrize("first", [1000, *range(1016, 1024)])
def test_a_dose_logged_just_behind_what_stopped_it_ends_no_suspension(
    stop: str, first: int
) -> None:
    """A dose without a start was delivered before the stop and counts with earlier doses; the next one ends the suspension."""
    log = PumpDay(first=first)
    for number, time in enumerate(("09:50:00", "09:55:00")):
        dose(log, time, 0.1, number)
    STOPS[stop](log, "10:00:01")
    log.write("10:00:02", 559, doseId=9, doseSource=3, syncDoseSizeDelivered=0.08)
    happened = log.seen("10:05:00").history()
    assert derive_state([happened]).is_suspended is True
    assert units(happened) == pytest.approx(0.28)
    dose(log, "10:10:00", 0.1, 10)
    assert derive_state([log.history()]).is_suspended is False
    assert [one[:2] for one in suspensions(log)] == [("10:00:01", "10:10:00")]


def test_a_dose_of_a_suspended_pump() -> None:
    """A suspended pump delivers nothing."""
    log = dose(dose(PumpDay(), "10:00:00", 0.1, 1), "10:05:00", 0, 2, source=0)
    assert suspensions(log) == [("10:05:00", "10:35:00", None)]


def test_doses_that_do_not_come() -> None:
    """Missing doses leave the same gap as missing rates."""
    log = dose(PumpDay(), "10:00:00", 0.1, 1).seen("10:30:00")
    assert rounded(segments(log)) == [("10:00:00", "10:05:00", 1.2)]
    assert gaps(log) == [("10:05:00", "11:00:00", True)]


def test_a_running_dose_is_no_more_than_was_delivered() -> None:
    """A running dose gives its amount and no more, however late the next one is."""
    log = dose(PumpDay(), "10:00:00", 0.1, 1).seen("10:08:00")
    happened = log.history()
    assert units(happened, at("10:08:00")) == pytest.approx(0.1)


def test_a_dose_without_its_start_begins_where_it_ended() -> None:
    """A dose without a start begins at the time of its end; a dose without an end is ignored."""
    log = PumpDay().write(
        "10:00:01", 559, doseId=1, doseSource=1, syncDoseSizeDelivered=0.1
    )
    log.write("10:05:00", 558, doseId=2, doseSource=1)
    assert rounded(segments(log)) == [("10:00:01", "10:35:00", 1.2)]
    assert log.history().basal[0].profile_rate is None


def test_rates_beside_doses_count_once() -> None:
    """From the first dose on only doses count."""
    log = PumpDay().basal("09:55:00", 0.6)
    for minute in range(0, 15, 5):
        dose(log, f"10:{minute:02}:00", 0.1, minute)
        log.basal(f"10:{minute:02}:01", 1.2)
    assert rounded(segments(log)) == [
        ("09:55:00", "10:00:00", 0.6),
        ("10:00:00", "10:40:01", 1.2),
    ]


def test_changes_serve_when_no_delivery_can_be_read() -> None:
    """Unreadable deliveries are not guessed, and the changes still count."""
    log = (
        PumpDay()
        .rate_change("10:00:00", 0.8, 0)
        .write("10:00:00", 279, commandedRate="fast")
    )
    log.write("10:05:00", 279, commandedRate="fast").rate_change("10:30:00", 0.9, 0)
    assert rounded(segments(log)) == [
        ("10:00:00", "10:30:00", 0.8),
        ("10:30:00", "11:00:00", 0.9),
    ]


# A drifting clock that is corrected.


def put_back(log: PumpDay, before: str, after: str) -> PumpDay:
    """Set the clock from one time of day back to another."""
    return log.time_moved(after, before, after)


def test_a_suspension_during_which_the_clock_is_put_back() -> None:
    """The suspension is known, and time that the clock showed twice counts once."""
    log = PumpDay().basal("15:00:00", 1.0).basal("15:05:00", 1.0).suspend("15:07:00")
    put_back(log, "15:09:00", "15:00:00").resume("15:01:00")
    log.basal("15:01:30", 0.5)
    assert suspensions(log) == [("15:00:59", "15:01:00", StopReason.USER)]
    assert segments(log) == [
        ("15:00:00", "15:00:59", 1.0),
        ("15:01:30", "15:31:30", 0.5),
    ]
    assert {one.offset for one in log.history().suspensions} == {timedelta()}


def test_a_suspension_that_goes_on_when_the_clock_is_put_back() -> None:
    """The suspension has started by then; the same holds for a running rate."""
    log = PumpDay().basal("15:00:00", 1.0).suspend("15:07:00")
    put_back(log, "15:09:00", "15:00:00").basal("15:01:00", 0.0, source=0)
    assert suspensions(log) == [("15:01:00", "15:31:00", StopReason.USER)]
    assert segments(log) == [("15:00:00", "15:01:00", 1.0)]
    log = PumpDay().basal("15:00:00", 1.0).basal("15:05:00", 2.0)
    put_back(log, "15:09:00", "15:00:00").basal("15:01:00", 2.0)
    log.basal("15:06:00", 0.5)
    assert segments(log) == [
        ("15:00:00", "15:01:00", 1.0),
        ("15:01:00", "15:06:00", 2.0),
        ("15:06:00", "15:36:00", 0.5),
    ]


def test_suspensions_that_the_clock_shows_a_second_time_are_all_kept() -> None:
    """They follow one another, and none overlaps another."""
    log = PumpDay().basal("15:00:00", 1.0)
    for minute in (2, 4, 6):
        log.suspend(f"15:0{minute}:00").resume(f"15:0{minute}:30")
    put_back(log, "15:09:00", "15:00:00").basal("15:01:00", 0.5)
    assert [one[:2] for one in suspensions(log)] == [
        ("15:00:57", "15:00:58"),
        ("15:00:58", "15:00:59"),
        ("15:00:59", "15:01:00"),
    ]


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from([1, 20, 59, 60, 300, 300, 300, 600]),
            st.sampled_from(["rate", "rate", "rate", "suspend", "alarm"]),
            st.integers(1, 4).map(lambda quarter: quarter / 4),
        ),
        min_size=1,
        max_size=40,
    ),
    told_by=st.sampled_from(["rates", "changes", "doses"]),
    moved_before=st.integers(0, 40),
    by=st.integers(-899, 899),
    first=st.sampled_from([1000, 1004, 1008, 1012, 1016, 1020]),
)
def test_no_correction_of_the_clock_lets_delivery_overlap(
    steps: list[tuple[int, str, float]],
    told_by: str,
    moved_before: int,
    by: int,
    first: int,
) -> None:
    """No hour has more than an hour of delivery, and all doses and all suspensions count.

    The exception is a suspension that ends, by the corrected clock, in the second of another's start.
    """
    shown, log = datetime.fromisoformat("2026-05-14T10:00:00"), PumpDay(first=first)
    asked, doses, suspended = 0, 0.0, False
    if told_by == "doses":
        for minute in range(30, 60, 5):
            dose(log, f"09:{minute}:00", 0.1, 100 + minute)
            doses += 0.1
    for place, (wait, kind, value) in enumerate(steps):
        if place == moved_before % len(steps):
            before, shown = shown, shown + timedelta(seconds=by)
            put_back(log, f"{before:%H:%M:%S}", f"{shown:%H:%M:%S}")
        shown += timedelta(seconds=wait)
        stamp = shown.isoformat()
        if kind == "suspend" and not suspended:
            log.suspend(stamp)
            asked, suspended = asked + 1, True
        elif kind == "alarm":
            log.alarm(stamp, 18 if suspended else 14)
        elif kind == "rate":
            if suspended:
                log.resume(stamp)
                suspended = False
            match told_by:
                case "rates":
                    log.basal(stamp, value)
                case "changes":
                    log.rate_change(stamp, value, 5)
                case _:
                    dose(log, stamp, value / 10, place)
                    doses += value / 10
    shown += timedelta(minutes=21)
    happened = log.seen(shown.isoformat()).history()
    every: list[BasalSegment | Suspension | BasalGap] = [
        *happened.basal,
        *happened.suspensions,
        *happened.basal_gaps,
    ]
    every.sort(key=lambda one: (one.start, one.end))
    for one, following in pairwise(every):
        assert one.end <= following.start
    assert all(one.end - one.start >= timedelta(seconds=1) for one in every)
    by_hour = hours([happened], insulin_duration=300)
    assert all(one.basal_rate.weight <= 3600 for one in by_hour.values())
    assert asked - (by < 0) <= len(happened.suspensions) <= asked
    if told_by == "doses":
        assert happened.newest is not None
        assert units(happened, happened.newest) == pytest.approx(doses)


# Any stream of rates.

steps = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 1, 59, 300, 300, 300, 900]),
        st.sampled_from(
            ["rate", "rate", "rate", "zero", "stop", "go on stopping", "go"]
        ),
        st.integers(0, 4).map(lambda quarter: quarter / 4),
    ),
    min_size=1,
    max_size=40,
)


@given(steps)
def test_the_insulin_is_the_integral_of_the_rates(
    stream: list[tuple[int, str, float]],
) -> None:
    """The sum of the segments equals the sum over the events; nothing overlaps, and only suspensions leave gaps.

    A rate logged within a minute of a suspension does not count.
    """
    log, second, integral, rate, last = PumpDay(), 0, 0.0, 0.0, 0
    stopped: int | None = None
    for wait, kind, value in stream:
        second += wait
        integral += rate * (second - last) / 3600
        last = second
        stamp = (
            datetime.fromisoformat("2026-05-14T20:00:00") + timedelta(seconds=second)
        ).isoformat()
        is_stale = kind in ("rate", "zero") and (
            stopped is not None and second - stopped < 60
        )
        rate = value if kind in ("rate", "go") and not is_stale else 0.0
        if kind == "stop":
            stopped = second
        elif kind != "go on stopping" and not is_stale:
            stopped = None
        if kind == "stop":
            log.suspend(stamp)
        elif kind == "go on stopping":
            log.basal(stamp, 0.0, source=0)
        else:
            if kind == "go":
                log.resume(stamp)
            log.basal(stamp, rate)
    happened = log.history()
    assert happened.newest is not None
    assert units(happened, happened.newest) == pytest.approx(integral, abs=1e-9)
    assert units(happened) == pytest.approx(integral + rate / 2, abs=1e-9)
    spans: list[BasalSegment | Suspension] = [
        *happened.basal,
        *happened.suspensions,
    ]
    spans.sort(key=lambda one: one.start)
    for one, following in pairwise(spans):
        assert one.end == following.start
        assert not one.running
    for one, following in pairwise(happened.basal):
        same = (one.rate, one.profile_rate, one.source) == (
            following.rate,
            following.profile_rate,
            following.source,
        )
        assert not same or one.end < following.start or one.day != following.day
    assert spans[-1].end == happened.newest + RUNNING_PAST_NEWEST
    assert spans[-1].running
    assert all(one.end - one.start >= timedelta(seconds=1) for one in spans)


@given(steps, st.randoms())
def test_order_and_repetition_do_not_matter(
    stream: list[tuple[int, str, float]], random: Random
) -> None:
    """The same events give the same history."""
    log, second = PumpDay(), 0
    for wait, kind, value in stream:
        second += wait
        stamp = (
            datetime.fromisoformat("2026-05-14T20:00:00") + timedelta(seconds=second)
        ).isoformat()
        log.suspend(stamp) if kind == "stop" else log.basal(stamp, value)
    shuffled = [*log.raws, *log.raws[: len(log.raws) // 2]]
    random.shuffle(shuffled)
    assert history(shuffled) == history(log.raws)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Adelaide"])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_simulated_pump_agrees(zone: str, seed: int) -> None:
    """Three days with meals, suspensions and site changes agree with the pump's own sum to 0.01 U."""
    start = datetime(2026, 5, 10, 22, 0, tzinfo=UTC)
    pump = SimulatedPump(start=start, time_zone=ZoneInfo(zone), seed=seed)
    pump.run_until(start + timedelta(days=3))
    happened = history(pump.events, zone=zone)
    assert happened.newest is not None
    assert units(happened, happened.newest) == pytest.approx(
        pump.basal_delivered(start, happened.newest), abs=0.01
    )
    stopped = [one for one in happened.suspensions if one.reason is not None]
    assert len(happened.suspensions) == len(stopped) > 0


@pytest.mark.parametrize("by", [3, 53, None])
def test_a_simulated_pump_that_was_off_agrees(by: int | None) -> None:
    """When the battery ran out without an event, the rate counts to the end of its five minutes."""
    start = datetime(2026, 5, 10, 22, 0, tzinfo=UTC)
    pump = SimulatedPump(start=start, time_zone=ZoneInfo("UTC"), seed=1, quiet=True)
    pump.run_for(hours=4, minutes=2)
    over = 0.0 if by else pump.basal.profile_rate / 1000 * 3 / 60
    pump.shut_down(by)
    pump.run_for(hours=7)
    pump.switch_on()
    pump.run_for(minutes=10)
    pump.resume()
    pump.run_for(hours=2)
    happened = history(pump.events)
    assert happened.newest is not None
    delivered = pump.basal_delivered(start, happened.newest)
    counted = units(happened, happened.newest)
    assert counted == pytest.approx(delivered + over, abs=0.001)
    assert len(happened.basal_gaps) == (by is None)
