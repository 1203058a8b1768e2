"""Basal segments, suspensions and basal gaps of a pump's log."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from custom_components.tconnectsync.tandem.event_types import PumpEvent

from .basal_doses import doses_by_part, first_periodic
from .basal_gaps import Uncovered, basal_gaps, uncovered_between
from .basal_segment import RUNNING_PAST_NEWEST, SHORTEST, Segment
from .basal_stream import (
    DELIVERY_EVENTS,
    BasalStream,
    PartContext,
    StreamState,
    is_about_basal,
)
from .event_log import DatedPart, EventLog
from .log_gaps import log_gaps, may_have_run_until
from .log_parts import part_number, within
from .records import BasalGap, BasalSegment, Suspension
from .segment_stack import Stack
from .stop_reasons import may_have_started_before
from .timeline import Records, Timeline


@dataclass(frozen=True, slots=True)
class _Delivery:
    """The records of successive segments."""

    basal: Timeline[BasalSegment]
    suspensions: Timeline[Suspension]
    uncovered: Sequence[Uncovered]


def basal(
    log: EventLog,
) -> tuple[Records[BasalSegment], Records[Suspension], list[BasalGap]]:
    """Return basal segments (U/h), suspensions and gaps, each in the order of the log (UTC)."""
    newest = log.newest
    if newest is None:
        return Records(()), Records(()), []
    segments: list[Timeline[BasalSegment]] = []
    suspensions: list[Timeline[Suspension]] = []
    uncovered: list[Uncovered] = []
    last: Segment | None = None
    for group in _groups(_followed(log, newest)):
        if group[-1].end:
            key = group[0].first.key
            delivery = log.cache.get_or_compute(
                "delivery", key, (group, None), _delivery
            )
        else:
            delivery = _delivery(group, newest)
        segments.append(delivery.basal)
        suspensions.append(delivery.suspensions)
        if last:
            uncovered += uncovered_between((last, group[0]))
        uncovered += delivery.uncovered
        last = group[-1]
    gaps = basal_gaps(uncovered, last, log)
    return Records(segments), Records(suspensions), gaps


def _followed(log: EventLog, newest: datetime) -> Stack:
    """Return all segments of the log, followed from part to part."""
    doses = doses_by_part(log)
    first_dose = min(doses[min(doses)]) if doses else None
    first = first_periodic(log, doses)
    state, restarts, missing = StreamState(), may_have_run_until(log), log_gaps(log)
    for part in log.dated_parts:
        context = PartContext(
            doses.get(part.number, {}),
            within(part.part, first_dose),
            within(part.part, first),
            {
                key: at
                for key, at in restarts.items()
                if part_number(key) == part.number
            },
            missing[part.number],
        )
        state = part.result(_follow, state, context)
    return BasalStream(log, state, PartContext({}, None, None)).end_at(newest)


def _follow(log: DatedPart, state: StreamState, context: PartContext) -> StreamState:
    stream = BasalStream(log, state, context)
    return stream.follow(log.where(is_about_basal, PumpEvent, *DELIVERY_EVENTS))


def _groups(stack: Stack) -> Iterable[tuple[Segment, ...]]:
    """Return the groups of all segments, oldest first."""
    groups: list[tuple[Segment, ...]] = []
    while stack:
        group, stack = stack
        groups.append(group)
    return reversed(groups)


def _delivery(segments: Sequence[Segment], newest: datetime | None) -> _Delivery:
    """Return the records of segments; `newest` (UTC) is needed only where the last one has not ended."""
    basal: list[BasalSegment] = []
    suspensions: list[Suspension] = []
    for segment in segments:
        until = segment.end or newest
        assert until is not None
        end = segment.end or until + RUNNING_PAST_NEWEST
        if end - segment.start < SHORTEST:
            continue
        pump_time = segment.first.pump_time + (segment.start - segment.first_at)
        if segment.rate is None:
            suspensions.append(
                Suspension(
                    key=segment.first.key,
                    start=segment.start,
                    pump_time=pump_time,
                    numbers=segment.numbers,
                    end=end,
                    running=segment.end is None,
                    reason=segment.reason,
                    resumed=segment.resumed,
                    end_known=segment.end_unknown_from is None,
                    may_have_begun_before=may_have_started_before(segment.first),
                )
            )
            continue
        rate, profile_rate, source = segment.rate_until(until)
        basal.append(
            BasalSegment(
                key=segment.first.key,
                start=segment.start,
                pump_time=pump_time,
                numbers=segment.numbers,
                end=end,
                running=segment.end is None,
                rate=rate,
                profile_rate=profile_rate,
                source=source,
            )
        )
    return _Delivery(
        Timeline(basal), Timeline(suspensions), uncovered_between(segments)
    )
