"""Alarms, malfunctions, alerts and CGM alerts, and the events that clear them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.tandem.enums import AlarmKind
from custom_components.tconnectsync.therapy.records import Alarm, AlarmEnd, StopReason
from custom_components.tconnectsync.therapy.state import derive_state

from .pump_days import PumpDay, at, history

REPEATED, CLEARED = AlarmEnd.REPEATED, AlarmEnd.CLEARED
type Raising = Callable[[PumpDay, str], PumpDay]


def cleared(log: PumpDay) -> list[str | None]:
    """Return when each alarm of a log was cleared."""
    return [
        one.cleared.strftime("%H:%M:%S") if one.cleared else None
        for one in log.history().alarms
    ]


def ends(log: PumpDay) -> list[tuple[str, AlarmEnd] | None]:
    """Return when and how each alarm of a log ended."""
    return [
        (one.ended.strftime("%H:%M:%S"), one.ended_by)
        if one.ended and one.ended_by
        else None
        for one in log.history().alarms
    ]


def test_every_field() -> None:
    """An alarm has a stable name and words for people."""
    log = PumpDay().alarm("10:00:00", 8).seen("12:00:00")
    (alarm,) = log.history(zone="Europe/Berlin").alarms
    assert alarm == Alarm(
        key=(0, 1000),
        start=at("08:00:00"),
        pump_time=datetime.fromisoformat("2026-05-14T10:00:00"),
        kind=AlarmKind.ALARM,
        alarm=8,
        ended=None,
        ended_by=None,
        acknowledged=None,
    )
    assert (alarm.slug, alarm.meaning) == ("empty_cartridge", "Empty cartridge")


def test_all_four_kinds() -> None:
    """Alarms are listed in the order in which they were raised, for any numbers."""
    log = PumpDay().cgm_alert("10:00:00", 2).alarm("10:01:00", 2).alert("10:02:00", 2)
    log.malfunction("10:03:00", 2).write("10:04:00", 171, dalertId=14).write(
        "10:05:00", 460, dalertId=1
    )
    assert [(one.kind, one.slug) for one in log.history().alarms] == [
        (AlarmKind.CGM_ALERT, "high"),
        (AlarmKind.ALARM, "occlusion"),
        (AlarmKind.ALERT, "battery_low"),
        (AlarmKind.MALFUNCTION, "malfunction"),
        (AlarmKind.CGM_ALERT, "out_of_range"),
        (AlarmKind.CGM_ALERT, "urgent_low"),
    ]
    assert cleared(log) == [None] * 6


# Alarms and malfunctions.


def test_an_alarm_is_cleared_by_its_own_clearing() -> None:
    """The clearing of another alarm, or of an alert with the same number, does not clear it."""
    log = (
        PumpDay()
        .alarm("10:00:00", 2)
        .write("10:05:00", 28, alarmId=26)
        .write("10:06:00", 26, alertId=2)
    )
    assert cleared(log) == [None]
    assert cleared(log.write("10:07:00", 28, alarmId=2)) == ["10:07:00"]


@pytest.mark.parametrize("raise_it", [PumpDay.alarm, PumpDay.malfunction])
def test_delivery_that_goes_on_clears_what_stopped_it(raise_it: Raising) -> None:
    """A resume, a rate above zero, or a bolus started afterwards and completed clears it."""
    for again, when in (
        (PumpDay().resume("10:20:00"), "10:20:00"),
        (
            PumpDay()
            .basal("10:05:00", 0.0, source=0)
            .basal("10:25:00", 0.0)
            .basal("10:30:00", 0.1),
            "10:30:00",
        ),
        (PumpDay().start("10:40:00", 7, 2.0).end("10:41:00", 7, 2.0), "10:40:00"),
        (
            PumpDay()
            .start("10:40:00", 7, 0.0, 2.0)
            .end("11:40:00", 7, 2.0, extended=True),
            "10:40:00",
        ),
    ):
        log = PumpDay(first=1)
        raise_it(log, "10:00:00")
        log.raws += again.raws
        assert cleared(log) == [when]


@pytest.mark.parametrize("raise_it", [PumpDay.alarm, PumpDay.malfunction])
@pytest.mark.parametrize("first", [1, 1022, 1023, 1024])
@pytest.mark.parametrize("back", ["10:00:01", "10:00:40", "10:20:00"])
def test_a_rate_that_was_resumed_clears_what_stopped_it(
    raise_it: Raising, first: int, back: str
) -> None:
    """On a pump that only logs changes of the rate, this also holds when the resume (12) is missing."""
    log = PumpDay(first=first).rate_change("09:00:00", 0.8, 0)
    raise_it(log, "10:00:00").rate_change(back, 1.0, 5).seen("11:00:00")
    assert cleared(log) == [back]
    assert derive_state([log.history()]).is_suspended is False


def test_a_change_of_the_rate_that_clears_no_alarm() -> None:
    """A change to 0 U/h, one without a resume, one in the same second, and any on a pump that logs its rate every five minutes."""
    log = PumpDay().rate_change("09:00:00", 0.8, 0).alarm("10:00:00")
    log.rate_change("10:20:00", 0.0, 5).rate_change("10:30:00", 0.9, 0)
    assert cleared(log) == [None]
    log = PumpDay().rate_change("09:00:00", 0.8, 0).alarm("10:00:00")
    assert cleared(log.rate_change("10:00:00", 1.0, 5).seen("10:10:00")) == [None]
    assert derive_state([log.history()]).is_suspended is True
    log = PumpDay().basal("09:55:00", 0.8).alarm("10:00:00")
    assert cleared(log.rate_change("10:20:00", 1.0, 5)) == [None]


def test_what_does_not_clear_an_alarm() -> None:
    """A rate of zero, the end of an earlier bolus, and a bolus that was cut short or has not ended."""
    log = (
        PumpDay()
        .basal("09:00:00", 1.0)
        .resume("09:30:00")
        .start("09:59:30", 7, 2.0)
        .alarm("10:00:00")
    )
    log.end("10:00:30", 7, 2.0).basal("10:05:00", 0.0).basal("10:10:00", 1.0, source=0)
    log.start("10:20:00", 8, 2.0).end("10:21:00", 8, 0.1, asked=2.0, status=1).start(
        "10:30:00", 9, 1.0
    )
    assert cleared(log) == [None]


@pytest.mark.parametrize("group", [0, 1])
def test_a_bolus_is_known_by_more_than_its_id(group: int) -> None:
    """A bolus without an end does not count as delivered because a later one with the same id ended."""
    log = PumpDay().alarm("10:00:00").start("10:20:00", 7, 2.0).seen("10:25:00")
    log.next_day()
    log.group = group
    log.start("10:00:00", 7, 1.0).end("10:00:29", 7, 1.0)
    (alarm,) = log.history().alarms
    assert alarm.cleared == at("10:00:00", "2026-05-15")


def test_a_bolus_that_ends_in_another_sequence_group_shows_delivery() -> None:
    """The end belongs to the same bolus."""
    log = PumpDay().alarm("10:00:00").start("10:20:00", 7, 2.0)
    log.group, log.number = 1, 1
    assert cleared(log.end("10:21:00", 7, 2.0)) == ["10:20:00"]


def test_the_first_of_all_that_clears_counts() -> None:
    """The first clearing event counts; an event before the alarm in the log does not, even with a later time."""
    log = PumpDay().resume("10:30:00").alarm("10:00:00")
    log.write("10:40:00", 28, alarmId=2).resume("10:50:00").basal("11:00:00", 1.0)
    assert cleared(log) == ["10:40:00"]


@given(
    first=st.integers(1024 - 16, 1024),
    late=st.integers(0, 90),
    between=st.integers(0, 3),
    stop=st.one_of(st.none(), st.tuples(st.integers(0, 59), st.sampled_from([0, 1]))),
    malfunction=st.booleans(),
    in_doses=st.booleans(),
)
def test_a_rate_in_force_before_an_alarm_does_not_clear_it(
    *,
    first: int,
    late: int,
    between: int,
    stop: tuple[int, int] | None,
    malfunction: bool,
    in_doses: bool,
) -> None:
    """A rate logged within a minute of the stop is the rate until then, at any place in the log."""
    log = PumpDay(first=first)

    def tell(moment: datetime, rate: float) -> None:
        time = f"{moment:%H:%M:%S}"
        if in_doses:
            dose = {"doseId": log.number, "doseSource": 3}
            log.write(time, 558, **dose)
            log.write(time, 559, **dose, syncDoseSizeDelivered=rate / 12)
        else:
            log.basal(time, rate)

    for minute in range(50, 60, 5):
        tell(at(f"11:{minute}:00"), 1.0)
    (log.malfunction if malfunction else log.alarm)("12:00:00", 2)
    reported = at("12:00:00") + timedelta(seconds=late)
    for _ in range(between):
        log.reading("12:00:00", 120)
    tell(reported, 1.0)
    stops = reported
    if stop is not None:
        stops += timedelta(seconds=stop[0])
        log.suspend(f"{stops:%H:%M:%S}", stop[1])
    for minute in range(5, 60, 5):
        log.reading(f"12:{minute:02}:10", 150)
    went_on = late >= 60 and stop is None
    assert cleared(log) == [f"{reported:%H:%M:%S}" if went_on else None]
    if stop is not None or (late < 60 and not in_doses):
        (running,) = log.history().suspensions[-1:]
        assert running.running
        malfunctioned = StopReason.MALFUNCTION if malfunction else StopReason.ALARM
        if late < 60 and not in_doses:
            assert (running.start, running.reason) == (at("12:00:00"), malfunctioned)
    log.resume("13:00:00")
    assert cleared(log) == [f"{reported:%H:%M:%S}" if went_on else "13:00:00"]
    assert not any(one.running for one in log.history().suspensions)


@given(first=st.integers(1024 - 6, 1024), late=st.integers(0, 59))
def test_a_rate_reported_at_once_after_a_suspension_clears_nothing(
    first: int, late: int
) -> None:
    """That rate does not end the suspension either; the next one does, if the pump logged no resume."""
    log = PumpDay(first=first).alarm("11:50:00", 26).reading("11:50:01", 120)
    log.suspend("12:00:00").basal(f"12:00:{late:02}", 1.0).reading("12:50:00", 120)
    assert cleared(log) == [None]
    (running,) = log.history().suspensions
    assert (running.start, running.running) == (at("11:50:00"), True)
    log.basal("12:55:00", 1.0)
    assert cleared(log) == ["12:55:00"]


def test_doses_that_go_on_clear_an_alarm() -> None:
    """Doses started after the alarm with some delivery clear it; a dose without a start may have started before."""
    log = PumpDay().write("11:58:00", 558, doseId=1, doseSource=3).alarm("12:00:00")
    end = {"doseSource": 3, "syncDoseSizeDelivered": 0.1}
    log.write("12:03:00", 559, doseId=1, **end)
    log.write("12:03:00", 558, doseId=2, doseSource=0)
    log.write("12:08:00", 559, **{**end, "doseId": 2, "doseSource": 0})
    log.write("12:08:00", 558, doseId=3, doseSource=3)
    log.write("12:13:00", 559, doseId=3, doseSource=3, syncDoseSizeDelivered=0)
    log.write("12:13:00", 558, doseId=4, doseSource=3)
    assert cleared(log) == [None]
    assert cleared(log.write("12:18:00", 559, doseId=4, **end)) == ["12:13:00"]
    log = PumpDay().alarm("12:00:00").write("12:04:00", 559, doseId=1, **end)
    assert cleared(log) == [None]
    assert cleared(log.write("12:09:00", 559, doseId=2, **end)) == ["12:09:00"]


def test_an_alarm_that_comes_again_ends_the_one_before() -> None:
    """The reminder of stopped delivery repeats; only the last one is open, and the repeat did not clear the others."""
    log = (
        PumpDay()
        .suspend("09:45:00")
        .alarm("10:00:00", 18)
        .alarm("10:15:00", 18)
        .alarm("10:30:00", 18)
    )
    again = [("10:15:00", REPEATED), ("10:30:00", REPEATED)]
    assert ends(log) == [*again, None]
    assert cleared(log) == [None] * 3
    assert ends(log.resume("10:40:00")) == [*again, ("10:40:00", CLEARED)]
    assert cleared(log) == [None, None, "10:40:00"]


def since(log: PumpDay) -> list[str]:
    """Return the start of each raised alarm."""
    return [
        f"{one:%d %H:%M}" for one in derive_state([log.history()], 300).raised_since
    ]


def test_what_is_raised_again_stands_since_it_came_up() -> None:
    """The start is the first one, not the last reminder; a cleared alarm or another alarm has its own start."""
    log = PumpDay().suspend("09:45:00").alarm("10:00:00", 18)
    assert since(log) == ["14 10:00"]
    log.alarm("10:15:00", 18).alert("10:20:00", 18).alarm("10:30:00", 18)
    assert since(log) == ["14 10:20", "14 10:00"]
    log.resume("10:40:00").suspend("10:45:00").alarm("11:00:00", 18)
    assert since(log.alarm("11:15:00", 18)) == ["14 10:20", "14 11:00"]


def test_a_reminder_comes_within_a_day() -> None:
    """A reminder on another day is another alert, even without an end of the first in the log."""
    log = PumpDay().alert("09:00:00", 0).alert("10:00:00", 0).next_day()
    assert since(log.alert("09:59:00", 0)) == ["14 09:00"]
    log = PumpDay().alert("09:00:00", 0).alert("10:00:00", 0).next_day()
    assert since(log.alert("11:00:00", 0)) == ["15 11:00"]


def test_an_alarm_stays_however_long() -> None:
    """Only delivery or its clearing ends it."""
    log = PumpDay().alarm("10:00:00").malfunction("10:00:01")
    log.day = "2026-06-14"
    assert cleared(log.reading("10:00:00", 120)) == [None, None]


@pytest.mark.parametrize("number", [0, 4, 13, 14, 47, 200])
def test_an_alarm_despite_which_delivery_goes_on(number: int) -> None:
    """An alarm that leaves delivery alone, or an unknown one, stays until it is cleared or a day has passed."""
    log = PumpDay().basal("09:55:00", 1.0).alarm("10:00:00", number)
    log.basal("10:05:00", 1.0).start("10:06:00", 7, 2.0).end("10:07:00", 7, 2.0)
    assert cleared(log) == [None]
    log.suspend("10:20:00").resume("10:30:00")
    assert cleared(log) == [None]
    assert cleared(log.write("11:00:00", 28, alarmId=number)) == ["11:00:00"]


def test_it_lapses_after_a_day() -> None:
    """The end of the alarm may never have been logged."""
    log = PumpDay().alarm("10:00:00", 47).basal("10:05:00", 1.0).next_day()
    assert cleared(log.seen("09:59:00")) == [None]
    (alarm,) = log.seen("10:00:00").history().alarms
    assert (alarm.ended_by, alarm.cleared) == (AlarmEnd.LAPSED, None)
    assert alarm.ended == alarm.start + timedelta(days=1)


@pytest.mark.parametrize("number", [14, 47])
def test_an_alarm_of_no_name_that_stopped_delivery(number: int) -> None:
    """The suspension may be logged before or after it; delivery afterwards ends the alarm."""
    before = PumpDay().basal("09:55:00", 1.0).suspend("09:59:59")
    before.alarm("10:00:00", number).resume("10:20:00")
    after = PumpDay().basal("09:55:00", 1.0).alarm("10:00:00", number)
    after.suspend("10:00:01").basal("10:05:00", 0.0, source=0).resume("10:20:00")
    assert cleared(before) == cleared(after) == ["10:20:00"]


# Alerts and CGM alerts.


def test_an_alert_is_cleared_by_its_own_clearing() -> None:
    """Delivery does not affect an alert."""
    log = (
        PumpDay()
        .alert("10:00:00", 0)
        .alert("10:00:00", 17)
        .resume("10:01:00")
        .basal("10:02:00", 1.0)
    )
    assert cleared(log) == [None, None]
    assert cleared(log.write("10:30:00", 26, alertId=17)) == [None, "10:30:00"]


@pytest.mark.parametrize(("raised", "clears"), [(369, 370), (171, 172), (460, 461)])
def test_cgm_alerts_of_every_sensor(raised: int, clears: int) -> None:
    """CGM alerts of G6, other Dexcom sensors and Libre are decoded."""
    log = (
        PumpDay()
        .write("10:00:00", raised, dalertId=3)
        .write("10:30:00", clears, dalertId=3)
    )
    assert cleared(log) == ["10:30:00"]


@pytest.mark.parametrize("raise_it", [PumpDay.alert, PumpDay.cgm_alert])
def test_an_alert_lapses_after_a_day(raise_it: Raising) -> None:
    """The clearing may never be logged, so the alert ends without one after a day; a later clearing still counts."""
    log = PumpDay()
    raise_it(log, "10:00:00")
    log.next_day().seen("09:59:59")
    assert log.history().alarms[0].ended is None
    log.seen("10:00:00")
    assert log.history().alarms[0].ended == at("10:00:00", "2026-05-15")
    assert log.history().alarms[0].cleared is None
    log.next_day().write("08:00:00", 370, dalertId=2).write("08:00:00", 26, alertId=0)
    assert log.history().alarms[0].cleared == at("08:00:00", "2026-05-16")


def test_an_acknowledgement_belongs_to_the_alert_it_follows() -> None:
    """An alert without an acknowledgement does not take the one of the next alert."""
    log = (
        PumpDay().cgm_alert("10:00:00", 2).alert("10:00:30", 2).cgm_alert("11:00:00", 2)
    )
    log.cgm_alert("11:01:00", 3).write("11:02:00", 371, dalertId=2)
    assert [one.acknowledged for one in log.history().alarms] == [
        None,
        None,
        at("11:02:00"),
        None,
    ]


courses = st.lists(
    st.tuples(
        st.sampled_from([4, 5, 6, 12, 26, 28, 279, 369, 370, 371]), st.integers(0, 3)
    ),
    max_size=25,
)


@given(courses, st.randoms())
def test_order_does_not_matter_and_nothing_clears_before_it_is_raised(
    course: list[tuple[int, int]], random: Random
) -> None:
    """Shuffled and repeated events give the same alarms, and none ends before it is raised."""
    log = PumpDay()
    for index, (code, number) in enumerate(course):
        keys = ("alertId", "alarmId", "malfId", "dalertId")
        fields = dict.fromkeys(keys, number) | {
            "commandedRateSource": 1,
            "commandedRate": number,
        }
        log.write(f"10:{index:02}:00", code, **fields)
    shuffled = [*log.raws, *log.raws]
    random.shuffle(shuffled)
    alarms = history(shuffled).alarms
    assert alarms == log.history().alarms
    assert len(alarms) == sum(code in (4, 5, 6, 369) for code, _ in course)
    assert all(one.ended is None or one.ended > one.start for one in alarms)
    raised = {(one.kind, one.alarm, one.start) for one in alarms}
    assert all((one.kind, one.alarm, one.cleared) not in raised for one in alarms)
