"""What was left in the cartridge at any moment."""

from bisect import bisect_left, bisect_right
from datetime import datetime, timedelta
from itertools import accumulate

from custom_components.tconnectsync.nightscout.features import CONTEXT_DAYS, Feature
from custom_components.tconnectsync.therapy.delivery import (
    basal_deliveries,
    bolus_deliveries,
)
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.records import (
    CartridgeReading,
    FillKind,
    Record,
    SiteChange,
)

LONGEST_DELIVERY = timedelta(days=1)
LOOKS_BACK = timedelta(days=CONTEXT_DAYS[Feature.DEVICE_STATUS])


def reaches(earlier: Record, moment_of: Record) -> bool:
    """Tell whether something is near enough to be held as long as what it explains is compared."""
    return moment_of.day - earlier.day < LOOKS_BACK


class Cartridge:
    """Answers by the last reading or fill, less what was delivered and primed since."""

    def __init__(self, history: History) -> None:
        """Sort what was measured, filled, primed and delivered."""
        fills = [
            fill for fill in history.site_changes if fill.kind is FillKind.CARTRIDGE
        ]
        anchors: list[CartridgeReading | SiteChange] = [
            *history.cartridge_readings,
            *fills,
        ]
        self._anchors = sorted(anchors, key=lambda record: record.key)
        self._fills = sorted(history.site_changes, key=lambda fill: fill.key)
        self._deliveries = sorted(
            (*basal_deliveries(history), *bolus_deliveries(history)),
            key=lambda delivery: delivery.start,
        )
        self._starts = [delivery.start for delivery in self._deliveries]
        self._sums = [
            0.0,
            *accumulate(delivery.insulin for delivery in self._deliveries),
        ]

    def left_at(self, moment_of: Record) -> float | None:
        """Return what was left (U) when an event was logged, None while that was unknown."""
        behind = bisect_left(self._anchors, moment_of.key, key=lambda one: one.key)
        if not behind:
            return None
        anchor = self._anchors[behind - 1]
        if not reaches(anchor, moment_of):
            return None
        held = anchor.insulin if isinstance(anchor, CartridgeReading) else anchor.amount
        primed = [
            fill.amount for fill in self._fills if anchor.key < fill.key < moment_of.key
        ]
        if held is None or None in primed:
            return None
        delivered = self._delivered(moment_of.start) - self._delivered(anchor.start)
        return max(0.0, held - delivered - sum(filter(None, primed)))

    def _delivered(self, instant: datetime) -> float:
        """Return everything delivered up to an instant (U)."""
        begun = bisect_right(self._starts, instant)
        recent = bisect_left(self._starts, instant - LONGEST_DELIVERY)
        still_to_come = sum(
            delivery.since(instant) for delivery in self._deliveries[recent:begun]
        )
        return self._sums[begun] - still_to_come
