"""The last bolus, and the last one for a meal, where it is known that there is no later one."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from custom_components.tconnectsync.instants import MINUTE

from .bolus_joining import LOGGED_WITHIN
from .bolus_record import END_WITHIN
from .history import History, latest
from .records import Bolus, UnreadableEvent
from .unreadable import LOSS


def last_bolus(
    histories: Sequence[History], misdated: datetime | None = None
) -> Bolus | None:
    """Return the last bolus of any pump; None also where a later one cannot be read, was lost or is misdated."""
    last = latest(histories, lambda history: history.boluses)
    if (
        last is None
        or _may_be_misdated(histories, misdated, last)
        or any(_is_of_another(event, last) for event in _unreadable(histories))
    ):
        return None
    return last


def last_meal_bolus(
    histories: Sequence[History], misdated: datetime | None = None
) -> Bolus | None:
    """Return the last bolus of any pump with carbs; None also where a later one may have had some."""
    last = latest(
        histories, lambda history: history.boluses, lambda bolus: bolus.carbs != 0
    )
    if (
        last is None
        or last.carbs is None
        or _may_be_misdated(histories, misdated, last)
    ):
        return None
    lost = (event for event in _unreadable(histories) if event.carbs)
    return None if any(event.start > last.start for event in lost) else last


def _may_be_misdated(
    histories: Sequence[History], misdated: datetime | None, bolus: Bolus
) -> bool:
    """Return whether a clock that is wrong may hide a later bolus, or show this one at another time.

    A clock that is ahead leaves the newest ones to the future; the first history is in use.
    """
    return histories[0].clock_doubtful or (
        misdated is not None and misdated >= bolus.start
    )


def _unreadable(histories: Iterable[History]) -> Iterable[UnreadableEvent]:
    return (event for history in histories for event in history.unreadable)


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
