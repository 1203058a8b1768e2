"""Sleep, exercise and eating soon as bars of their length."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from custom_components.tconnectsync.nightscout.document import (
    ENTERED_BY,
    Document,
    PumpIdentity,
    minutes,
    treatment,
)
from custom_components.tconnectsync.nightscout.identifiers import Kind, event_name
from custom_components.tconnectsync.tandem.enums import UserMode
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.records import ActivitySpan

EVENT_TYPES = {
    UserMode.SLEEP: ("Sleep", "Sleep"),
    UserMode.EXERCISE: ("Exercise", "Exercise"),
    UserMode.EATING_SOON: ("Note", "Eating soon"),
}


type Mode = tuple[ActivitySpan, datetime]
"""A mode and when it ended or will."""


def modes_with_ends(history: History) -> Iterator[Mode]:
    """Yield every span of a mode; a running one lasts as planned, else up to the newest event."""
    for mode in history.activities:
        yield mode, _end(mode, history.newest or mode.start)


def activity_documents(
    activities: Iterable[Mode], pump: PumpIdentity
) -> Iterator[Document]:
    """Yield a bar of its length for every span of a mode."""
    for mode, end in activities:
        event_type, words = EVENT_TYPES[mode.mode]
        yield treatment(
            mode,
            pump,
            Kind.MODE,
            event_type,
            ENTERED_BY,
            name=event_name(mode.key),
            numbers=(mode.key[1],),
            end=end,
            duration=minutes(mode.start, end),
            notes=f"{words}, by schedule" if mode.by_schedule else words,
        )


def _end(mode: ActivitySpan, newest: datetime) -> datetime:
    if mode.end is not None:
        return mode.end
    if mode.planned_minutes is not None:
        return mode.start + timedelta(minutes=mode.planned_minutes)
    return max(newest, mode.start)
