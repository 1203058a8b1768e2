"""Cartridge, tubing and cannula fills, and what the cartridge held."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import timedelta

from custom_components.tconnectsync.tandem.enums import Completion
from custom_components.tconnectsync.tandem.event_types import (
    BatteryReading,
    CannulaFilled,
    CartridgeFilled,
    DeliveryResumed,
    DeliverySuspended,
    TubingFilled,
)

from .log import EventLog
from .records import CartridgeReading, FillKind, SiteChange

CANNULA_WITHIN = timedelta(hours=6)


def site_changes(log: EventLog) -> Iterator[SiteChange]:
    """Yield every fill in the order of the log (U)."""
    cannulas = [event for event in log.of(CannulaFilled) if _counts(event.completion)]
    fills: list[CartridgeFilled | TubingFilled | CannulaFilled] = log.of(
        CartridgeFilled, TubingFilled, CannulaFilled
    )
    for event in fills:
        kind, amount, completion = FillKind.CARTRIDGE, None, None
        if isinstance(event, CartridgeFilled):
            amount, is_site_change = event.filled, _stands_alone(log, event, cannulas)
        else:
            cannula = isinstance(event, CannulaFilled)
            kind = FillKind.CANNULA if cannula else FillKind.TUBING
            amount, completion = event.primed, event.completion
            is_site_change = cannula and _counts(completion)
        yield SiteChange(
            key=event.key,
            start=log.at(event),
            pump_time=event.pump_time,
            kind=kind,
            amount=amount,
            completion=completion,
            is_site_change=is_site_change,
        )


def cartridge_readings(log: EventLog) -> Iterator[CartridgeReading]:
    """Yield what the cartridge held wherever an event tells it (U)."""
    events: list[DeliverySuspended | DeliveryResumed | BatteryReading] = log.of(
        DeliverySuspended, DeliveryResumed, BatteryReading
    )
    for event in events:
        if event.insulin is not None:
            yield CartridgeReading(
                key=event.key,
                start=log.at(event),
                pump_time=event.pump_time,
                insulin=event.insulin,
            )


def _counts(completion: Completion | None) -> bool:
    return completion in (Completion.COMPLETED, None)


def _stands_alone(
    log: EventLog, cartridge: CartridgeFilled, cannulas: list[CannulaFilled]
) -> bool:
    """Return whether no cannula fill followed, once it could have."""
    after = bisect_right(cannulas, cartridge.key, key=lambda event: event.key)
    if after < len(cannulas):
        return log.at(cannulas[after]) - log.at(cartridge) > CANNULA_WITHIN
    return log.since(cartridge) > CANNULA_WITHIN
