"""Insulin as it was delivered up to the newest event: boluses and basal as stretches of time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from .history import History
from .records import Bolus

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Insulin (U) delivered evenly from start to end, at once when both are the same."""

    insulin: float
    start: datetime
    end: datetime

    def since(self, start: datetime) -> float:
        """Return how much of it was delivered from an instant on (U)."""
        if self.end <= self.start:
            return self.insulin if start <= self.start else 0.0
        after = self.end - max(self.start, start)
        return self.insulin * max(0.0, after / (self.end - self.start))

    def between(self, start: datetime, end: datetime) -> float:
        """Return how much of it was delivered from one instant until before another (U)."""
        return self.since(start) - self.since(end)

    def until(self, end: datetime) -> Delivery:
        """Return the part of it that was delivered by an instant."""
        if self.end <= end or self.end <= self.start:
            return self
        return Delivery(self.insulin - self.since(end), self.start, end)


def bolus_deliveries(history: History) -> Iterator[Delivery]:
    """Yield both parts of every bolus; what has not ended counts as it was asked for."""
    for bolus in history.boluses:
        if bolus.now_delivered:
            now_end = bolus.extended_start or bolus.end or bolus.start
            yield Delivery(bolus.now_delivered, bolus.start, now_end)
        if bolus.extended_delivered and history.newest:
            start = bolus.extended_start or bolus.start
            later = Delivery(bolus.extended_delivered, start, extended_end(bolus))
            yield later.until(history.newest)


def basal_deliveries(history: History) -> Iterator[Delivery]:
    """Yield every basal segment."""
    for segment in history.basal:
        insulin = segment.rate * ((segment.end - segment.start) / HOUR)
        whole = Delivery(insulin, segment.start, segment.end)
        yield whole.until(history.newest) if history.newest else whole


def extended_end(bolus: Bolus) -> datetime:
    """Return when an extended part ended, or will by plan."""
    return bolus.end or bolus.start + timedelta(minutes=bolus.extended_minutes)
