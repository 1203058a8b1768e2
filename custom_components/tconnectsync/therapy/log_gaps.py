"""Gaps in a pump's log: sequence numbers that were skipped while time passed."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from custom_components.tconnectsync.instants import HOUR
from custom_components.tconnectsync.tandem.event_types import (
    AlarmRaised,
    EventKey,
    PumpEvent,
    PumpRestarted,
)

from .basal_segment import REPORT_INTERVAL, REPORT_OVERDUE_AFTER
from .event_log import DatedPart, EventLog
from .log_parts import EVENTS_OF_CONTINUOUS_LOG, PartNumber, numbers_skipped
from .stop_reasons import shows_pump_was_off

OFTEN = 3
"""Skips within an hour that show that numbers are skipped all the time."""

type Dated = tuple[PumpEvent, datetime]
"""An event and when it was logged (UTC)."""


@dataclass(frozen=True, slots=True)
class LogGap:
    """A part of the log that is missing: it was lost, or has not been uploaded."""

    before: PumpEvent
    """The last event before the gap."""
    after: PumpEvent
    """The first event after it."""
    start: datetime
    end: datetime
    """When these two were logged (UTC)."""
    logs_continuously: bool
    """Whether the pump logged continuously before, so that rare logging does not explain the gap."""

    @property
    def known_until(self) -> datetime:
        """Until when delivery may be assumed to have gone on as before the gap (UTC)."""
        return self.start + REPORT_INTERVAL


@dataclass(frozen=True, slots=True)
class Skip:
    """A place in the log after which sequence numbers are skipped, over any length of time."""

    before: PumpEvent
    """The last event before it."""
    at: datetime
    """When that was logged (UTC)."""

    @property
    def key(self) -> EventKey:
        """The key of the last event before it."""
        return self.before.key


def may_have_run_until(log: EventLog) -> Mapping[EventKey, datetime]:
    """Map each restart (its key) to the latest time (UTC) at which the pump can still have been running.

    A running pump logs something every five minutes.
    """
    latest = {}
    for event in log.where(shows_pump_was_off, AlarmRaised, PumpRestarted):
        if before := log.before(event):
            latest[event.key] = log.at(before) + REPORT_INTERVAL
    return latest


def log_gaps(log: EventLog) -> Mapping[PartNumber, Sequence[LogGap]]:
    """Return the gaps of a log by the part that continues after them."""
    gaps: dict[PartNumber, Sequence[LogGap]] = {}
    before: tuple[Dated, ...] = ()
    for part in log.dated_parts:
        gaps[part.number] = part.result(_log_gaps, before)
        before = (*before, *part.result(_newest))[-EVENTS_OF_CONTINUOUS_LOG:]
    return gaps


def skips(log: EventLog) -> list[Skip]:
    """Return every place in the log after which sequence numbers are skipped, over any length of time.

    Numbers that are skipped again and again are left out: they are of events that are not requested from Tandem.
    """
    all_skips: list[Skip] = []
    before: Dated | None = None
    for part in log.dated_parts:
        all_skips += part.result(_skips, before)
        before = part.result(_newest)[-1]
    return [
        skip
        for index, skip in enumerate(all_skips)
        if index < OFTEN or skip.at - all_skips[index - OFTEN].at > HOUR
    ]


def _skips(part: DatedPart, before: Dated | None) -> tuple[Skip, ...]:
    first = part.events[0]
    of_part = (
        [Skip(*before)] if before and numbers_skipped(before[0].key, first.key) else []
    )
    of_part += (
        Skip(event, part.at(event))
        for event, after in pairwise(part.events)
        if numbers_skipped(event.key, after.key)
    )
    return tuple(of_part)


def _newest(part: DatedPart) -> tuple[Dated, ...]:
    last = part.events[-EVENTS_OF_CONTINUOUS_LOG:]
    return tuple((event, part.at(event)) for event in last)


def _log_gaps(log: DatedPart, before: tuple[Dated, ...]) -> tuple[LogGap, ...]:
    return tuple(_log_gaps_of(log, before))


def _log_gaps_of(log: DatedPart, before: tuple[Dated, ...]) -> Iterator[LogGap]:
    instants = dict(before)
    recent = deque(instants, maxlen=EVENTS_OF_CONTINUOUS_LOG)
    for event in log.events:
        if recent and numbers_skipped(recent[-1].key, event.key):
            last, first, end = recent[-1], recent[0], log.at(event)
            start = instants.get(last) or log.at(last)
            if end - start > REPORT_OVERDUE_AFTER:
                since = instants.get(first) or log.at(first)
                logs_continuously = (
                    len(recent) == EVENTS_OF_CONTINUOUS_LOG and start - since <= HOUR
                )
                yield LogGap(last, event, start, end, logs_continuously)
        recent.append(event)
