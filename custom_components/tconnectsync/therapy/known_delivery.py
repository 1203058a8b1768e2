"""When it is known what the pumps delivered, be it nothing."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from .history import History
from .records import BasalSegment, Suspension
from .timeline import Timeline, between, reaching_into

type Span = tuple[datetime, datetime]


def known_for(
    histories: Iterable[History], start: datetime, end: datetime
) -> timedelta:
    """Return how much of the time between two instants it is known what the pumps delivered."""
    every = (delivering(history, start, end) for history in histories)
    return length(merged(part for parts in every for part in parts))


def delivered(history: History, start: datetime, end: datetime) -> History:
    """Return what is known of delivery between two instants, as if the log ended there; equal while that is."""
    newest = history.newest
    return History(
        newest=newest and min(newest, end),
        basal=between(history.basal, start, end),
        suspensions=between(history.suspensions, start, end),
        boluses=between(history.boluses, start, end),
        unreadable=history.unreadable,
    )


def delivering(history: History, start: datetime, end: datetime) -> list[Span]:
    """Return when it is known what a pump delivered, be it nothing."""
    last = min(end, history.newest) if history.newest else start
    if last <= start:
        return []
    parts: list[Timeline[BasalSegment] | Timeline[Suspension]] = [
        *reaching_into(history.basal, start, last),
        *reaching_into(history.suspensions, start, last),
    ]
    return merged(
        span for part in parts for span in within(part.result(_spans), start, last)
    )


def _spans(records: Iterable[BasalSegment | Suspension]) -> list[Span]:
    return merged((record.start, record.end) for record in records)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order of time, overlapping ones joined."""
    joined: list[Span] = []
    for begins, ends in sorted(spans):
        if joined and begins <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(ends, joined[-1][1])
        else:
            joined.append((begins, ends))
    return joined


def within(spans: Iterable[Span], begins: datetime, ends: datetime) -> list[Span]:
    """Return the parts of spans that lie between two instants."""
    return [
        (max(one, begins), min(other, ends))
        for one, other in spans
        if one < ends and other > begins
    ]


def outside(spans: Iterable[Span], begins: datetime, ends: datetime) -> Iterator[Span]:
    """Yield the parts of the time between two instants that lie in none of these merged spans."""
    for start, end in within(spans, begins, ends):
        yield begins, start
        begins = end
    yield begins, ends


def length(spans: Iterable[Span]) -> timedelta:
    """Return how long spans last together; they do not overlap."""
    return sum((ends - begins for begins, ends in spans), timedelta())
