"""How the glucose sensor is at the newest event: reading, warming up, failed, expired or ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter

from custom_components.tconnectsync.tandem.enums import AlarmKind, CgmType
from custom_components.tconnectsync.tandem.event_types import EventKey

from .history import History
from .last_known import if_last
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
"""As the sensors' user guides have it."""
LISTENS_TO_NONE = 441

type _Said = GlucoseState | SensorCondition | None


@dataclass(frozen=True, slots=True)
class CgmState:
    """What the sensor was last known to be, and the instant that holds for."""

    state: GlucoseState | SensorCondition
    as_of: datetime


def cgm_state(history: History, reading: CgmReading | None) -> CgmState | None:
    """Return how the sensor is, of which this is the newest reading, if there is one of now.

    The latest word counts, be it of a reading, an alert or a session; that a session begins makes
    what was said of the one before void.
    """
    if history.newest is None:
        return None
    begun = False
    for _, said in sorted(_words(history, reading), key=itemgetter(0), reverse=True):
        if said is None:
            begun = True
        elif reading and said is (reading.condition or reading.state):
            return CgmState(said, reading.start)
        elif not (begun and said in ENDING):
            return CgmState(said, history.newest)
        else:
            return None
    session = if_last(history, running_session(history), *SESSION_START_CODES)
    if session and session.expires and history.newest >= session.expires:
        return CgmState(SensorCondition.EXPIRED, history.newest)
    return None


def _words(
    history: History, reading: CgmReading | None
) -> list[tuple[EventKey, _Said]]:
    """Return the latest word of each kind; None is that a session begins.

    What was said before something was lost may be of another sensor; a reading tells when it was.
    """
    words: list[tuple[EventKey, _Said]] = []
    for one in reversed(history.readings):
        if not one.backfilled:
            if one.condition in ENDING:
                words.append((one.key, one.condition))
            break
    if reading:
        words.append((reading.key, reading.condition or reading.state))
    if end := last_end(history):
        words.append((end.key, end.condition))
    if history.session_starts:
        words.append((history.session_starts[-1].key, _warming_up(history)))
    for step in history.session_steps[-1:]:
        ended = step.code == LISTENS_TO_NONE
        words.append((step.key, SensorCondition.ENDED if ended else None))
    for alarm in reversed(history.alarms):
        if said := _said(alarm):
            words.append((alarm.key, said))
            break
    return [
        word
        for word in words
        if (reading and word[0] == reading.key)
        or not may_be_missing(history.missing, word[0], *SESSION_START_CODES)
    ]


def _said(alarm: Alarm) -> SensorCondition | None:
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
