"""Times for which delivery is known, zero included."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from .history import History
from .records import BasalSegment, Suspension
from .spans import Span, length, merged, within
from .timeline import Timeline, between, reaching_into


def known_for(
    histories: Iterable[History], start: datetime, end: datetime
) -> timedelta:
    """Return for how much of the time between two instants the pumps' delivery is known."""
    by_pump = (delivering(history, start, end) for history in histories)
    return length(merged(span for spans in by_pump for span in spans))


def delivered(history: History, start: datetime, end: datetime) -> History:
    """Return the delivery between two instants (UTC), as if the log ended there; equal while it is unchanged."""
    newest = history.newest
    return History(
        newest=newest and min(newest, end),
        basal=between(history.basal, start, end),
        suspensions=between(history.suspensions, start, end),
        boluses=between(history.boluses, start, end),
        unreadable=history.unreadable,
    )


def delivering(history: History, start: datetime, end: datetime) -> list[Span]:
    """Return the spans (UTC) for which a pump's delivery is known, zero included."""
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
