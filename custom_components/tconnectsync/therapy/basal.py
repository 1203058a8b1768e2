"""Basal segments, suspensions and gaps from what a pump's log tells of its delivery."""

from datetime import datetime, timedelta
from itertools import pairwise

from custom_components.tconnectsync.tandem.events import PumpEvent

from .basal_stream import BasalStream
from .basal_stretch import BEAT, OVERDUE, SHORTEST, Stretch
from .log import EventLog
from .records import BasalGap, BasalSegment, Suspension

RUNS_ON = timedelta(minutes=30)
SHORTEST_GAP = OVERDUE - BEAT


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
    for stretch in stream.stretches:
        end = stretch.end or log.newest + RUNS_ON
        if end - stretch.start < SHORTEST:
            continue
        if stretch.rate is None:
            suspensions.append(
                Suspension(
                    key=stretch.first.key,
                    start=stretch.start,
                    pump_time=_pump_time(log, stretch.first, stretch.start),
                    numbers=tuple(stretch.numbers),
                    end=end,
                    running=stretch.end is None,
                    reason=stretch.reason,
                )
            )
            continue
        rate, profile_rate, source = stretch.rate_until(log.newest)
        segments.append(
            BasalSegment(
                key=stretch.first.key,
                start=stretch.start,
                pump_time=stretch.first.pump_time,
                numbers=tuple(stretch.numbers),
                end=end,
                running=stretch.end is None,
                rate=rate,
                profile_rate=profile_rate,
                source=source,
            )
        )
    return segments, suspensions, _gaps(stream.stretches, log, log.newest)


def _gaps(stretches: list[Stretch], log: EventLog, newest: datetime) -> list[BasalGap]:
    """Return what lies between stretches, and behind the last one, where that is long."""
    uncovered = [(before, after.start, False) for before, after in pairwise(stretches)]
    uncovered += [(last, newest, True) for last in stretches[-1:]]
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
