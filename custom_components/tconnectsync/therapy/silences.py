"""Where a pump's log tells nothing for long, and until when it is known before what went on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from custom_components.tconnectsync.tandem.event_types import (
    AlarmRaised,
    EventKey,
    PumpEvent,
    PumpRestarted,
)

from .basal_segment import OVERDUE, REPORT_INTERVAL
from .event_log import EventLog, PartLog
from .log_parts import MOST_NUMBERS_MISSING, PartNumber
from .stop_reasons import comes_on_again

type Dated = tuple[PumpEvent, datetime]
"""An event and when it was logged (UTC)."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A part of the log that is missing: it was not uploaded, or cannot be read."""

    before: PumpEvent
    """The last event that is held before it."""
    behind: PumpEvent
    """The first one after it."""
    start: datetime
    end: datetime
    """When these two were logged (UTC)."""

    @property
    def known_until(self) -> datetime:
        """Until when what ran before it may be taken to have gone on (UTC)."""
        return self.start + REPORT_INTERVAL


def ran_until(log: EventLog) -> Mapping[EventKey, datetime]:
    """Return by where the pump came on again until when it may have run before (UTC).

    While it runs it logs something every five minutes.
    """
    found = {}
    for event in log.where(comes_on_again, AlarmRaised, PumpRestarted):
        if before := log.before(event):
            found[event.key] = log.at(before) + REPORT_INTERVAL
    return found


def holes(log: EventLog) -> Mapping[PartNumber, Sequence[Hole]]:
    """Return the holes of a log by the part that goes on behind them."""
    found: dict[PartNumber, Sequence[Hole]] = {}
    before: Dated | None = None
    for part in log.dated_parts:
        found[part.part.number] = part.result(_holes, before)
        last = part.part.events[-1]
        before = last, part.at(last)
    return found


def _holes(log: PartLog, before: Dated | None) -> tuple[Hole, ...]:
    return tuple(_holes_of(log, before))


def _holes_of(log: PartLog, before: Dated | None) -> Iterator[Hole]:
    last, last_at = before or (None, None)
    for event in log.part.events:
        if last and _leaves_out(last, event):
            start, end = last_at or log.at(last), log.at(event)
            if end - start > OVERDUE:
                yield Hole(last, event, start, end)
        last, last_at = event, None


def _leaves_out(before: PumpEvent, after: PumpEvent) -> bool:
    """Return whether the numbers of two events that follow each other show that there were others between."""
    return (
        before.group != after.group
        or after.number - before.number > MOST_NUMBERS_MISSING
    )
