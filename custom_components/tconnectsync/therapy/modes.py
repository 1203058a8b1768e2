"""Activity modes (sleep, exercise, eating soon) and the pump's control mode."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import pairwise

from custom_components.tconnectsync.tandem.enums import UserMode
from custom_components.tconnectsync.tandem.event_codes import EventCode
from custom_components.tconnectsync.tandem.event_types import (
    ControlModeChanged,
    DailyStatus,
    PumpEvent,
    UserModeChanged,
)

from .event_log import DatedPart, EventLog
from .records import ActivityModeChange, ActivitySpan, ControlModeChange, MissingEvents
from .records_by_place import KEY


def activities(
    log: EventLog, missing: Iterable[MissingEvents] = ()
) -> Iterator[ActivitySpan]:
    """Yield every span of sleep, exercise or eating soon; the newest may still run.

    Where events that may include its end are missing, a span ends there.
    """
    changes: list[PumpEvent | MissingEvents] = sorted(
        (
            *(
                events
                for events in missing
                if events.may_be(EventCode.USER_MODE_CHANGED)
            ),
            *log.where(_changes_activity, UserModeChanged, DailyStatus),
        ),
        key=KEY,
    )
    for change, following in pairwise([*changes, None]):
        if (
            isinstance(change, UserModeChanged)
            and change.mode is not None
            and change.mode is not UserMode.NORMAL
        ):
            yield ActivitySpan(
                key=change.key,
                start=log.at(change),
                pump_time=change.pump_time,
                mode=change.mode,
                end=_at(log, following) if following else None,
                planned_minutes=change.timed_minutes
                if change.mode is UserMode.EXERCISE
                else None,
                by_schedule=change.by_schedule,
            )


def _at(log: EventLog, change: PumpEvent | MissingEvents) -> datetime:
    return change.start if isinstance(change, MissingEvents) else log.at(change)


def _changes_activity(event: PumpEvent) -> bool:
    return isinstance(event, UserModeChanged) or (
        isinstance(event, DailyStatus) and event.unknown_user_mode
    )


def control_modes(
    log: EventLog, missing: Iterable[MissingEvents] = ()
) -> list[ControlModeChange]:
    """Return the control mode at each change and midnight; None where a change may be missing."""
    unknown = (
        ControlModeChange(
            key=events.key,
            start=events.start,
            pump_time=events.pump_time,
            mode=None,
            closed_loop_preferred=None,
        )
        for events in missing
        if events.may_be(EventCode.CONTROL_MODE_CHANGED)
    )
    return sorted((*unknown, *log.each(_control_modes)), key=KEY)


def _control_modes(log: DatedPart) -> Iterator[ControlModeChange]:
    events: list[ControlModeChanged | DailyStatus] = log.of(
        ControlModeChanged, DailyStatus
    )
    for event in events:
        mode = (
            event.mode if isinstance(event, ControlModeChanged) else event.control_mode
        )
        is_reported = (
            isinstance(event, ControlModeChanged) or event.unknown_control_mode
        )
        if is_reported or mode is not None:
            yield ControlModeChange(
                key=event.key,
                start=log.at(event),
                pump_time=event.pump_time,
                mode=mode,
                closed_loop_preferred=event.closed_loop_preferred
                if isinstance(event, ControlModeChanged)
                else None,
            )


def activity_mode_changes(
    log: EventLog, missing: Iterable[MissingEvents] = ()
) -> list[ActivityModeChange]:
    """Return the activity mode at each change and midnight; None where a change may be missing."""
    unknown = (
        ActivityModeChange(
            key=events.key, start=events.start, pump_time=events.pump_time, mode=None
        )
        for events in missing
        if events.may_be(EventCode.USER_MODE_CHANGED)
    )
    return sorted((*unknown, *log.each(_activity_mode_changes)), key=KEY)


def _activity_mode_changes(log: DatedPart) -> Iterator[ActivityModeChange]:
    events: list[UserModeChanged | DailyStatus] = log.of(UserModeChanged, DailyStatus)
    for event in events:
        mode = event.mode if isinstance(event, UserModeChanged) else event.user_mode
        if mode is not None or _changes_activity(event):
            yield ActivityModeChange(
                key=event.key, start=log.at(event), pump_time=event.pump_time, mode=mode
            )
