"""Insulin as it was delivered up to the newest event: boluses and basal as spans of time."""

from collections.abc import Iterator
from datetime import datetime

from custom_components.tconnectsync.instants import HOUR

from .history import History
from .records import Delivery


def bolus_deliveries(history: History) -> Iterator[Delivery]:
    """Yield what flowed of every bolus, both parts."""
    for bolus in history.boluses:
        yield from bolus.given


def basal_deliveries(
    history: History, after: datetime | None = None
) -> Iterator[Delivery]:
    """Yield every basal segment, or those alone that end after an instant."""
    for segment in history.basal:
        if after and segment.end <= after:
            continue
        insulin = segment.rate * ((segment.end - segment.start) / HOUR)
        whole = Delivery(insulin, segment.start, segment.end)
        yield whole.until(history.newest) if history.newest else whole
