"""Basal segments, suspensions and gaps from what a pump's log tells of its delivery."""

from .basal_gaps import basal_gaps
from .basal_segment import RUNS_ON, SHORTEST, pump_time_at
from .basal_stream import BasalStream
from .log import EventLog
from .records import BasalGap, BasalSegment, Suspension


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
                    pump_time=pump_time_at(log, segment.first, segment.start),
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
    return segments, suspensions, basal_gaps(stream.segments, log, log.newest)
