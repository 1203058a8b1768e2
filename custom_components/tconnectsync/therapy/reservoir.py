"""How much insulin is left in the cartridge."""

from dataclasses import dataclass
from datetime import datetime

from .delivery import basal_deliveries, bolus_deliveries
from .history import History
from .records import CartridgeReading, FillKind, SiteChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservoir:
    """Insulin left (U) at the newest event, and what it is worked out from."""

    left: float
    reading: int | None
    """What the pump measured; None when nothing was measured since the cartridge was filled."""
    read_at: datetime | None
    filled: float | None
    """What the cartridge was last filled with."""


def reservoir(history: History) -> Reservoir | None:
    """Return what is left: the last reading, or the fill, less all delivered and primed since.

    None before anything was read or filled, and after a fill whose amounts were not all recorded,
    until the next reading.
    """
    fills = [fill for fill in history.site_changes if fill.kind is FillKind.CARTRIDGE]
    anchors: list[CartridgeReading | SiteChange] = [
        *history.cartridge_readings,
        *fills,
    ]
    anchor = max(anchors, key=lambda record: record.key, default=None)
    if anchor is None:
        return None
    primed = [fill.amount for fill in history.site_changes if fill.key > anchor.key]
    held = anchor.insulin if isinstance(anchor, CartridgeReading) else anchor.amount
    if held is None or None in primed:
        return None
    used = sum(filter(None, primed)) + sum(
        part.since(anchor.start)
        for deliveries in (basal_deliveries(history), bolus_deliveries(history))
        for part in deliveries
    )
    reading = anchor if isinstance(anchor, CartridgeReading) else None
    newest_fill = max(fills, key=lambda fill: fill.key, default=None)
    return Reservoir(
        left=max(0.0, held - used),
        reading=reading.insulin if reading else None,
        read_at=reading.start if reading else None,
        filled=newest_fill.amount if newest_fill else None,
    )
