"""How much insulin is left in the cartridge, and how long it lasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .cartridge import Cartridge, anchors
from .delivered_insulin import basal_deliveries, bolus_deliveries
from .history import History
from .known_delivery import known_for
from .records import CartridgeReading
from .unreadable import unreadable_between

USE_OVER = timedelta(days=3)
"""How far back the use is looked at."""
SUFFICIENT = 0.7
"""Share of that time of which it has to be known what the pumps delivered."""
LONGEST = timedelta(days=30)
"""What would last longer says more of the days looked at than of those to come."""


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
    found = anchors(history)
    if not found:
        return None
    anchor = found[-1]
    cartridge = Cartridge(history, since=anchor.start)
    left = cartridge.left(anchor)
    if left is None:
        return None
    reading = anchor if isinstance(anchor, CartridgeReading) else None
    newest_fill = cartridge.newest_fill
    return Reservoir(
        left=left,
        reading=reading.insulin if reading else None,
        read_at=reading.start if reading else None,
        filled=newest_fill.amount if newest_fill else None,
    )


def cartridge_lasts_until(
    histories: Sequence[History], supply: Reservoir | None
) -> datetime | None:
    """Return when (UTC) what is left in the cartridge is used up at the pace of the last three days.

    The pace is what every pump delivered up to the newest event of the one in use, which is the first,
    per hour of which that is known; suspensions are known. None where what is left is not known, where
    too little of the three days is known or some of it cannot be read, and beyond thirty days.
    """
    newest = histories[0].newest
    if newest is None or supply is None:
        return None
    start = newest - USE_OVER
    known = known_for(histories, start, newest)
    unreadable = [event for history in histories for event in history.unreadable]
    if known < SUFFICIENT * USE_OVER or any(
        unreadable_between(unreadable, start, newest)
    ):
        return None
    used = sum(
        part.between(start, newest)
        for history in histories
        for part in (*basal_deliveries(history, start), *bolus_deliveries(history))
    )
    if supply.left * known > used * LONGEST:
        return None
    return newest + known * (supply.left / used) if used else newest
