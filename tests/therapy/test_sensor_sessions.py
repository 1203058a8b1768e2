"""CGM sensor sessions: starts and ends, in all forms that pumps log."""

from datetime import datetime, timedelta

import pytest

from custom_components.tconnectsync.tandem.enums import CgmType
from custom_components.tconnectsync.therapy.records import (
    CgmSessionEnd,
    CgmSessionStart,
    SensorCondition,
    SensorType,
)

from .pump_days import EPOCH, PumpDay, at

DAY = 86400
UNSET = 4294967295


def seconds(time: str) -> int:
    """Return a time on the pump's clock in seconds since 2008."""
    return int((datetime.fromisoformat(time) - EPOCH).total_seconds())


def ends(log: PumpDay) -> list[CgmSessionEnd]:
    """Return the ends of all sessions."""
    return list(log.history().session_ends)


def test_a_g6_session() -> None:
    """Start, end and the transmitter's age are logged on the transmitter's clock."""
    log = PumpDay().write(
        "12:00:00",
        212,
        currentTransmitterTime=40 * 86400,
        sessionStartTime=40 * 86400,
        sessionDuration=10,
    )
    (session,) = log.history(zone="Europe/Berlin").session_starts
    assert session == CgmSessionStart(
        key=(0, 1000),
        start=at("10:00:00"),
        pump_time=datetime.fromisoformat("2026-05-14T12:00:00"),
        cgm_type=CgmType.DEXCOM_G6,
        joined=False,
        session_start=at("10:00:00"),
        expires=at("10:00:00", "2026-05-24"),
        transmitter_start=at("10:00:00", "2026-04-04"),
        transmitter_expires=at("10:00:00", "2026-07-03"),
    )


def test_the_end_of_a_g6_session() -> None:
    """Start, end and reason are read."""
    log = PumpDay().write(
        "12:00:00",
        214,
        currentTransmitterTime=10 * 86400,
        sessionStartTime=0,
        sessionStopTime=10 * 86400 - 3600,
        sessionStopReason=5,
    )
    assert log.history(zone="Europe/Berlin").session_ends == (
        CgmSessionEnd(
            key=(0, 1000),
            start=at("10:00:00"),
            pump_time=datetime.fromisoformat("2026-05-14T12:00:00"),
            cgm_type=CgmType.DEXCOM_G6,
            session_start=at("10:00:00", "2026-05-04"),
            session_stop=at("09:00:00"),
            reason=5,
        ),
    )


def test_a_g7_session_does_not_tell_when_it_expires() -> None:
    """The session may last ten or fifteen days."""
    (session,) = (
        PumpDay().write("12:00:00", 394, cgmTimestamp=86400).history().session_starts
    )
    assert (
        session.cgm_type,
        session.joined,
        session.session_start,
        session.expires,
    ) == (
        CgmType.DEXCOM_G7,
        True,
        at("12:00:00", "2026-05-13"),
        None,
    )
    assert session.transmitter_expires is None


@pytest.mark.parametrize(
    ("code", "sensor", "joined"),
    [
        (404, CgmType.LIBRE_2, False),
        (406, CgmType.LIBRE_2, True),
        (477, CgmType.LIBRE_3, True),
    ],
)
def test_a_libre_session(code: int, sensor: CgmType, joined: bool) -> None:
    """Times are logged on the pump's clock."""
    start = seconds("2026-05-10T12:00:00")
    log = PumpDay().write("12:00:00", code, sessionStartTime=start, sessionDuration=14)
    (session,) = log.history(zone="Europe/Berlin").session_starts
    assert (session.cgm_type, session.joined) == (sensor, joined)
    assert session.session_start == at("10:00:00", "2026-05-10")
    assert session.expires == at("10:00:00", "2026-05-24")


@pytest.mark.parametrize(
    ("code", "sensor"),
    [(405, CgmType.LIBRE_2), (447, CgmType.DEXCOM_G7), (486, CgmType.LIBRE_3)],
)
def test_ends_of_other_sessions(code: int, sensor: CgmType) -> None:
    """Missing values are unknown."""
    (end,) = PumpDay().write("12:00:00", code).history().session_ends
    assert (end.cgm_type, end.session_start, end.session_stop, end.reason) == (
        sensor,
        None,
        None,
        None,
    )


def test_a_dexcom_session_over_daylight_saving() -> None:
    """Its age is that of the sensor, in hours passed."""
    log = PumpDay("2026-03-30").write("12:00:00", 394, cgmTimestamp=2 * 86400)
    (session,) = log.history(zone="Europe/Berlin").session_starts
    assert session.session_start == at("10:00:00", "2026-03-30") - timedelta(days=2)


# How they end.


def test_a_g7_that_fails_after_nine_days() -> None:
    """The session ended when its end was logged, and its duration is that of its own clock."""
    log = PumpDay().cgm_alert("06:00:00", 11, param1=35)
    log.write(
        "06:00:00",
        447,
        currentTransmitterTime=770_400,
        sessionStartTime=UNSET,
        sessionStopTime=0,
        sessionDuration=10,
        sessionStopReason=15,
    )
    (end,) = ends(log)
    assert end.session_stop is None
    assert end.start - (end.session_start or end.start) == timedelta(seconds=770_400)
    assert (end.reason, end.condition) == (15, SensorCondition.FAILED)


@pytest.mark.parametrize(
    ("alert", "parameter", "reason", "seconds_in_use", "condition"),
    [
        (None, None, 15, 9 * DAY, SensorCondition.FAILED),
        (None, None, 16, 10 * DAY + 41_595, SensorCondition.EXPIRED),
        (None, None, 99, 9 * DAY, SensorCondition.ENDED),
        (None, None, None, 10 * DAY, SensorCondition.EXPIRED),
        (11, 35, 99, 9 * DAY, SensorCondition.FAILED),
        (11, None, 5, 9 * DAY, SensorCondition.FAILED),
        (13, None, 6, 9 * DAY, SensorCondition.EXPIRED),
        (13, 35, 6, 9 * DAY, SensorCondition.FAILED),
        (3, 35, 0, 9 * DAY, SensorCondition.ENDED),
    ],
)
def test_why_a_session_ended(
    alert: int | None,
    parameter: int | None,
    reason: int | None,
    seconds_in_use: int,
    condition: SensorCondition,
) -> None:
    """The reason is that of a nearby alert, else its own, else follows from the duration; a low of 35 is no state."""
    log = PumpDay()
    if alert is not None:
        log.cgm_alert("11:59:59", alert, param1=parameter)
    log.write(
        "12:00:00",
        447,
        currentTransmitterTime=seconds_in_use,
        sessionStartTime=73,
        sessionStopTime=0,
        sessionDuration=10,
        sessionStopReason=reason,
    )
    (end,) = ends(log)
    assert end.condition is condition


@pytest.mark.parametrize(("transmitter", "known"), [(20 * DAY, True), (DAY, False)])
def test_a_g6_is_as_old_as_its_session_is(transmitter: int, known: bool) -> None:
    """The clock of 214 is that of the transmitter, used for many sessions, or that of another one."""
    log = PumpDay("2026-05-13").write(
        "12:00:00",
        213,
        currentTransmitterTime=19 * DAY,
        sessionStartTime=10 * DAY,
        sessionDuration=10,
    )
    log.next_day().write(
        "12:00:00",
        214,
        currentTransmitterTime=transmitter,
        sessionStartTime=UNSET,
        sessionStopTime=0,
        sessionDuration=10,
        sessionStopReason=6,
    )
    (end,) = ends(log)
    assert end.session_start == (at("12:00:00", "2026-05-04") if known else None)


@pytest.mark.parametrize(
    ("state", "condition"),
    [
        (34, SensorCondition.EXPIRED),
        (35, SensorCondition.FAILED),
        (36, SensorCondition.ENDED),
    ],
)
def test_a_g7_ends_by_its_readings_too(state: int, condition: SensorCondition) -> None:
    """The first reading that reports the end counts."""
    log = PumpDay().write("08:00:00", 394, cgmTimestamp=3600)
    log.reading("08:30:00", 120)
    for minute in (35, 40):
        log.reading(f"08:{minute}:00", 0, status=6, algorithm=state)
    (end,) = ends(log)
    assert (end.start, end.key) == (at("08:35:00"), (0, 1002))
    assert (end.session_start, end.condition) == (at("07:00:00"), condition)


def test_a_447_that_follows_tells_more() -> None:
    """Its end replaces that of the readings, which continue after it."""
    log = PumpDay().write("08:00:00", 394, cgmTimestamp=3600)
    log.reading("08:35:00", 0, status=6, algorithm=36)
    log.write("08:35:01", 447, currentTransmitterTime=5701, sessionStopTime=0)
    log.reading("08:40:00", 0, status=6, algorithm=36)
    (end,) = ends(log)
    assert (end.key, end.condition) == ((0, 1002), SensorCondition.ENDED)


def test_each_sensor_ends_by_itself() -> None:
    """One session ends by its readings, the next by 447."""
    log = PumpDay().write("08:00:00", 394, cgmTimestamp=3600)
    log.reading("08:35:00", 0, status=6, algorithm=35)
    log.write("09:00:00", 394, cgmTimestamp=60).reading("09:30:00", 120)
    log.write("10:00:00", 447, currentTransmitterTime=3660, sessionStopTime=0)
    assert [(end.start, end.condition) for end in ends(log)] == [
        (at("08:35:00"), SensorCondition.FAILED),
        (at("10:00:00"), SensorCondition.ENDED),
    ]


def test_what_was_filled_in_late_ends_nothing() -> None:
    """A back-filled reading reports an old state."""
    log = PumpDay().write("08:00:00", 394, cgmTimestamp=3600)
    log.reading(
        "08:35:00", 0, status=6, algorithm=36, read_at="08:01:00", backfilled=True
    )
    assert not ends(log)


# Sensor type.


def test_a_sensor_of_another_kind() -> None:
    """The type is unknown unless it is logged."""
    log = PumpDay().write("00:00:06", 313, sensorType=1)
    log.write("10:00:00", 368).write("10:05:00", 368, sensorType=4)
    assert [one.cgm_type for one in log.history().sensor_types] == [
        CgmType.DEXCOM_G6,
        None,
        CgmType.LIBRE_3,
    ]


def test_the_sensor_in_use() -> None:
    """The sensor type is logged once a day, also if there is none."""
    log = (
        PumpDay()
        .write("00:00:06", 313, sensorType=3)
        .write("00:00:07", 313, sensorType=99)
    )
    log.next_day().write("00:00:06", 563, sensorType=0)
    first, second = log.history().sensor_types
    assert first == SensorType(
        key=(0, 1000),
        start=at("00:00:06"),
        pump_time=datetime.fromisoformat("2026-05-14T00:00:06"),
        cgm_type=CgmType.DEXCOM_G7,
    )
    assert second.cgm_type is CgmType.NONE
