"""The running sensor session, its end and the end of its grace period."""

from dataclasses import dataclass
from datetime import datetime

from custom_components.tconnectsync.tandem.alarm_numbers import CgmAlertNumber
from custom_components.tconnectsync.tandem.enums import AlarmKind

from .history import History, newest_record
from .records import CgmSessionEnd, CgmSessionStart
from .session_expiry import grace_ends


def running_session(history: History) -> CgmSessionStart | None:
    """Return the session that started last, None if it has ended."""
    if not history.session_starts:
        return None
    session = history.session_starts[-1]
    end = last_end(history)
    return None if end and end.key > session.key else session


def last_end(history: History) -> CgmSessionEnd | None:
    """Return the newest end that is of the session that had started last.

    The pump may log the end of a sensor's session after the start of the next one.
    """
    return newest_record(history.session_ends, lambda end: end.of_last_start)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """When the running session ends (UTC), as far as the pump reported it."""

    expires: datetime | None
    grace_ends: datetime | None
    """Until when the sensor goes on."""


def session_limits(history: History) -> SessionLimits | None:
    """Return the limits of the running session; None while there is none.

    A G7 does not report its duration; only its alert that the grace period started shows that it expired.
    """
    session = running_session(history)
    if session is None:
        return None
    expires = session.expires
    for alarm in reversed(history.alarms):
        if (
            alarm.kind is AlarmKind.CGM_ALERT
            and alarm.alarm == CgmAlertNumber.GRACE_PERIOD_STARTED
        ):
            if session.session_start and alarm.start >= session.session_start:
                expires = alarm.start
            break
    return SessionLimits(
        expires=expires, grace_ends=grace_ends(session.cgm_type, expires)
    )
