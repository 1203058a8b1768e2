"""Delivered insulin up to the newest event: boluses and basal as spans of time."""

from collections.abc import Iterator
from datetime import datetime

from custom_components.tconnectsync.instants import FAR_PAST, HOUR

from .history import History
from .records import BasalSegment, Bolus, Delivery
from .timeline import between, reaching_into


def bolus_deliveries(
    history: History, after: datetime = FAR_PAST
) -> Iterator[Delivery]:
    """Yield the deliveries (U) of both parts of every bolus that ends at an instant (UTC) or later."""
    for bolus in between(history.boluses, after):
        yield from bolus.deliveries


def basal_deliveries(
    history: History, after: datetime = FAR_PAST
) -> Iterator[Delivery]:
    """Yield the deliveries (U) of every basal segment that ends at an instant (UTC) or later."""
    for segment in between(history.basal, after):
        delivery = _delivery(segment)
        yield delivery.until(history.newest) if history.newest else delivery


def bolus_insulin(history: History, start: datetime, end: datetime) -> float:
    """Return the insulin of both parts of boluses from one instant (UTC) until before another (U)."""
    if end <= start:
        return 0.0
    total = 0.0
    for part in reaching_into(history.boluses, start, end):
        inside, crossing = part.added(_of_bolus, start, end)
        total += inside + sum(
            delivery.between(start, end)
            for bolus in crossing
            for delivery in bolus.deliveries
        )
    return total


def basal_insulin(history: History, start: datetime, end: datetime) -> float:
    """Return basal insulin from one instant (UTC) until before another, up to the newest event (U)."""
    end = min(end, history.newest) if history.newest else end
    if end <= start:
        return 0.0
    total = 0.0
    for part in reaching_into(history.basal, start, end):
        inside, crossing = part.added(_of_segment, start, end)
        total += inside + sum(
            _delivery(segment).between(start, end) for segment in crossing
        )
    return total


def _of_bolus(bolus: Bolus) -> float:
    return sum(part.insulin for part in bolus.deliveries)


def _of_segment(segment: BasalSegment) -> float:
    return segment.rate * ((segment.end - segment.start) / HOUR)


def _delivery(segment: BasalSegment) -> Delivery:
    return Delivery(_of_segment(segment), segment.start, segment.end)
