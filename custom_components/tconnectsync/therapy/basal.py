"""Basal segments, suspensions and gaps from what a pump's log tells of its delivery."""

from datetime import datetime, timedelta
from itertools import pairwise

from custom_components.tconnectsync.tandem.event_types import PumpEvent

from .basal_segment import OVERDUE, REPORT_INTERVAL, SHORTEST, Segment
from .basal_stream import BasalStream
from .log import EventLog
from .records import BasalGap, BasalSegment, Suspension

RUNS_ON = timedelta(minutes=30)
SHORTEST_GAP = OVERDUE - REPORT_INTERVAL


def basal(
    log: EventLog,
) -> tuple[list[BasalSegment], list[Suspension], list[BasalGap]]:
    """Return basal segments (U/h), suspensions and gaps, each in the order they began."""
    if log.newest is None:
        return [], [], []
    stream = BasalStream(log)
    stream.follow()
    segments: list[BasalSegment] = []
    suspensions: list[Suspension] = []
    for segment in stream.segments:
        end = segment.end or log.newest + RUNS_ON
        if end - segment.start < SHORTEST:
            continue
        if segment.rate is None:
            suspensions.append(
                Suspension(
                    key=segment.first.key,
                    start=segment.start,
                    pump_time=_pump_time(log, segment.first, segment.start),
                    numbers=tuple(segment.numbers),
                    end=end,
                    running=segment.end is None,
                    reason=segment.reason,
                )
            )
            continue
        rate, profile_rate, source = segment.rate_until(log.newest)
        segments.append(
            BasalSegment(
                key=segment.first.key,
                start=segment.start,
                pump_time=segment.first.pump_time,
                numbers=tuple(segment.numbers),
                end=end,
                running=segment.end is None,
                rate=rate,
                profile_rate=profile_rate,
                source=source,
            )
        )
    return segments, suspensions, _gaps(stream.segments, log, log.newest)


def _gaps(segments: list[Segment], log: EventLog, newest: datetime) -> list[BasalGap]:
    """Return what lies between segments, and behind the last one, where that is long."""
    uncovered = [(before, after.start, False) for before, after in pairwise(segments)]
    uncovered += [(last, newest, True) for last in segments[-1:]]
    return [
        BasalGap(
            key=before.last.key,
            start=before.end,
            pump_time=_pump_time(log, before.last, before.end),
            end=end + RUNS_ON if running else end,
            running=running,
        )
        for before, end, running in uncovered
        if before.end and end - before.end >= SHORTEST_GAP
    ]


def _pump_time(log: EventLog, event: PumpEvent, instant: datetime) -> datetime:
    """Return what the pump's clock showed at an instant near an event."""
    return event.pump_time + (instant - log.at(event))
