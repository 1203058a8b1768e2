"""When the cartridge will be empty."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from .delivered_insulin import basal_insulin, bolus_insulin
from .history import History, unreadable_of
from .known_delivery import known_for
from .reservoir import Reservoir
from .unreadable import unreadable_between

USE_OVER = timedelta(days=3)
"""The time before the newest event over which the use is averaged."""
SUFFICIENT = 0.7
"""Share of that time for which the pumps' delivery has to be known."""
LONGEST_FORECAST = timedelta(days=30)
"""A longer estimate would say more about the past days than about the coming ones."""


def cartridge_lasts_until(
    histories: Sequence[History], supply: Reservoir | None
) -> datetime | None:
    """Return when (UTC) the cartridge will be empty at the rate of the last three days.

    The rate is the insulin delivered by all pumps up to the newest event of the pump in use, the first
    one, per hour of known delivery, suspensions included. None where the insulin left is unknown,
    where too little of the three days is known or some of it is unreadable, and beyond thirty days.
    """
    newest = histories[0].newest
    if newest is None or supply is None:
        return None
    start = newest - USE_OVER
    known = known_for(histories, start, newest)
    unreadable = unreadable_of(histories)
    unknown = unreadable_between(unreadable, start, newest)
    if known < SUFFICIENT * USE_OVER or unknown.basal or unknown.bolus:
        return None
    used = sum(
        basal_insulin(history, start, newest) + bolus_insulin(history, start, newest)
        for history in histories
    )
    if supply.left * known > used * LONGEST_FORECAST:
        return None
    return newest + known * (supply.left / used) if used else newest
