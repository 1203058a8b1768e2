"""Basal gaps: spans without the reports of basal delivery that the pump should have logged."""

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise

from .basal_segment import (
    REPORT_INTERVAL,
    REPORT_OVERDUE_AFTER,
    RUNNING_PAST_NEWEST,
    Segment,
    pump_time_at,
)
from .event_log import EventLog
from .records import BasalGap

SHORTEST_GAP = REPORT_OVERDUE_AFTER - REPORT_INTERVAL
"""A shorter gap is a late report."""


def rate_known_until(segment: Segment, at: datetime) -> datetime:
    """Return until when (UTC) a segment is known to have lasted, if no report about it followed until `at`."""
    if segment.end_unknown_from and at - segment.end_unknown_from >= SHORTEST_GAP:
        return segment.end_unknown_from
    if (
        segment.rate
        and segment.repeated
        and at - segment.reported_at > REPORT_OVERDUE_AFTER
    ):
        return segment.reported_at + REPORT_INTERVAL
    return at


type Uncovered = tuple[Segment, datetime]
"""A segment, and until when (UTC) delivery is unknown after its end."""


def uncovered_between(segments: Iterable[Segment]) -> list[Uncovered]:
    """Return the long gaps between successive segments."""
    return [
        (before, after.start)
        for before, after in pairwise(segments)
        if before.end and after.start - before.end >= SHORTEST_GAP
    ]


def basal_gaps(
    uncovered: Iterable[Uncovered], last: Segment | None, log: EventLog
) -> list[BasalGap]:
    """Return the long gaps between segments and after the last one."""
    gaps = [_gap(log, before, until, running=False) for before, until in uncovered]
    if last and last.end and log.newest and log.newest - last.end >= SHORTEST_GAP:
        gaps.append(_gap(log, last, log.newest + RUNNING_PAST_NEWEST, running=True))
    return gaps


def _gap(log: EventLog, before: Segment, until: datetime, *, running: bool) -> BasalGap:
    assert before.end is not None
    return BasalGap(
        key=before.last.key,
        start=before.end,
        pump_time=pump_time_at(log, before.last, before.end),
        end=until,
        running=running,
    )
