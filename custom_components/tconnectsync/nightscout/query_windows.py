"""Spans of time that documents are asked for by."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

DAYS_AT_ONCE = timedelta(days=5)

type Window = tuple[datetime, datetime]


def merged(spans: Iterable[Window]) -> Iterator[Window]:
    """Yield spans of a few days that cover all of these."""
    running: Window | None = None
    for since, until in sorted(spans):
        if running is None:
            running = since, until
        elif since <= running[1] and until - running[0] <= DAYS_AT_ONCE:
            running = running[0], max(until, running[1])
        else:
            yield running
            running = since, until
    if running:
        yield running
