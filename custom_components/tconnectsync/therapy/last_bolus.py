"""The last bolus and the last meal bolus, where a later one can be ruled out."""

from collections.abc import Sequence
from datetime import datetime

from custom_components.tconnectsync.instants import FAR_PAST, MINUTE
from custom_components.tconnectsync.tandem.event_codes import EventCode

from .bolus_joining import LOGGED_WITHIN
from .bolus_record import END_WITHIN
from .history import History, latest, unreadable_of
from .records import Bolus, UnreadableEvent


def last_bolus(
    histories: Sequence[History], delivery_uncertain_until: datetime | None = None
) -> Bolus | None:
    """Return the last bolus of any pump; None also where it may not have started, or a later one may be unreadable, missing or misdated.

    The first history is of the pump in use. Delivery up to `delivery_uncertain_until` (UTC) may be
    incomplete or misdated.
    """
    last = latest(histories, lambda history: history.boluses)
    if (
        last is None
        or last.start_lost_at
        or _may_not_be_last(histories, last, delivery_uncertain_until)
        or any(_is_of_another(event, last) for event in unreadable_of(histories))
    ):
        return None
    return last


def last_meal_bolus(
    histories: Sequence[History], delivery_uncertain_until: datetime | None = None
) -> Bolus | None:
    """Return the last bolus of any pump with carbs; None also where a later one may have had carbs."""
    last = latest(
        histories, lambda history: history.boluses, lambda bolus: bolus.carbs != 0
    )
    if (
        last is None
        or last.carbs is None
        or last.start_lost_at
        or _may_not_be_last(histories, last, delivery_uncertain_until)
    ):
        return None
    unknown = (event for event in unreadable_of(histories) if event.carbs)
    return None if any(event.start > last.start for event in unknown) else last


def _may_not_be_last(
    histories: Sequence[History],
    bolus: Bolus,
    delivery_uncertain_until: datetime | None,
) -> bool:
    """Return whether missing events or a wrong clock may hide a later bolus, or misdate this one.

    With a clock that is ahead, the newest boluses are dated in the future and left out.
    """
    missing = (events for history in histories for events in history.missing)
    ends = [events.end for events in missing if events.code is None]
    hidden_until = max((*ends, delivery_uncertain_until or FAR_PAST))
    return histories[0].clock_doubtful or hidden_until >= bolus.start


def _is_of_another(event: UnreadableEvent, bolus: Bolus) -> bool:
    """Return whether an unreadable event may be of a bolus after this one."""
    if event.code == EventCode.LOG_CORRUPTED:
        return event.start > bolus.start
    return event.bolus and event.start > _last_event_until(bolus)


def _last_event_until(bolus: Bolus) -> datetime:
    """Return until when (UTC) events of a bolus may be logged."""
    if bolus.end:
        return bolus.end + LOGGED_WITHIN
    return bolus.start + bolus.planned_minutes * MINUTE + END_WITHIN
