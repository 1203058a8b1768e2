"""Insulin as it was delivered up to the newest event: boluses and basal as spans of time."""

from collections.abc import Iterator
from datetime import datetime

from custom_components.tconnectsync.instants import FAR_PAST, HOUR

from .history import History
from .records import BasalSegment, Bolus, Delivery
from .timeline import between, reaching_into


def bolus_deliveries(
    history: History, after: datetime = FAR_PAST
) -> Iterator[Delivery]:
    """Yield what flowed of every bolus, both parts, or of those alone that end at an instant or later."""
    for bolus in between(history.boluses, after):
        yield from bolus.deliveries


def basal_deliveries(
    history: History, after: datetime = FAR_PAST
) -> Iterator[Delivery]:
    """Yield every basal segment, or those alone that end at an instant or later."""
    for segment in between(history.basal, after):
        whole = _delivery(segment)
        yield whole.until(history.newest) if history.newest else whole


def bolus_insulin(history: History, start: datetime, end: datetime) -> float:
    """Return what flowed of boluses, both parts, from one instant until before another (U)."""
    if end <= start:
        return 0.0
    total = 0.0
    for part in reaching_into(history.boluses, start, end):
        whole, over = part.added(_of_bolus, start, end)
        total += whole + sum(
            delivery.between(start, end)
            for bolus in over
            for delivery in bolus.deliveries
        )
    return total


def basal_insulin(history: History, start: datetime, end: datetime) -> float:
    """Return what flowed as basal from one instant until before another, up to the newest event (U)."""
    end = min(end, history.newest) if history.newest else end
    if end <= start:
        return 0.0
    total = 0.0
    for part in reaching_into(history.basal, start, end):
        whole, over = part.added(_of_segment, start, end)
        total += whole + sum(_delivery(segment).between(start, end) for segment in over)
    return total


def _of_bolus(bolus: Bolus) -> float:
    return sum(part.insulin for part in bolus.deliveries)


def _of_segment(segment: BasalSegment) -> float:
    return segment.rate * ((segment.end - segment.start) / HOUR)


def _delivery(segment: BasalSegment) -> Delivery:
    return Delivery(_of_segment(segment), segment.start, segment.end)
