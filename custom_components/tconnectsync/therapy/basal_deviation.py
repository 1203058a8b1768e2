"""Basal insulin above and below what the profile asks for, over all pumps that were in use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from custom_components.tconnectsync.instants import HOUR

from .history import History
from .records import Delivery
from .spans import Span
from .unseen_delivery import near_delivery, unseen_spans


@dataclass(frozen=True, slots=True)
class BasalDeviation:
    """What basal adds to insulin on board, and when that is not known."""

    deliveries: Sequence[Delivery]
    """More or (negative) less than the profile's rate (U)."""
    begins: datetime | None
    """From when on any rate is known (UTC)."""
    no_profile: Sequence[Span]
    """When nothing tells the profile's rate."""
    unseen: Sequence[Span]
    """When insulin may have flowed that no log tells of."""


def basal_deviation(
    histories: Sequence[History], first: datetime, last: datetime
) -> BasalDeviation:
    """Return what matters from one instant up to another.

    While no pump delivers, be it suspended, off or being changed for another, what the profile
    asks for is missing; of two that deliver each has its own profile.
    """
    pumps = [near_delivery(history, first, last) for history in histories]
    rates = sorted(
        (rate for pump in pumps for rate in pump.rates), key=lambda rate: rate[0]
    )
    deliveries: list[Delivery] = []
    no_profile: list[Span] = []
    profile: float | None = None
    begins_at = rates[0][0] if rates else None
    flowed_until = begins_at or last

    def deviate(rate: float, begins: datetime, ends: datetime) -> None:
        if ends <= first or ends <= begins:
            return
        if profile is None:
            no_profile.append((begins, ends))
        elif rate != profile:
            amount = (rate - profile) * ((ends - begins) / HOUR)
            deliveries.append(Delivery(amount, begins, ends))

    for begins, ends, segment in rates:
        deviate(0.0, flowed_until, begins)
        profile = segment.profile_rate
        deviate(segment.rate, begins, ends)
        flowed_until = max(flowed_until, ends)
    deviate(0.0, flowed_until, last)
    return BasalDeviation(deliveries, begins_at, no_profile, unseen_spans(pumps, last))
