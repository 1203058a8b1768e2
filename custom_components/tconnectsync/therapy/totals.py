"""How much insulin and how many carbs between two instants."""

from dataclasses import dataclass
from datetime import datetime

from .delivery import basal_deliveries, bolus_deliveries
from .history import History
from .records import BolusKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What was delivered and eaten (U, g), as far as the pump's events tell."""

    basal: float
    bolus: float
    carbs: int
    bolus_count: int
    automatic_count: int
    """Boluses the pump gave by itself, among all of them."""

    @property
    def insulin(self) -> float:
        """Basal and boluses (U)."""
        return self.basal + self.bolus

    @property
    def basal_share(self) -> float | None:
        """Basal in percent of all insulin; None while there was none."""
        return 100 * self.basal / self.insulin if self.insulin else None


def totals(history: History, start: datetime, end: datetime) -> Totals | None:
    """Return the totals from one instant until before another; None without an event since the first."""
    if history.newest is None or history.newest < start:
        return None
    boluses = [bolus for bolus in history.boluses if start <= bolus.start < end]
    given = [bolus for bolus in boluses if bolus.delivered]
    return Totals(
        basal=sum(part.between(start, end) for part in basal_deliveries(history)),
        bolus=sum(part.between(start, end) for part in bolus_deliveries(history)),
        carbs=sum(bolus.carbs for bolus in boluses),
        bolus_count=len(given),
        automatic_count=sum(bolus.kind is BolusKind.AUTOMATIC for bolus in given),
    )
