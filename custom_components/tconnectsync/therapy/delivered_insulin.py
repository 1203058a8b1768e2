"""Insulin as it was delivered up to the newest event: boluses and basal as spans of time."""

from collections.abc import Iterator
from datetime import datetime

from custom_components.tconnectsync.instants import FAR_PAST, HOUR

from .history import History
from .records import Delivery
from .timeline import between


def bolus_deliveries(
    history: History, after: datetime = FAR_PAST
) -> Iterator[Delivery]:
    """Yield what flowed of every bolus, both parts, or of those alone that end at an instant or later."""
    for bolus in between(history.boluses, after):
        yield from bolus.given


def basal_deliveries(
    history: History, after: datetime = FAR_PAST
) -> Iterator[Delivery]:
    """Yield every basal segment, or those alone that end at an instant or later."""
    for segment in between(history.basal, after):
        insulin = segment.rate * ((segment.end - segment.start) / HOUR)
        whole = Delivery(insulin, segment.start, segment.end)
        yield whole.until(history.newest) if history.newest else whole
