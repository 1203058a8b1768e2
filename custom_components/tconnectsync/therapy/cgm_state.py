"""The glucose sensor's state at the newest event: reading, warming up, failed, expired or ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter

from custom_components.tconnectsync.tandem.enums import AlarmKind, CgmType
from custom_components.tconnectsync.tandem.event_codes import EventCode
from custom_components.tconnectsync.tandem.event_types import EventKey

from .history import History
from .last_known import if_certainly_newest
from .missing_events import SESSION_START_CODES, may_be_missing
from .records import Alarm, CgmReading, GlucoseState, SensorCondition
from .running_session import last_end, running_session
from .sensor_self_reports import ENDING, alert_condition

WARM_UP = {
    CgmType.DEXCOM_G6: timedelta(hours=2),
    CgmType.DEXCOM_G7: timedelta(minutes=30),
    CgmType.LIBRE_2: timedelta(hours=1),
    CgmType.LIBRE_3: timedelta(hours=1),
}
"""Warm-up times from the sensors' user guides."""

type _Condition = GlucoseState | SensorCondition | None


@dataclass(frozen=True, slots=True)
class CgmState:
    """The last known state of the sensor, and the instant (UTC) it is known for."""

    state: GlucoseState | SensorCondition
    as_of: datetime


def cgm_state(history: History, reading: CgmReading | None) -> CgmState | None:
    """Return the sensor's state, given the newest reading if it is recent; None where it is unknown.

    The latest report counts, whether a reading, an alert or a session; a new session voids reports
    about the previous sensor.
    """
    if history.newest is None:
        return None
    session_started = False
    latest_first = sorted(
        _latest_reports(history, reading), key=itemgetter(0), reverse=True
    )
    for _, condition in latest_first:
        if condition is None:
            session_started = True
        elif reading and condition is (reading.condition or reading.state):
            return CgmState(condition, reading.start)
        elif not (session_started and condition in ENDING):
            return CgmState(condition, history.newest)
        else:
            return None
    session = if_certainly_newest(
        history, running_session(history), *SESSION_START_CODES
    )
    if session and session.expires and history.newest >= session.expires:
        return CgmState(SensorCondition.EXPIRED, history.newest)
    return None


def _latest_reports(
    history: History, reading: CgmReading | None
) -> list[tuple[EventKey, _Condition]]:
    """Return the key and the condition of the latest report of each kind; None is the start of a session.

    Reports before missing events may be about another sensor and are left out; the newest reading
    counts nevertheless, as it is shown with its time.
    """
    reports: list[tuple[EventKey, _Condition]] = []
    for earlier in reversed(history.readings):
        if not earlier.backfilled:
            if earlier.condition in ENDING:
                reports.append((earlier.key, earlier.condition))
            break
    if reading:
        reports.append((reading.key, reading.condition or reading.state))
    if end := last_end(history):
        reports.append((end.key, end.condition))
    if history.session_starts:
        reports.append((history.session_starts[-1].key, _warming_up(history)))
    for step in history.session_steps[-1:]:
        ended = step.code == EventCode.NO_SENSOR_IN_USE
        reports.append((step.key, SensorCondition.ENDED if ended else None))
    for alarm in reversed(history.alarms):
        if condition := _condition_from_alert(alarm):
            reports.append((alarm.key, condition))
            break
    return [
        (key, condition)
        for key, condition in reports
        if (reading and key == reading.key)
        or not may_be_missing(history.missing, key, *SESSION_START_CODES)
    ]


def _condition_from_alert(alarm: Alarm) -> SensorCondition | None:
    if alarm.kind is not AlarmKind.CGM_ALERT:
        return None
    return alert_condition(alarm.alarm, alarm.parameter)


def _warming_up(history: History) -> SensorCondition | None:
    session = history.session_starts[-1]
    start = session.session_start
    if start is None or history.newest is None:
        return None
    warm_up = WARM_UP.get(session.cgm_type, timedelta())
    return SensorCondition.WARMING_UP if history.newest - start < warm_up else None
