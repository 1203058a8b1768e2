"""The number of low glucose events, as the consensus counts them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

LOW = 70
"""mg/dL; values below are low. The consensus fixes it, independent of the limit that a person chose."""
LASTS = timedelta(minutes=15)
TOLERANCE = timedelta(seconds=30)
"""Readings are five minutes apart, give or take this."""
type LowSpan = tuple[datetime, datetime, int]
"""Start and end of a span (UTC), and glucose during it (mg/dL)."""


def joined_spans(spans: Iterable[LowSpan]) -> list[LowSpan]:
    """Join successive spans where that makes no difference to low events."""
    joined: list[LowSpan] = []
    for start, end, glucose in spans:
        if joined:
            began, before, last_glucose = joined[-1]
            is_same = (last_glucose < LOW) is (glucose < LOW)
            if is_same and start - before <= LASTS:
                joined[-1] = began, end, last_glucose
                continue
        joined.append((start, end, glucose))
    return joined


def low_events(spans: Iterable[LowSpan]) -> int:
    """Return the number of low events in spans that are in the order of time.

    An event begins with 15 minutes below 70 mg/dL and ends only with 15 minutes at 70 or above
    (Danne 2017, Battelino 2019). The 15 minutes must not include a gap of more than 15; an event
    goes on over a gap of any length, as nothing shows that it ended there. A single reading can
    decide, so half a minute less is accepted.
    """
    count, during = 0, False
    began: datetime | None = None
    was_low, before = False, None
    for start, end, glucose in spans:
        is_low = glucose < LOW
        if (
            before is None
            or began is None
            or start - before > LASTS
            or is_low != was_low
        ):
            began = start
        was_low, before = is_low, end
        if during is not is_low and end - began >= LASTS - TOLERANCE:
            during = is_low
            count += during
    return count
