"""Where events are missing of a pump's log that may have told another state: lost, not uploaded, or not readable."""

from collections.abc import Iterable, Iterator
from itertools import chain

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

ACTIVITY_CODE = 229
CONTROL_CODE = 230
CODE_OF_FILL = {FillKind.CARTRIDGE: 33, FillKind.CANNULA: 61, FillKind.TUBING: 63}
SESSION_START_CODES = frozenset({212, 213, 394, 404, 406, 477})
SESSION_END_CODES = frozenset({214, 405, 447, 486})
SENSOR_CHANGE_CODE = 368
CODES = frozenset(
    {
        ACTIVITY_CODE,
        CONTROL_CODE,
        SENSOR_CHANGE_CODE,
        *CODE_OF_FILL.values(),
        *SESSION_START_CODES,
        *SESSION_END_CODES,
    }
)


def missing_events(
    log: EventLog, gaps: Iterable[BasalGap], *, lost: bool = False
) -> list[MissingEvents]:
    """Return them in the order of the log; a hole stands where the log goes on.

    What was held and is lost may be of any time, and so stands behind everything.
    A hole is a time without any event of a pump that should have reported a rate, and was not off.
    """
    found = sorted((*_unreadable(log), *_log_gaps(log, gaps)), key=KEY)
    if lost and log.parts:
        last = log.parts[-1].events[-1]
        found.append(_missing(log, last, code=None, key=AFTER_ALL))
    return found


def may_be_missing(
    missing: Iterable[MissingEvents], behind: EventKey, *codes: int
) -> bool:
    """Return whether an event of one of these codes may be missing behind a place in the log."""
    return any(one.key > behind and one.may_be(*codes) for one in missing)


def _unreadable(log: EventLog) -> Iterator[MissingEvents]:
    for event in log.where(_tells_of_nothing, PumpEvent, LogCorrupted):
        code = None if isinstance(event, LogCorrupted) else event.code
        yield _missing(log, event, code=code, key=event.key)


def _missing(
    log: EventLog, event: PumpEvent, *, code: int | None, key: EventKey
) -> MissingEvents:
    at = log.at(event)
    return MissingEvents(
        key=key, start=at, pump_time=event.pump_time, end=at, code=code
    )


def _tells_of_nothing(event: PumpEvent) -> bool:
    return isinstance(event, LogCorrupted) or event.code in CODES


def _log_gaps(log: EventLog, gaps: Iterable[BasalGap]) -> Iterator[MissingEvents]:
    known = list(gaps)
    for hole in chain.from_iterable(log_gaps(log).values()):
        if any(gap.key <= hole.before.key and hole.start < gap.end for gap in known):
            yield MissingEvents(
                key=hole.behind.key,
                start=hole.start,
                pump_time=hole.before.pump_time,
                end=hole.end,
                code=None,
            )
