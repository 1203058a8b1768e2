"""Spans of time: joined, cut and measured."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

type Span = tuple[datetime, datetime]
"""From one instant (UTC) to another."""


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return spans in the order of time, with overlapping ones joined."""
    joined: list[Span] = []
    for begins, ends in sorted(spans):
        if joined and begins <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(ends, joined[-1][1])
        else:
            joined.append((begins, ends))
    return joined


def within(spans: Iterable[Span], begins: datetime, ends: datetime) -> list[Span]:
    """Return the parts of spans that are between two instants."""
    return [
        (max(start, begins), min(end, ends))
        for start, end in spans
        if start < ends and end > begins
    ]


def outside(spans: Iterable[Span], begins: datetime, ends: datetime) -> Iterator[Span]:
    """Yield the parts of the time between two instants that are in none of these merged spans."""
    for start, end in within(spans, begins, ends):
        yield begins, start
        begins = end
    yield begins, ends


def length(spans: Iterable[Span]) -> timedelta:
    """Return the total length of spans that do not overlap."""
    return sum((ends - begins for begins, ends in spans), timedelta())
