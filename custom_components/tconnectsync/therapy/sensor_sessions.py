"""Sensor sessions: their starts, ends and reasons for ending."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from custom_components.tconnectsync.tandem.enums import AlarmKind, CgmType
from custom_components.tconnectsync.tandem.event_codes import EventCode
from custom_components.tconnectsync.tandem.event_types import (
    AlarmRaised,
    CgmReadingLogged,
    CgmSessionStarted,
    CgmSessionStep,
    CgmSessionStopped,
    DailyStatus,
    PumpEvent,
)

from .event_log import DatedPart, EventLog
from .records import (
    CgmSessionEnd,
    CgmSessionStart,
    SensorCondition,
    SensorSessionStep,
    SensorType,
)
from .sensor_self_reports import ENDING, alert_condition, condition_of
from .session_expiry import session_expires, transmitter_expires

CLOCKS_DIFFER = timedelta(hours=1)
REASON_VALID_FOR = timedelta(minutes=15)
"""An alert or a reading gives the reason for the end of a session if it is no longer before it."""
DEXCOM = frozenset({CgmType.DEXCOM_G6, CgmType.DEXCOM_G7})
SENSOR_OF_CODE: dict[int, CgmType] = {
    EventCode.G6_SESSION_STARTED: CgmType.DEXCOM_G6,
    EventCode.G6_SESSION_JOINED: CgmType.DEXCOM_G6,
    EventCode.G6_SESSION_STOPPED: CgmType.DEXCOM_G6,
    EventCode.G6_READING: CgmType.DEXCOM_G6,
    EventCode.LIBRE_2_READING: CgmType.LIBRE_2,
    EventCode.G7_SESSION_JOINED: CgmType.DEXCOM_G7,
    EventCode.G7_READING: CgmType.DEXCOM_G7,
    EventCode.LIBRE_2_SESSION_STARTED: CgmType.LIBRE_2,
    EventCode.LIBRE_2_SESSION_STOPPED: CgmType.LIBRE_2,
    EventCode.LIBRE_2_SESSION_JOINED: CgmType.LIBRE_2,
    EventCode.G7_SESSION_STOPPED: CgmType.DEXCOM_G7,
    EventCode.LIBRE_3_SESSION_JOINED: CgmType.LIBRE_3,
    EventCode.LIBRE_3_READING: CgmType.LIBRE_3,
    EventCode.LIBRE_3_SESSION_STOPPED: CgmType.LIBRE_3,
}
REASONS = {
    CgmType.DEXCOM_G6: {
        3: SensorCondition.EXPIRED,
        4: SensorCondition.FAILED,
        15: SensorCondition.FAILED,
    },
    CgmType.DEXCOM_G7: {15: SensorCondition.FAILED, 16: SensorCondition.EXPIRED},
}
"""Reasons in 214 and 447: the transmitter's end of life or error, an error of the sensor.

The reasons of 447 are not published: 15 was captured with the alert that the sensor failed, and 16
at the end of a G7's grace period of twelve hours.
"""


def session_starts(log: EventLog) -> Iterator[CgmSessionStart]:
    """Yield every start of a sensor session and every time the pump joined one."""
    for event in log.of(CgmSessionStarted):
        start = _instant(log, event, event.session_start)
        transmitter = _instant(log, event, event.transmitter_start)
        yield CgmSessionStart(
            key=event.key,
            start=log.at(event),
            pump_time=event.pump_time,
            cgm_type=SENSOR_OF_CODE[event.code],
            joined=event.joined,
            session_start=start,
            expires=session_expires(start, event.lasts),
            transmitter_start=transmitter,
            transmitter_expires=transmitter_expires(transmitter),
        )


def session_ends(log: EventLog) -> Iterator[CgmSessionEnd]:
    """Yield every end of a sensor session.

    Where no 447 ends a G7's session before the next one starts, a reading that reports the sensor
    as failed, expired or ended does.
    """
    events = log.where(
        _is_about_session,
        AlarmRaised,
        CgmSessionStarted,
        CgmSessionStopped,
        CgmReadingLogged,
    )
    started: CgmSessionStarted | None = None
    last_reading: CgmReadingLogged | None = None
    reported: tuple[datetime, SensorCondition] | None = None
    over = False
    for event in events:
        match event:
            case CgmSessionStarted():
                if last_reading and not over:
                    yield _end_by_reading(log, last_reading, started)
                started, last_reading, reported, over = event, None, None, False
            case CgmSessionStopped():
                end = _end(log, event, started, reported)
                yield end
                if end.of_last_start:
                    last_reading, reported, over = None, None, True
            case CgmReadingLogged() if condition := condition_of(event):
                reported = log.at(event), condition
                if SENSOR_OF_CODE[event.code] is CgmType.DEXCOM_G7:
                    last_reading = last_reading or event
            case AlarmRaised() if event.kind is AlarmKind.CGM_ALERT:
                if condition := alert_condition(event.alarm, event.parameter):
                    reported = log.at(event), condition
    if last_reading and not over:
        yield _end_by_reading(log, last_reading, started)


def _is_about_session(event: PumpEvent) -> bool:
    """Return whether an event may report the start or the end of a session, or why it ended."""
    match event:
        case CgmSessionStarted() | CgmSessionStopped():
            return True
        case CgmReadingLogged(backfilled=False):
            return condition_of(event) in ENDING
        case AlarmRaised(kind=AlarmKind.CGM_ALERT):
            return alert_condition(event.alarm, event.parameter) is not None
        case _:
            return False


def _end(
    log: EventLog,
    event: CgmSessionStopped,
    started: CgmSessionStarted | None,
    reported: tuple[datetime, SensorCondition] | None,
) -> CgmSessionEnd:
    at, cgm_type = log.at(event), SENSOR_OF_CODE[event.code]
    start = _instant(log, event, event.session_start)
    of_last_start = started is None or _same_session(log, event, started)
    if start is None and started and of_last_start:
        start = _instant(log, started, started.session_start)
    stop = _instant(log, event, event.session_stop)
    if stop and start and stop < start:
        stop = None
    condition = None
    if reported and at - reported[0] <= REASON_VALID_FOR:
        condition = reported[1]
    elif event.reason is not None:
        condition = REASONS.get(cgm_type, {}).get(event.reason)
    return CgmSessionEnd(
        key=event.key,
        start=at,
        pump_time=event.pump_time,
        cgm_type=cgm_type,
        session_start=start,
        session_stop=stop,
        reason=event.reason,
        condition=condition or _by_age(start, stop or at, event.lasts),
        of_last_start=of_last_start,
    )


def _by_age(
    start: datetime | None, stop: datetime, lasts: timedelta | None
) -> SensorCondition:
    """Take a session that lasted its time for expired."""
    if start and lasts and stop - start >= lasts - CLOCKS_DIFFER:
        return SensorCondition.EXPIRED
    return SensorCondition.ENDED


def _same_session(
    log: EventLog, event: CgmSessionStopped, started: CgmSessionStarted
) -> bool:
    """Return whether a session that ends may be the one that began last: same sensor, transmitter and start."""
    if SENSOR_OF_CODE[event.code] is not SENSOR_OF_CODE[started.code]:
        return False
    transmitters = event.transmitter_start, started.transmitter_start
    starts = event.session_start, started.session_start
    if not _may_be_one(log, event, started, transmitters):
        return False
    # a start at second 0 of a transmitter may be one that was not reported
    is_reported = event.transmitter_start is None or not set(transmitters) & set(starts)
    return not is_reported or _may_be_one(log, event, started, starts)


def _may_be_one(
    log: EventLog,
    event: CgmSessionStopped,
    started: CgmSessionStarted,
    reported: tuple[datetime | None, datetime | None],
) -> bool:
    """Return whether an end and a start may report the same instant; a Libre's is by a clock that may have moved."""
    now_shown, then_shown = reported
    now, then = _instant(log, event, now_shown), _instant(log, started, then_shown)
    if now is None or then is None or now_shown is None or then_shown is None:
        return True
    if abs(now - then) < CLOCKS_DIFFER:
        return True
    is_of_pump_clock = SENSOR_OF_CODE[event.code] not in DEXCOM
    return is_of_pump_clock and abs(now_shown - then_shown) < CLOCKS_DIFFER


def _end_by_reading(
    log: EventLog, event: CgmReadingLogged, started: CgmSessionStarted | None
) -> CgmSessionEnd:
    cgm_type = SENSOR_OF_CODE[event.code]
    same = started and SENSOR_OF_CODE[started.code] is cgm_type
    return CgmSessionEnd(
        key=event.key,
        start=log.at(event),
        pump_time=event.pump_time,
        cgm_type=cgm_type,
        session_start=_instant(log, started, started.session_start)
        if same and started
        else None,
        session_stop=None,
        reason=None,
        condition=condition_of(event) or SensorCondition.ENDED,
    )


def sensor_types(log: DatedPart) -> Iterator[SensorType]:
    """Yield the type of the sensor in use at every event that reports or changes it."""
    events: list[DailyStatus | CgmSessionStep] = log.of(DailyStatus, CgmSessionStep)
    for event in events:
        if event.cgm_type is not None or event.code == EventCode.SENSOR_CHANGED:
            yield SensorType(
                key=event.key,
                start=log.at(event),
                pump_time=event.pump_time,
                cgm_type=event.cgm_type,
            )


def session_steps(log: DatedPart) -> Iterator[SensorSessionStep]:
    """Yield the other events of sensor sessions."""
    for event in log.of(CgmSessionStep):
        yield SensorSessionStep(
            key=event.key,
            start=log.at(event),
            pump_time=event.pump_time,
            code=event.code,
        )


def _instant(
    log: EventLog, event: CgmSessionStarted | CgmSessionStopped, wall: datetime | None
) -> datetime | None:
    """Return an instant of a session: a Dexcom reports how long ago it was, a Libre the pump's clock then."""
    if wall is None:
        return None
    if SENSOR_OF_CODE[event.code] in DEXCOM:
        return log.at(event) - (event.pump_time - wall)
    return log.utc(event, wall)
