"""Insulin as it was delivered up to the newest event: boluses and basal as spans of time."""

from collections.abc import Iterator
from datetime import timedelta

from .history import History
from .records import Delivery

HOUR = timedelta(hours=1)


def bolus_deliveries(history: History) -> Iterator[Delivery]:
    """Yield what flowed of every bolus, both parts."""
    for bolus in history.boluses:
        yield from bolus.given


def basal_deliveries(history: History) -> Iterator[Delivery]:
    """Yield every basal segment."""
    for segment in history.basal:
        insulin = segment.rate * ((segment.end - segment.start) / HOUR)
        whole = Delivery(insulin, segment.start, segment.end)
        yield whole.until(history.newest) if history.newest else whole
