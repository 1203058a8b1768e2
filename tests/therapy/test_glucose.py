"""Sensor readings: what may be shown, when it was measured; and sensor sessions."""

from datetime import datetime, timedelta

import pytest

from custom_components.tconnectsync.tandem.events import CgmType
from custom_components.tconnectsync.therapy.glucose import trend
from custom_components.tconnectsync.therapy.records import (
    CgmReading,
    CgmSession,
    CgmSessionEnd,
    GlucosePrediction,
    GlucoseState,
    SensorType,
    Trend,
)

from .pump_days import EPOCH, PumpDay, at


def seconds(time: str) -> int:
    """What the pump's clock showed, in seconds since 2008."""
    return int((datetime.fromisoformat(time) - EPOCH).total_seconds())


# Readings.


def test_every_field() -> None:
    """Dated by when it was measured."""
    log = PumpDay().reading("10:00:04", 120, rate=-12, read_at="10:00:01")
    assert log.history(zone="Europe/Berlin").readings == (
        CgmReading(
            key=(0, 1000),
            start=at("08:00:01"),
            pump_time=datetime.fromisoformat("2026-05-14T10:00:01"),
            glucose=120,
            state=GlucoseState.NORMAL,
            rate=-1.2,
            trend=Trend.FORTY_FIVE_DOWN,
            signal=-60,
            backfilled=False,
        ),
    )


@pytest.mark.parametrize("code", [256, 372, 399, 480])
@pytest.mark.parametrize(
    ("status", "raw", "glucose", "state"),
    [
        (0, 120, 120, GlucoseState.NORMAL),
        (0, 40, 40, GlucoseState.NORMAL),
        (0, 400, 400, GlucoseState.NORMAL),
        (0, 39, 39, GlucoseState.LOW),
        (0, 12, 39, GlucoseState.LOW),
        (0, 401, 401, GlucoseState.HIGH),
        (0, 900, 401, GlucoseState.HIGH),
        (0, 0, None, GlucoseState.NO_READING),
        (0, 65535, None, GlucoseState.NO_READING),
        (1, 0, 401, GlucoseState.HIGH),
        (1, 612, 401, GlucoseState.HIGH),
        (1, 100, 401, GlucoseState.HIGH),
        (1, 65535, 401, GlucoseState.HIGH),
        (2, 0, 39, GlucoseState.LOW),
        (2, 500, 39, GlucoseState.LOW),
        (6, 120, None, GlucoseState.NO_READING),
        (6, 0, None, GlucoseState.NO_READING),
    ],
)
def test_what_may_be_shown(
    code: int, status: int, raw: int, glucose: int | None, state: GlucoseState
) -> None:
    """Never a raw number beyond the range of any sensor."""
    (reading,) = (
        PumpDay()
        .reading("10:00:00", raw, status=status, code=code, rate=20)
        .history()
        .readings
    )
    assert (reading.glucose, reading.state) == (glucose, state)
    assert (reading.rate is None) is (state is GlucoseState.NO_READING)
    assert (reading.trend is None) is (state is GlucoseState.NO_READING)


@pytest.mark.parametrize(
    ("rate", "arrow"),
    [
        (None, None),
        (0.0, Trend.FLAT),
        (0.9, Trend.FLAT),
        (-0.9, Trend.FLAT),
        (1.0, Trend.FORTY_FIVE_UP),
        (1.9, Trend.FORTY_FIVE_UP),
        (2.0, Trend.SINGLE_UP),
        (2.9, Trend.SINGLE_UP),
        (3.0, Trend.DOUBLE_UP),
        (10.0, Trend.DOUBLE_UP),
        (-1.0, Trend.FORTY_FIVE_DOWN),
        (-2.0, Trend.SINGLE_DOWN),
        (-3.0, Trend.DOUBLE_DOWN),
    ],
)
def test_trends(rate: float | None, arrow: Trend | None) -> None:
    """By mg/dL per minute."""
    assert trend(rate) is arrow


def test_what_is_filled_in_later() -> None:
    """It keeps its place in the log, and its own time."""
    log = PumpDay().reading("10:30:00", 140)
    log.reading("10:30:01", 130, read_at="10:25:00", backfilled=True)
    first, second = log.history().readings
    assert (first.start, first.backfilled) == (at("10:30:00"), False)
    assert (second.start, second.backfilled, second.key) == (
        at("10:25:00"),
        True,
        (0, 1001),
    )


def test_the_same_reading_twice() -> None:
    """Live and filled in again: the first holds."""
    log = PumpDay().reading("10:30:02", 140, read_at="10:30:00")
    log.reading("10:40:00", 140, read_at="10:30:00", backfilled=True)
    (reading,) = log.history().readings
    assert (reading.key, reading.backfilled) == ((0, 1000), False)


def test_a_reading_dated_past_the_upload_waits() -> None:
    """Though the event that brings it does not."""
    log = (
        PumpDay().reading("10:00:00", 120).reading("10:05:00", 125, read_at="10:45:00")
    )
    assert len(log.history(last_upload=at("10:10:00")).readings) == 1
    assert len(log.history(last_upload=at("10:40:00")).readings) == 2


def test_a_reading_is_dated_by_the_clock_of_the_event_that_brings_it() -> None:
    """Also when it was measured before the clock was moved."""
    log = (
        PumpDay("2026-03-29")
        .reading("01:55:00", 120)
        .time_moved("03:00:00", "02:00:00", "03:00:00")
    )
    log.reading("03:05:00", 125).reading(
        "03:06:00", 122, read_at="02:58:00", backfilled=True
    )
    readings = log.history(zone="Europe/Berlin").readings
    assert [one.start for one in readings] == [
        at(time, "2026-03-29") for time in ("00:55:00", "01:05:00", "00:58:00")
    ]


# Sessions.


def test_a_g6_session() -> None:
    """Start, end and the transmitter's age are told on the transmitter's clock."""
    log = PumpDay().write(
        "12:00:00",
        212,
        currentTransmitterTime=40 * 86400,
        sessionStartTime=40 * 86400,
        sessionDuration=10,
    )
    (session,) = log.history(zone="Europe/Berlin").sessions
    assert session == CgmSession(
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
    """When it began and ended, and why."""
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
    """Ten days or fifteen."""
    (session,) = PumpDay().write("12:00:00", 394, cgmTimestamp=86400).history().sessions
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
    """On the pump's clock."""
    start = seconds("2026-05-10T12:00:00")
    log = PumpDay().write("12:00:00", code, sessionStartTime=start, sessionDuration=14)
    (session,) = log.history(zone="Europe/Berlin").sessions
    assert (session.cgm_type, session.joined) == (sensor, joined)
    assert session.session_start == at("10:00:00", "2026-05-10")
    assert session.expires == at("10:00:00", "2026-05-24")


@pytest.mark.parametrize(
    ("code", "sensor"),
    [(405, CgmType.LIBRE_2), (447, CgmType.DEXCOM_G7), (486, CgmType.LIBRE_3)],
)
def test_ends_of_other_sessions(code: int, sensor: CgmType) -> None:
    """What is not told is not known."""
    (end,) = PumpDay().write("12:00:00", code).history().session_ends
    assert (end.cgm_type, end.session_start, end.session_stop, end.reason) == (
        sensor,
        None,
        None,
        None,
    )


def test_a_dexcom_session_over_daylight_saving() -> None:
    """It is as old as the sensor says, in hours that passed."""
    log = PumpDay("2026-03-30").write("12:00:00", 394, cgmTimestamp=2 * 86400)
    (session,) = log.history(zone="Europe/Berlin").sessions
    assert session.session_start == at("10:00:00", "2026-03-30") - timedelta(days=2)


# Sensor type and predictions.


def test_the_sensor_in_use() -> None:
    """Told once a day, also that there is none."""
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


def test_predictions() -> None:
    """None where the pump predicts nothing."""
    log = (
        PumpDay()
        .write("10:00:00", 140, pgv=85, pgvValid=1)
        .write("10:05:00", 140, pgv=85, pgvValid=0)
    )
    first, second = log.history().predictions
    assert first == GlucosePrediction(
        key=(0, 1000),
        start=at("10:00:00"),
        pump_time=datetime.fromisoformat("2026-05-14T10:00:00"),
        glucose=85,
    )
    assert second.glucose is None


def test_a_prediction_is_over_after_half_an_hour() -> None:
    """What was expected has come by then, or not."""
    log = PumpDay().write("10:00:00", 140, pgv=85, pgvValid=1)
    assert log.seen("10:30:00").history().predictions
    assert not log.seen("10:31:00").history().predictions
