"""Alarms and alerts, so told that nothing the pump did by itself snoozes an alarm."""

from collections.abc import Iterable, Iterator

from custom_components.tconnectsync.nightscout.document import (
    ENTERED_BY,
    ENTERED_BY_ALARM,
    Document,
    PumpIdentity,
    treatment,
)
from custom_components.tconnectsync.nightscout.identifiers import Kind, event_name
from custom_components.tconnectsync.tandem.enums import AlarmKind
from custom_components.tconnectsync.tandem.event_types import EventKey
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.records import Alarm
from custom_components.tconnectsync.therapy.stop_reasons import STILL_SUSPENDED

FORMS = {
    AlarmKind.ALARM: (Kind.ALARM, "Alarm: "),
    AlarmKind.MALFUNCTION: (Kind.ALARM, ""),
    AlarmKind.ALERT: (Kind.ALERT, "Alert: "),
    AlarmKind.CGM_ALERT: (Kind.CGM_ALERT, "CGM alert: "),
}


def alarm_documents(alarms: Iterable[Alarm], pump: PumpIdentity) -> Iterator[Document]:
    """Yield a document for every alarm, malfunction, alert and CGM alert."""
    for alarm in alarms:
        yield _alarm(alarm, pump)


def repeated_reminders(history: History) -> set[EventKey]:
    """Return the alarms that remind of a suspension of which another one did before."""
    reminded: set[object] = set()
    repeated: set[EventKey] = set()
    for alarm in history.alarms:
        if alarm.alarm in STILL_SUSPENDED and alarm.kind is AlarmKind.ALARM:
            about = _suspended_since(history, alarm)
            if about in reminded:
                repeated.add(alarm.key)
            reminded.add(about)
    return repeated


def _suspended_since(history: History, alarm: Alarm) -> object:
    """Return which suspension a reminder is about, its day where none is known."""
    return next(
        (
            suspension.key
            for suspension in history.suspensions
            if suspension.start <= alarm.start <= suspension.end
        ),
        alarm.day,
    )


def _alarm(alarm: Alarm, pump: PumpIdentity) -> Document:
    kind, called = FORMS[alarm.kind]
    urgent = kind is Kind.ALARM
    return treatment(
        alarm,
        pump,
        kind,
        "Announcement" if urgent else "Note",
        ENTERED_BY_ALARM if urgent else ENTERED_BY,
        name=event_name(alarm.key),
        numbers=(alarm.key[1],),
        isAnnouncement=True if urgent else None,
        notes=f"{called}{alarm.meaning}",
    )
