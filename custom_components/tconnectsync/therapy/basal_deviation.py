"""Basal insulin above and below the profile's rate, over all pumps that were in use."""

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
    """Basal's contribution to insulin on board, and the spans for which it is unknown."""

    deliveries: Sequence[Delivery]
    """Insulin above or (negative) below the profile's rate (U)."""
    begins: datetime | None
    """When the first known rate begins (UTC)."""
    no_profile: Sequence[Span]
    """Spans with an unknown profile rate."""
    unseen: Sequence[Span]
    """Spans in which unlogged insulin may have flowed."""


def basal_deviation(
    histories: Sequence[History], first: datetime, last: datetime
) -> BasalDeviation:
    """Return the deviation from one instant up to another (UTC).

    While no pump delivers (suspended, off or being replaced), the whole profile rate is missing. Two
    pumps that deliver have a profile each.
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
