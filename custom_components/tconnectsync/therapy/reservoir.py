"""How much insulin is left in the cartridge."""

from dataclasses import dataclass
from datetime import datetime

from .cartridge import Cartridge
from .history import History
from .records import CartridgeReading


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
    cartridge = Cartridge(history)
    anchor = cartridge.anchor()
    left = cartridge.left(anchor) if anchor else None
    if anchor is None or left is None:
        return None
    reading = anchor if isinstance(anchor, CartridgeReading) else None
    newest_fill = cartridge.newest_fill
    return Reservoir(
        left=left,
        reading=reading.insulin if reading else None,
        read_at=reading.start if reading else None,
        filled=newest_fill.amount if newest_fill else None,
    )
