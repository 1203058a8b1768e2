"""Sums of insulin and carbs between two instants."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .bolus_sums import carbs_of, count_of
from .delivered_insulin import basal_insulin, bolus_insulin
from .history import History, newest_of, unreadable_of
from .known_delivery import known_for
from .records import BolusKind
from .timeline import between
from .unreadable import unreadable_between


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Delivered insulin (U) and entered carbs (g); None where an event is unreadable or missing."""

    basal: float | None
    bolus: float | None
    carbs: int | None
    bolus_count: int | None
    automatic_count: int | None
    """Boluses that the pump gave by itself, included in `bolus_count`."""
    not_known: timedelta
    """For how much of the time up to the newest event delivery is unknown; none is counted for it."""

    @property
    def insulin(self) -> float | None:
        """Basal and bolus insulin (U)."""
        if self.basal is None or self.bolus is None:
            return None
        return self.basal + self.bolus

    @property
    def basal_share(self) -> float | None:
        """Basal in percent of all insulin; None without any."""
        if self.basal is None or not self.insulin:
            return None
        return 100 * self.basal / self.insulin


def compute_totals(
    histories: Sequence[History], start: datetime, end: datetime
) -> Totals | None:
    """Return the totals of all pumps from one instant (UTC) until before another; None without an event since the first."""
    newest = newest_of(histories)
    if newest is None or newest < start:
        return None
    boluses = [
        bolus
        for history in histories
        for bolus in between(history.boluses, start, end)
        if start <= bolus.start < end
    ]
    delivered = [bolus for bolus in boluses if bolus.delivered]
    until = min(end, newest)
    unreadable = unreadable_of(histories)
    unknown = unreadable_between(unreadable, start, end)
    return Totals(
        basal=None
        if unknown.basal
        else sum(basal_insulin(history, start, end) for history in histories),
        bolus=None
        if unknown.bolus
        else sum(bolus_insulin(history, start, end) for history in histories),
        carbs=None if unknown.carbs else carbs_of(boluses),
        bolus_count=None if unknown.bolus else len(delivered),
        automatic_count=None
        if unknown.bolus
        else count_of(delivered, BolusKind.AUTOMATIC),
        not_known=until - start - known_for(histories, start, until),
    )
