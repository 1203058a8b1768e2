"""The last bolus, and the last one for a meal, where it is known that there is no later one."""

from collections.abc import Sequence
from datetime import datetime

from custom_components.tconnectsync.instants import FAR_PAST, MINUTE

from .bolus_joining import LOGGED_WITHIN
from .bolus_record import END_WITHIN
from .history import History, latest, unreadable_of
from .records import Bolus, UnreadableEvent
from .unreadable import LOSS


def last_bolus(
    histories: Sequence[History], delivery_uncertain_until: datetime | None = None
) -> Bolus | None:
    """Return the last bolus of any pump; None also where a later one cannot be read, was lost or is misdated.

    What pumps gave up to an instant may not have been read, or stands at no certain time.
    """
    last = latest(histories, lambda history: history.boluses)
    if (
        last is None
        or _may_not_be_last(histories, last, delivery_uncertain_until)
        or any(_is_of_another(event, last) for event in unreadable_of(histories))
    ):
        return None
    return last


def last_meal_bolus(
    histories: Sequence[History], delivery_uncertain_until: datetime | None = None
) -> Bolus | None:
    """Return the last bolus of any pump with carbs; None also where a later one may have had some."""
    last = latest(
        histories, lambda history: history.boluses, lambda bolus: bolus.carbs != 0
    )
    if (
        last is None
        or last.carbs is None
        or _may_not_be_last(histories, last, delivery_uncertain_until)
    ):
        return None
    lost = (event for event in unreadable_of(histories) if event.carbs)
    return None if any(event.start > last.start for event in lost) else last


def _may_not_be_last(
    histories: Sequence[History],
    bolus: Bolus,
    delivery_uncertain_until: datetime | None,
) -> bool:
    """Return whether a hole in a log or a clock that is wrong may hide a later bolus, or show this one at another time.

    A clock that is ahead leaves the newest ones to the future; the first history is in use.
    """
    missing = (one for history in histories for one in history.missing)
    ends = [one.end for one in missing if one.code is None]
    hidden_until = max((*ends, delivery_uncertain_until or FAR_PAST))
    return histories[0].clock_doubtful or hidden_until >= bolus.start


def _is_of_another(event: UnreadableEvent, bolus: Bolus) -> bool:
    """Return whether something that cannot be read may tell of a bolus after this one."""
    if event.code == LOSS:
        return event.start > bolus.start
    return event.bolus and event.start > _last_told(bolus)


def _last_told(bolus: Bolus) -> datetime:
    """Return until when something may be logged of a bolus."""
    if bolus.end:
        return bolus.end + LOGGED_WITHIN
    return bolus.start + bolus.planned_minutes * MINUTE + END_WITHIN
