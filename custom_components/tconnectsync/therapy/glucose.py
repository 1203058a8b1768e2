"""Sensor readings, sensor sessions and what low-glucose suspend expects."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from custom_components.tconnectsync.tandem.events import (
    CgmReading as LoggedReading,
    CgmSessionStarted,
    CgmSessionStopped,
    CgmType,
    DailyStatus,
    GlucoseStatus,
    PredictedGlucose,
)

from .log import EventLog
from .records import (
    CgmReading,
    CgmSession,
    CgmSessionEnd,
    GlucosePrediction,
    GlucoseState,
    SensorType,
    Trend,
)

LOWEST, HIGHEST = 40, 400
TRANSMITTER_LASTS = timedelta(days=90)
LOOKS_AHEAD = timedelta(minutes=30)
"""What low-glucose suspend expected longer ago has come or not; there is one every five minutes."""
DEXCOM = frozenset({CgmType.DEXCOM_G6, CgmType.DEXCOM_G7})
SENSOR_OF_CODE = {
    212: CgmType.DEXCOM_G6,
    213: CgmType.DEXCOM_G6,
    214: CgmType.DEXCOM_G6,
    256: CgmType.DEXCOM_G6,
    372: CgmType.LIBRE_2,
    394: CgmType.DEXCOM_G7,
    399: CgmType.DEXCOM_G7,
    404: CgmType.LIBRE_2,
    405: CgmType.LIBRE_2,
    406: CgmType.LIBRE_2,
    447: CgmType.DEXCOM_G7,
    477: CgmType.LIBRE_3,
    480: CgmType.LIBRE_3,
    486: CgmType.LIBRE_3,
}


def readings(log: EventLog) -> Iterator[CgmReading]:
    """Yield every sensor reading in the order of the log (mg/dL), one for each instant."""
    told = set()
    for event in log.of(LoggedReading):
        start = log.utc(event, event.read_at)
        if start in told or not log.has_come(start):
            continue
        told.add(start)
        glucose, state = shown(event)
        rate = None if state is GlucoseState.NO_READING else event.rate
        yield CgmReading(
            key=event.key,
            start=start,
            pump_time=event.read_at,
            glucose=glucose,
            state=state,
            rate=rate,
            trend=trend(rate),
            signal=event.signal,
            backfilled=event.backfilled,
        )


def shown(event: LoggedReading) -> tuple[int | None, GlucoseState]:
    """Return what may be shown of a reading: never a raw number beyond the sensor's range."""
    if event.status is GlucoseStatus.DO_NOT_SHOW:
        return None, GlucoseState.NO_READING
    if event.status is GlucoseStatus.VALUE and not event.value:
        return None, GlucoseState.NO_READING
    if event.status is GlucoseStatus.HIGH or (
        event.status is GlucoseStatus.VALUE and event.value > HIGHEST
    ):
        return HIGHEST + 1, GlucoseState.HIGH
    if event.status is GlucoseStatus.LOW or event.value < LOWEST:
        return LOWEST - 1, GlucoseState.LOW
    return event.value, GlucoseState.NORMAL


def trend(rate: float | None) -> Trend | None:
    """Return the trend of a rate of change in mg/dL per minute."""
    if rate is None:
        return None
    if abs(rate) < 1:
        return Trend.FLAT
    up = rate > 0
    if abs(rate) < 2:
        return Trend.FORTY_FIVE_UP if up else Trend.FORTY_FIVE_DOWN
    if abs(rate) < 3:
        return Trend.SINGLE_UP if up else Trend.SINGLE_DOWN
    return Trend.DOUBLE_UP if up else Trend.DOUBLE_DOWN


def sessions(log: EventLog) -> Iterator[CgmSession]:
    """Yield every start of a sensor session and every time the pump joined one."""
    for event in log.of(CgmSessionStarted):
        start = _instant(log, event, event.session_start)
        transmitter = _instant(log, event, event.transmitter_start)
        yield CgmSession(
            key=event.key,
            start=log.at(event),
            pump_time=event.pump_time,
            cgm_type=SENSOR_OF_CODE[event.code],
            joined=event.joined,
            session_start=start,
            expires=start + timedelta(days=event.days)
            if start and event.days
            else None,
            transmitter_start=transmitter,
            transmitter_expires=transmitter + TRANSMITTER_LASTS
            if transmitter
            else None,
        )


def session_ends(log: EventLog) -> Iterator[CgmSessionEnd]:
    """Yield every end of a sensor session."""
    for event in log.of(CgmSessionStopped):
        yield CgmSessionEnd(
            key=event.key,
            start=log.at(event),
            pump_time=event.pump_time,
            cgm_type=SENSOR_OF_CODE[event.code],
            session_start=_instant(log, event, event.session_start),
            session_stop=_instant(log, event, event.session_stop),
            reason=event.reason,
        )


def sensor_types(log: EventLog) -> Iterator[SensorType]:
    """Yield the sensor in use wherever the pump told it."""
    for event in log.of(DailyStatus):
        if event.cgm_type is not None:
            yield SensorType(
                key=event.key,
                start=log.at(event),
                pump_time=event.pump_time,
                cgm_type=event.cgm_type,
            )


def predictions(log: EventLog) -> Iterator[GlucosePrediction]:
    """Yield the glucose that low-glucose suspend still expects (mg/dL; None: none made)."""
    newest = log.newest
    for event in log.of(PredictedGlucose):
        start = log.at(event)
        if newest and newest - start > LOOKS_AHEAD:
            continue
        yield GlucosePrediction(
            key=event.key,
            start=start,
            pump_time=event.pump_time,
            glucose=event.glucose,
        )


def _instant(
    log: EventLog, event: CgmSessionStarted | CgmSessionStopped, wall: datetime | None
) -> datetime | None:
    """Return an instant of a session: Dexcom tells how long ago it was, Libre what the clock showed."""
    if wall is None:
        return None
    if SENSOR_OF_CODE[event.code] in DEXCOM:
        return log.at(event) - (event.pump_time - wall)
    return log.utc(event, wall)
