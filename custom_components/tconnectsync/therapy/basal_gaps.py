"""Where a pump's log does not tell what flowed: what should have been reported is missing."""

from datetime import datetime, timedelta
from itertools import pairwise

from .basal_segment import REPORT_INTERVAL, RUNS_ON, Segment, pump_time_at
from .log import EventLog
from .records import BasalGap

OVERDUE = timedelta(minutes=15)
"""A rate is believed for so long after the pump reported it last."""
SHORTEST_GAP = OVERDUE - REPORT_INTERVAL


def known_until(segment: Segment, at: datetime) -> datetime:
    """Return until when a segment lasted if nothing more was reported of it by an instant."""
    if segment.rate and segment.repeated and at - segment.reported_at > OVERDUE:
        return segment.reported_at + REPORT_INTERVAL
    return at


def basal_gaps(
    segments: list[Segment], log: EventLog, newest: datetime
) -> list[BasalGap]:
    """Return what lies between segments, and behind the last one, where that is long."""
    uncovered = [(before, after.start, False) for before, after in pairwise(segments)]
    uncovered += [(last, newest, True) for last in segments[-1:]]
    return [
        BasalGap(
            key=before.last.key,
            start=before.end,
            pump_time=pump_time_at(log, before.last, before.end),
            end=end + RUNS_ON if running else end,
            running=running,
        )
        for before, end, running in uncovered
        if before.end and end - before.end >= SHORTEST_GAP
    ]
