"""The history is a pure function of the events: order, repetition and splitting do not matter."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.tconnectsync.tandem.decode import decode_events
from custom_components.tconnectsync.therapy.clock.offsets import Clock
from custom_components.tconnectsync.therapy.clock.uploads import Upload
from custom_components.tconnectsync.therapy.event_log import EventLog
from custom_components.tconnectsync.therapy.history import History, derive
from custom_components.tconnectsync.therapy.records import BolusKind
from custom_components.tconnectsync.therapy.state import derive_state
from demo.pump import RawEvent, SimulatedPump

from .pump_days import PumpDay, at, history, typed

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 3, 27, 20, tzinfo=UTC)
"""Two days before the clocks change."""


@cache
def simulated(seed: int) -> SimulatedPump:
    """Return a pump that ran for three days, one of them of 23 hours, and whose clock was set in the evening."""
    pump = SimulatedPump(start=START, time_zone=BERLIN, seed=seed)
    pump.follow_daylight_saving(timedelta(hours=17))
    pump.run_until(START + timedelta(days=2))
    pump.provoke_alarm()
    pump.run_for(minutes=40)
    pump.resume()
    pump.run_until(START + timedelta(days=3))
    return pump


def records(happened: History) -> int:
    """Return the number of records of all kinds."""
    return sum(
        len(kind)
        for name in History.__slots__
        if name != "newest_key"
        and isinstance(kind := getattr(happened, name), Sequence)
    )


@settings(max_examples=15)
@given(
    seed=st.integers(1, 2),
    random=st.randoms(use_true_random=True),
    uploads=st.integers(1, 6),
)
def test_how_the_events_came_does_not_matter(
    seed: int, random: Random, uploads: int
) -> None:
    """Any number of uploads in any order, with repeats, gives the same history."""
    pump = simulated(seed)
    upload = START + timedelta(days=3)
    whole = history(pump.events, zone="Europe/Berlin", last_upload=upload)
    assert records(whole) > 500
    parts: list[list[RawEvent]] = [[] for _ in range(uploads)]
    for event in pump.events:
        random.choice(parts).append(event)
        if random.random() < 0.1:
            random.choice(parts).append(event)
    for part in parts:
        random.shuffle(part)
    events = [event for part in parts for event in typed(part)]
    assert derive(events, [], BERLIN, upload) == whole


def test_clock_changes_may_come_apart() -> None:
    """The service lists clock changes apart from the events as well."""
    pump = simulated(1)
    others = [event for event in pump.events if event["eventCode"] not in (13, 14)]
    assert len(pump.clock_changes) == 1
    assert history(
        others, zone="Europe/Berlin", clock_changes=pump.clock_changes
    ) == history(pump.events, zone="Europe/Berlin", clock_changes=pump.clock_changes)


def test_a_day_of_23_hours() -> None:
    """The clock was set seventeen hours late, and every instant is right."""
    pump = simulated(1)
    happened = history(pump.events, zone="Europe/Berlin")
    true = {
        (event["sequenceGroup"], event["sequenceNumber"]): instant
        for event, instant in zip(pump.events, pump.instants, strict=True)
    }
    dated = [
        record
        for name in (
            "boluses",
            "basal",
            "suspensions",
            "alarms",
            "insulin_on_board",
            "battery",
        )
        for record in getattr(happened, name)
    ]
    assert len(dated) > 300
    assert [record for record in dated if record.start != true[record.key]] == []
    offsets = {record.offset for record in dated}
    assert offsets == {timedelta(hours=1), timedelta(hours=2)}


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kolkata"])
@pytest.mark.parametrize("seed", [3, 4, 5])
def test_the_sums_are_the_pumps_own(zone: str, seed: int) -> None:
    """Four days of meals, corrections and extended boluses agree to 0.01 U and to the gram."""
    pump = SimulatedPump(start=START, time_zone=ZoneInfo(zone), seed=seed)
    pump.run_until(START + timedelta(days=4))
    pump.stop_bolus()
    happened = history(pump.events, zone=zone)
    until = pump.now + timedelta(seconds=1)
    delivered = sum(bolus.delivered for bolus in happened.boluses)
    assert delivered == pytest.approx(pump.bolus_delivered(START, until), abs=0.01)
    assert sum(bolus.carbs or 0 for bolus in happened.boluses) == pump.carbs(
        START, until
    )
    assert {bolus.kind for bolus in happened.boluses} >= {
        BolusKind.AUTOMATIC,
        BolusKind.MEAL,
    }
    assert not any(bolus.in_progress or bolus.end_missing for bolus in happened.boluses)


def test_nothing_at_all() -> None:
    """A pump without events has an empty history."""
    assert derive([], [], BERLIN, None) == History()


def test_codes_without_a_meaning_harm_nothing() -> None:
    """Such events, and unreadable ones that matter to no record, only show that the pump was running."""
    log = PumpDay().basal("10:00:00", 0.8).alarm("10:01:00").ask("10:02:00", 7, 2.0)
    log.start("10:02:15", 7, 2.0).end("10:03:15", 7, 2.0).reading("10:05:00", 120)
    beside = PumpDay(first=1)
    for code in (8, 27, 99_999, 65, 399, 13):
        beside.write("10:00:00", code, nothing="known")
    assert history([*log.raws, *beside.raws]) == log.history()


def test_what_a_fast_clock_dates_past_the_upload_is_of_the_upload() -> None:
    """An uploaded event has happened, so it is dated by the upload: it is not hidden and not in the future."""
    log = PumpDay().alarm("10:00:00", 2).alarm("10:07:00", 3).reading("10:09:00", 120)
    happened = log.history(last_upload=at("10:03:00"))
    assert [one.start for one in happened.alarms] == [at("10:00:00"), at("10:03:00")]
    assert [one.start for one in happened.readings] == [at("10:03:00")]
    assert (happened.newest, happened.newest_key) == (at("10:03:00"), (0, 1002))
    assert happened.clock_off is None
    later = log.seen("11:09:00").history(last_upload=at("11:03:00"))
    assert later.alarms[1].start == at("10:07:00")


def test_what_is_dated_far_past_the_upload_waits_but_for_alarms() -> None:
    """Such a clock is wrong; its alarms are raised all the same."""
    log = PumpDay().alarm("10:00:00", 2).alarm("11:00:00", 3).suspend("11:00:01", 1)
    happened = log.seen("11:03:00").history(last_upload=at("10:01:00"))
    assert [one.alarm for one in happened.alarms] == [2]
    assert (happened.newest, happened.newest_key) == (at("10:00:00"), (0, 1000))
    assert happened.clock_off == timedelta(minutes=59)
    shown = derive_state([happened])
    assert [one.alarm for one in shown.raised] == [2, 3]
    assert shown.suspension
    assert shown.suspension.start == at("10:00:00")
    later = log.history(last_upload=at("11:03:00"))
    assert [one.alarm for one in later.alarms] == [2, 3]


def test_what_waits_is_of_the_upload_that_brought_it() -> None:
    """The time of that upload stays, so that durations do not start again with the next one."""
    log, uploads = PumpDay().basal("10:55:00", 1.0), list[Upload]()
    log.alarm("11:20:00").write("11:25:00", 28, alarmId=2).suspend("11:26:00")
    for hour in range(9, 15):
        upload = at(f"{hour:02}:05:00")
        log.seen(f"{hour + 3}:04:00")
        shows = (upload + timedelta(hours=3)).replace(tzinfo=None)
        uploads.append(Upload(upload, (0, log.number - 1), shows))
        happened = derive(typed(log.raws), [], ZoneInfo("UTC"), upload, uploads)
        assert happened.clock_doubtful
        found = derive_state([happened])
        assert found.suspension
        assert found.alarm
        dated = found.suspension.start, found.alarm.start, found.alarm.cleared
        assert dated == (at("09:05:00"),) * 3


@given(st.lists(st.booleans(), min_size=1, max_size=30), st.integers(1, 500))
def test_no_upload_moves_what_an_earlier_one_brought(
    brings: list[bool], ahead: int
) -> None:
    """Each alarm is dated by its own upload or by the clock, for any error of the clock."""
    log, uploads, expected = PumpDay(), list[Upload](), list[datetime]()
    instant = at("00:00:00")
    for number, brings_alarm in enumerate(brings):
        happens, instant = instant, instant + timedelta(minutes=50)
        shows = (happens + timedelta(hours=ahead)).replace(tzinfo=None)
        if brings_alarm:
            log.write(shows.isoformat(), 5, alarmId=number % 60)
            dated = shows.replace(tzinfo=UTC)
            expected.append(min(dated, instant))
        shows += timedelta(minutes=45)
        log.write(shows.isoformat(), 37)
        uploads.append(Upload(instant, (0, log.number - 1), shows))
        happened = derive(typed(log.raws), [], ZoneInfo("UTC"), instant, uploads)
        assert [one.start for one in happened.all_logged.alarms] == expected


def test_a_clock_that_ran_ahead_does_not_stick() -> None:
    """Events dated in the future wait; a later event in the log is the newest."""
    log = PumpDay().alarm("10:00:00", 2)
    log.write("2026-06-14T10:05:00", 5, alarmId=3).alarm("10:10:00", 8)
    happened = log.history(last_upload=at("10:12:00"))
    assert [one.alarm for one in happened.alarms] == [2, 8]
    assert (happened.newest, happened.newest_key) == (at("10:10:00"), (0, 1002))
    later = log.history(last_upload=at("10:12:00", "2026-06-14"))
    assert [one.alarm for one in later.alarms] == [2, 3, 8]


def test_newest_is_by_place_in_the_log() -> None:
    """A new group of numbers is later, regardless of its times."""
    log = PumpDay().alarm("12:00:00").alarm("11:00:00")
    assert log.history().newest == at("11:00:00")
    log.group, log.number = 1, 1
    assert log.alarm("10:00:00").history().newest_key == (1, 1)


def test_setting_the_clock_is_no_news_of_the_pump() -> None:
    """It is unknown which of the two clocks dated that event."""
    log = (
        PumpDay().basal("09:55:00", 1.0).time_moved("10:00:00", "11:00:00", "10:00:00")
    )
    happened = log.history()
    assert (happened.newest, happened.newest_key) == (at("08:55:00"), (0, 1000))


def test_events_are_kept_once_and_in_order() -> None:
    """Each event of a pump is in the list once, in log order."""
    raws = PumpDay().alarm("10:01:00").alarm("10:00:00").raws
    log = EventLog(decode_events([*reversed(raws), *raws]).events, Clock(BERLIN))
    assert [event.number for event, _ in log.newest_first()] == [1001, 1000]
    assert EventLog([], Clock(BERLIN)).newest is None
    assert EventLog([], Clock(BERLIN)).newest_key is None
    first = list(log.newest_first())[-1][0]
    assert log.since(first) == timedelta(minutes=-1)
