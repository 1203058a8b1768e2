"""Alarms and alerts, as documents that snooze none of Nightscout's own alarms."""

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
    """Return the keys of all but the first reminder of each suspension."""
    reminded_of: set[object] = set()
    repeated: set[EventKey] = set()
    for alarm in history.alarms:
        if alarm.alarm in STILL_SUSPENDED and alarm.kind is AlarmKind.ALARM:
            suspension = _suspension_of(history, alarm)
            if suspension in reminded_of:
                repeated.add(alarm.key)
            reminded_of.add(suspension)
    return repeated


def _suspension_of(history: History, alarm: Alarm) -> object:
    """Return the key of the suspension that a reminder is about, the day if none is known."""
    return next(
        (
            suspension.key
            for suspension in history.suspensions
            if suspension.start <= alarm.start <= suspension.end
        ),
        alarm.day,
    )


def _alarm(alarm: Alarm, pump: PumpIdentity) -> Document:
    kind, prefix = FORMS[alarm.kind]
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
        notes=f"{prefix}{alarm.meaning}",
    )
