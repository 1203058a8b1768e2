"""Missing events that may have changed the pump's state: lost, not uploaded, or unreadable."""

from collections.abc import Iterable, Iterator
from itertools import chain

from custom_components.tconnectsync.tandem.event_codes import EventCode
from custom_components.tconnectsync.tandem.event_types import (
    AFTER_ALL,
    EventKey,
    LogCorrupted,
    PumpEvent,
)

from .event_log import EventLog
from .log_gaps import log_gaps
from .records import BasalGap, FillKind, MissingEvents
from .records_by_place import KEY

CODE_OF_FILL = {
    FillKind.CARTRIDGE: EventCode.CARTRIDGE_FILLED,
    FillKind.CANNULA: EventCode.CANNULA_FILLED,
    FillKind.TUBING: EventCode.TUBING_FILLED,
}
SESSION_START_CODES = frozenset(
    {
        EventCode.G6_SESSION_STARTED,
        EventCode.G6_SESSION_JOINED,
        EventCode.G7_SESSION_JOINED,
        EventCode.LIBRE_2_SESSION_STARTED,
        EventCode.LIBRE_2_SESSION_JOINED,
        EventCode.LIBRE_3_SESSION_JOINED,
    }
)
SESSION_END_CODES = frozenset(
    {
        EventCode.G6_SESSION_STOPPED,
        EventCode.LIBRE_2_SESSION_STOPPED,
        EventCode.G7_SESSION_STOPPED,
        EventCode.LIBRE_3_SESSION_STOPPED,
    }
)
CODES = frozenset(
    {
        EventCode.USER_MODE_CHANGED,
        EventCode.CONTROL_MODE_CHANGED,
        EventCode.SENSOR_CHANGED,
        *CODE_OF_FILL.values(),
        *SESSION_START_CODES,
        *SESSION_END_CODES,
    }
)


def missing_events(
    log: EventLog, gaps: Iterable[BasalGap], *, lost: bool = False
) -> list[MissingEvents]:
    """Return the missing events in the order of the log; a log gap has the key of the event after it.

    Log gaps count only within basal gaps: the pump should have reported a rate, and was not off.
    With `lost`, stored events were lost; they may be of any time, so one entry is after everything.
    """
    missing = sorted((*_unreadable(log), *_log_gaps(log, gaps)), key=KEY)
    if lost and log.parts:
        last = log.parts[-1].events[-1]
        missing.append(_missing(log, last, code=None, key=AFTER_ALL))
    return missing


def may_be_missing(
    missing: Iterable[MissingEvents], after: EventKey, *codes: int
) -> bool:
    """Return whether an event with one of these codes may be missing after a place in the log."""
    return any(events.key > after and events.may_be(*codes) for events in missing)


def _unreadable(log: EventLog) -> Iterator[MissingEvents]:
    for event in log.where(_is_unreadable, PumpEvent, LogCorrupted):
        code = None if isinstance(event, LogCorrupted) else event.code
        yield _missing(log, event, code=code, key=event.key)


def _missing(
    log: EventLog, event: PumpEvent, *, code: int | None, key: EventKey
) -> MissingEvents:
    at = log.at(event)
    return MissingEvents(
        key=key, start=at, pump_time=event.pump_time, end=at, code=code
    )


def _is_unreadable(event: PumpEvent) -> bool:
    return isinstance(event, LogCorrupted) or event.code in CODES


def _log_gaps(log: EventLog, gaps: Iterable[BasalGap]) -> Iterator[MissingEvents]:
    basal_gaps = list(gaps)
    for log_gap in chain.from_iterable(log_gaps(log).values()):
        if any(
            gap.key <= log_gap.before.key and log_gap.start < gap.end
            for gap in basal_gaps
        ):
            yield MissingEvents(
                key=log_gap.after.key,
                start=log_gap.start,
                pump_time=log_gap.before.pump_time,
                end=log_gap.end,
                code=None,
            )
