"""Cartridge, tubing and cannula fills, and when the site is due to be changed."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta

from custom_components.tconnectsync.tandem.enums import Completion
from custom_components.tconnectsync.tandem.event_types import (
    CannulaFilled,
    CartridgeFilled,
    TubingFilled,
)

from .event_log import EventLog
from .records import Fill, FillKind

CANNULA_WITHIN = timedelta(hours=6)
SITE_LASTS = timedelta(days=3)
"""Longest use of an infusion set by its user guide, for pumps without a reminder."""


def fills(log: EventLog) -> Iterator[Fill]:
    """Yield every fill in the order of the log (U)."""
    cannulas = [event for event in log.of(CannulaFilled) if _counts(event.completion)]
    events: list[CartridgeFilled | TubingFilled | CannulaFilled] = log.of(
        CartridgeFilled, TubingFilled, CannulaFilled
    )
    for event in events:
        kind, amount, completion = FillKind.CARTRIDGE, None, None
        if isinstance(event, CartridgeFilled):
            amount, is_site_change = event.filled, _stands_alone(log, event, cannulas)
        else:
            cannula = isinstance(event, CannulaFilled)
            kind = FillKind.CANNULA if cannula else FillKind.TUBING
            amount, completion = event.primed, event.completion
            is_site_change = cannula and _counts(completion)
        yield Fill(
            key=event.key,
            start=log.at(event),
            pump_time=event.pump_time,
            kind=kind,
            amount=amount,
            completion=completion,
            is_site_change=is_site_change,
        )


def site_due(site: Fill | None, reminder_days: int | None) -> datetime | None:
    """Return when (UTC) an infusion site is due to be changed: by the pump's reminder, else after three days."""
    if site is None:
        return None
    return site.start + (
        SITE_LASTS if reminder_days is None else timedelta(days=reminder_days)
    )


def _counts(completion: Completion | None) -> bool:
    return completion in (Completion.COMPLETED, None)


def _stands_alone(
    log: EventLog, cartridge: CartridgeFilled, cannulas: list[CannulaFilled]
) -> bool:
    """Return whether no cannula fill followed a cartridge fill in time; False while one still may."""
    after = bisect_right(cannulas, cartridge.key, key=lambda event: event.key)
    if after < len(cannulas):
        return log.at(cannulas[after]) - log.at(cartridge) > CANNULA_WITHIN
    return log.since(cartridge) > CANNULA_WITHIN
