"""How long the insulin in the cartridge lasts."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from .delivered_insulin import basal_insulin, bolus_insulin
from .history import History, unreadable_of
from .known_delivery import known_for
from .reservoir import Reservoir
from .unreadable import unreadable_between

USE_OVER = timedelta(days=3)
"""How far back the use is looked at."""
SUFFICIENT = 0.7
"""Share of that time of which it has to be known what the pumps delivered."""
LONGEST = timedelta(days=30)
"""What would last longer says more of the days looked at than of those to come."""


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
    unreadable = unreadable_of(histories)
    unknown = unreadable_between(unreadable, start, newest)
    if known < SUFFICIENT * USE_OVER or unknown.basal or unknown.bolus:
        return None
    used = sum(
        basal_insulin(history, start, newest) + bolus_insulin(history, start, newest)
        for history in histories
    )
    if supply.left * known > used * LONGEST:
        return None
    return newest + known * (supply.left / used) if used else newest
