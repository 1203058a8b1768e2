"""The windows of time by which documents are queried."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

MAX_WINDOW = timedelta(days=5)

type Window = tuple[datetime, datetime]
"""The first and the last instant of a query (UTC)."""


def batched_windows(windows: Iterable[Window]) -> Iterator[Window]:
    """Join overlapping windows into ones of a few days, so that few queries return everything."""
    running: Window | None = None
    for since, until in sorted(windows):
        if running is None:
            running = since, until
        elif since <= running[1] and until - running[0] <= MAX_WINDOW:
            running = running[0], max(until, running[1])
        else:
            yield running
            running = since, until
    if running:
        yield running
