"""The state of the CGM sensor by its latest reading, alert or session."""

from datetime import datetime, timedelta

import pytest

from custom_components.tconnectsync.therapy.cgm_state import CgmState
from custom_components.tconnectsync.therapy.records import GlucoseState, SensorCondition
from custom_components.tconnectsync.therapy.running_session import (
    SessionLimits,
    session_limits,
)
from custom_components.tconnectsync.therapy.state import derive_state

from .pump_days import EPOCH, PumpDay, at


def sensor(log: PumpDay) -> CgmState | None:
    """Return the state of the sensor at the end of a log."""
    return derive_state([log.history()]).sensor


def said(log: PumpDay) -> GlucoseState | SensorCondition | None:
    """Return the name of that state."""
    found = sensor(log)
    return found.state if found else None


def g7_in_use() -> PumpDay:
    """Return a log of a G7 that has been in use for nine days and has readings."""
    log = PumpDay().write("08:00:00", 394, cgmTimestamp=9 * 86400)
    return log.reading("09:55:00", 120).reading("10:00:00", 121)


def limits(log: PumpDay) -> SessionLimits | None:
    """Return the end of the session that runs at the end of a log."""
    return session_limits(log.history())


def test_a_reading_is_the_latest_word() -> None:
    """A reading counts from its own time and expires after a quarter of an hour."""
    log = g7_in_use().seen("10:14:00")
    assert sensor(log) == CgmState(GlucoseState.NORMAL, at("10:00:00"))
    assert sensor(log.seen("10:16:00")) is None


def test_a_sensor_that_fails() -> None:
    """A failed sensor stays failed while the pump logs on, until another one starts."""
    log = g7_in_use().cgm_alert("10:02:00", 11, param1=35)
    assert sensor(log) == CgmState(SensorCondition.FAILED, at("10:02:00"))
    log.write("10:02:00", 447, currentTransmitterTime=784_920, sessionStopReason=15)
    assert said(log) is SensorCondition.FAILED
    assert sensor(log.seen("13:00:00")) == CgmState(
        SensorCondition.FAILED, at("13:00:00")
    )
    assert said(log.write("13:05:00", 390)) is None
    log.write("13:10:00", 394, cgmTimestamp=300)
    assert sensor(log) == CgmState(SensorCondition.WARMING_UP, at("13:10:00"))
    assert said(log.seen("13:30:00")) is SensorCondition.WARMING_UP
    assert said(log.seen("13:36:00")) is None
    assert said(log.reading("13:37:00", 140)) is GlucoseState.NORMAL


def test_an_end_of_the_sensor_before_says_nothing_of_this_one() -> None:
    """The next sensor warms up and ends by its own readings, even without a 447."""
    log = g7_in_use().write("13:10:00", 394, cgmTimestamp=300)
    log.write("13:11:00", 447, currentTransmitterTime=796_260, sessionStopReason=15)
    assert sensor(log) == CgmState(SensorCondition.WARMING_UP, at("13:11:00"))
    log.reading("14:00:00", 120)
    log.reading("15:00:00", 0, status=6, algorithm=35)
    assert said(log) is SensorCondition.FAILED
    assert [end.start for end in log.history().session_ends] == [
        at("13:11:00"),
        at("15:00:00"),
    ]


def test_an_alert_that_a_reading_belies() -> None:
    """A sensor with readings has not failed."""
    log = g7_in_use().cgm_alert("10:02:00", 11).reading("10:05:00", 122)
    assert said(log) is GlucoseState.NORMAL


@pytest.mark.parametrize(
    ("algorithm", "found"),
    [
        (2, SensorCondition.WARMING_UP),
        (33, GlucoseState.NO_READING),
        (34, SensorCondition.EXPIRED),
        (35, SensorCondition.FAILED),
        (36, SensorCondition.ENDED),
    ],
)
def test_readings_tell_of_their_sensor(
    algorithm: int, found: GlucoseState | SensorCondition
) -> None:
    """Readings alone show the state."""
    log = g7_in_use().reading("10:05:00", 0, status=6, algorithm=algorithm)
    assert said(log) is found
    over = found not in (SensorCondition.WARMING_UP, GlucoseState.NO_READING)
    assert said(log.seen("12:00:00")) is (found if over else None)


def test_a_sensor_that_is_stopped() -> None:
    """The pump logs that it uses no sensor."""
    log = g7_in_use().write("10:01:00", 443).write("10:01:05", 441)
    assert said(log) is SensorCondition.ENDED
    assert said(log.write("10:20:00", 367).reading("10:25:00", 120)) is (
        GlucoseState.NORMAL
    )


def test_a_pump_that_joins_again_goes_on() -> None:
    """The reading before the pump joined again is still current."""
    log = g7_in_use().write("10:01:00", 394, cgmTimestamp=9 * 86400 + 7260)
    assert sensor(log) == CgmState(GlucoseState.NORMAL, at("10:00:00"))


def test_a_libre_whose_time_is_up() -> None:
    """A Libre expires even if the pump does not log its end."""
    start = datetime.fromisoformat("2026-05-10T12:00:00") - timedelta(days=9)
    log = PumpDay("2026-05-14").write(
        "10:00:00",
        406,
        sessionStartTime=int((start - EPOCH).total_seconds()),
        sessionDuration=14,
    )
    log.reading("10:05:00", 120, code=372)
    assert said(log) is GlucoseState.NORMAL
    log.next_day().seen("11:59:00")
    assert said(log) is None
    assert said(log.seen("12:00:00")) is SensorCondition.EXPIRED


def test_nothing_is_known_without_a_sensor() -> None:
    """Without a sensor neither its state nor its end is known."""
    assert sensor(PumpDay()) is None
    log = PumpDay().seen("10:00:00")
    assert (sensor(log), limits(log)) == (None, None)


def test_a_g7_tells_that_its_time_is_up() -> None:
    """An expired G7 continues for twelve hours; the next sensor has its own time."""
    log = PumpDay().write("08:00:00", 394, cgmTimestamp=10 * 86400 - 3600)
    assert limits(log) == SessionLimits(expires=None, grace_ends=None)
    log.cgm_alert("09:00:00", 31).reading("09:25:00", 120)
    assert limits(log) == SessionLimits(
        expires=at("09:00:00"), grace_ends=at("21:00:00")
    )
    log.write("09:30:00", 394, cgmTimestamp=10 * 86400 + 1800)
    assert limits(log) == SessionLimits(
        expires=at("09:00:00"), grace_ends=at("21:00:00")
    )
    assert said(log) is GlucoseState.NORMAL
    log.write("20:00:00", 447, currentTransmitterTime=10 * 86400 + 39_600)
    assert limits(log) is None
    log.write("20:30:00", 394, cgmTimestamp=60)
    assert limits(log) == SessionLimits(expires=None, grace_ends=None)
