"""Where a pump's log tells nothing for long, and until when it is known before what went on."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from custom_components.tconnectsync.instants import HOUR
from custom_components.tconnectsync.tandem.event_types import (
    AlarmRaised,
    EventKey,
    PumpEvent,
    PumpRestarted,
)

from .basal_segment import OVERDUE, REPORT_INTERVAL
from .event_log import DatedPart, EventLog
from .log_parts import MOST_NUMBERS_MISSING, PartNumber
from .stop_reasons import comes_on_again

LEAST_EVENTS = 6
"""So many within the hour before a hole show a pump that logs all the time."""

type Dated = tuple[PumpEvent, datetime]
"""An event and when it was logged (UTC)."""


@dataclass(frozen=True, slots=True)
class LogGap:
    """A part of the log that is missing: it was not uploaded, or cannot be read."""

    before: PumpEvent
    """The last event that is held before it."""
    behind: PumpEvent
    """The first one after it."""
    start: datetime
    end: datetime
    """When these two were logged (UTC)."""
    logs_continuously: bool
    """Whether the pump logged all the time before, so that a pump that logs seldom is no explanation."""

    @property
    def known_until(self) -> datetime:
        """Until when what ran before it may be taken to have gone on (UTC)."""
        return self.start + REPORT_INTERVAL


def may_have_run_until(log: EventLog) -> Mapping[EventKey, datetime]:
    """Return by where the pump came on again until when it may have run before (UTC).

    While it runs it logs something every five minutes.
    """
    found = {}
    for event in log.where(comes_on_again, AlarmRaised, PumpRestarted):
        if before := log.before(event):
            found[event.key] = log.at(before) + REPORT_INTERVAL
    return found


def log_gaps(log: EventLog) -> Mapping[PartNumber, Sequence[LogGap]]:
    """Return the holes of a log by the part that goes on behind them."""
    found: dict[PartNumber, Sequence[LogGap]] = {}
    before: tuple[Dated, ...] = ()
    for part in log.dated_parts:
        found[part.number] = part.result(_log_gaps, before)
        before = (*before, *part.result(_newest))[-LEAST_EVENTS:]
    return found


def _newest(part: DatedPart) -> tuple[Dated, ...]:
    return tuple((event, part.at(event)) for event in part.events[-LEAST_EVENTS:])


def _log_gaps(log: DatedPart, before: tuple[Dated, ...]) -> tuple[LogGap, ...]:
    return tuple(_log_gaps_of(log, before))


def _log_gaps_of(log: DatedPart, before: tuple[Dated, ...]) -> Iterator[LogGap]:
    known = dict(before)
    recent = deque(known, maxlen=LEAST_EVENTS)
    for event in log.events:
        if recent and _numbers_skipped(recent[-1], event):
            last, first, end = recent[-1], recent[0], log.at(event)
            start = known.get(last) or log.at(last)
            if end - start > OVERDUE:
                since = known.get(first) or log.at(first)
                logs_continuously = (
                    len(recent) == LEAST_EVENTS and start - since <= HOUR
                )
                yield LogGap(last, event, start, end, logs_continuously)
        recent.append(event)


def _numbers_skipped(before: PumpEvent, after: PumpEvent) -> bool:
    """Return whether the numbers of two events that follow each other show that there were others between."""
    return (
        before.group != after.group
        or after.number - before.number > MOST_NUMBERS_MISSING
    )
