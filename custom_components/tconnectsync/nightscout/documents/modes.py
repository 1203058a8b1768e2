"""Sleep, exercise and eating soon, as treatments that last as long."""

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
"""A span of a mode, and its end (UTC), which may be in the future."""


def modes_with_ends(history: History) -> Iterator[Mode]:
    """Yield every span of a mode with its end; a running one ends as planned, else at the newest event."""
    for mode in history.activities:
        yield mode, _end(mode, history.newest or mode.start)


def activity_documents(
    activities: Iterable[Mode], pump: PumpIdentity
) -> Iterator[Document]:
    """Yield a treatment with a duration (minutes) for every span of a mode."""
    for mode, end in activities:
        event_type, name = EVENT_TYPES[mode.mode]
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
            notes=f"{name}, by schedule" if mode.by_schedule else name,
        )


def _end(mode: ActivitySpan, newest: datetime) -> datetime:
    if mode.end is not None:
        return mode.end
    if mode.planned_minutes is not None:
        return mode.start + timedelta(minutes=mode.planned_minutes)
    return max(newest, mode.start)
