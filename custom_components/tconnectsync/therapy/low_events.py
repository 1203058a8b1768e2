"""How often glucose was low for a while, as the consensus counts it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

LOW = 70
"""mg/dL, fixed by the consensus whatever limit a person chose; what is below is low."""
LASTS = timedelta(minutes=15)
TOLERANCE = timedelta(seconds=30)
"""Readings are five minutes apart, give or take this."""
type LowSpan = tuple[datetime, datetime, int]
"""From when until when glucose was so high (mg/dL)."""


def joined_spans(spans: Iterable[LowSpan]) -> list[LowSpan]:
    """Return spans in the order of time, joined where nothing changes for low events."""
    joined: list[LowSpan] = []
    for start, end, glucose in spans:
        if joined:
            began, before, of_joined = joined[-1]
            is_same = (of_joined < LOW) is (glucose < LOW)
            if is_same and start - before <= LASTS:
                joined[-1] = began, end, of_joined
                continue
        joined.append((start, end, glucose))
    return joined


def low_events(spans: Iterable[LowSpan]) -> int:
    """Count the low events of spans in the order of time.

    One begins with 15 minutes below 70 mg/dL and ends with nothing but 15 minutes at 70 or above
    (Danne 2017, Battelino 2019). Neither 15 minutes add up over a gap of more than 15; the event
    does go on over one, however long, for nothing tells that it ended there. A reading more or less
    at the end of either decides, so half a minute is allowed for.
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
