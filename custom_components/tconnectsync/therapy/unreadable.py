"""What the pump logged of insulin, carbs and glucose and this version cannot read."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from custom_components.tconnectsync.tandem.event_types import (
    BEFORE_ALL,
    BasalDelivery,
    CgmReadingLogged,
    DoseDelivered,
    LogCorrupted,
    PumpEvent,
)

from .event_log import EventLog
from .records import UnreadableEvent

CHANGE_CODE = 3
DOSE_CODE = 559
"""Doses are in what the pump says of insulin on board."""
BASAL_CODES = frozenset({CHANGE_CODE, 11, 12, 279, 559})
BOLUS_CODES = frozenset({20, 21})
CARBS_CODES = frozenset({64})
FILL_CODES = frozenset({33, 61, 63})
LOSS = 60
"""The pump lost a part of its log."""
GLUCOSE_CODES = frozenset({256, 372, 399, 480})
CODES = BASAL_CODES | BOLUS_CODES | CARBS_CODES | FILL_CODES | GLUCOSE_CODES
OF_CARTRIDGE = BASAL_CODES | BOLUS_CODES | FILL_CODES
MARGIN = timedelta(minutes=5)
"""What one event of insulin tells flowed about then, and what one of carbs tells is of a bolus about then."""


def unreadable_events(log: EventLog) -> Iterator[UnreadableEvent]:
    """Yield every event of insulin, carbs or glucose that has no meaning here, and losses of the log itself."""
    repeats = any(
        part.of(BasalDelivery) or part.of(DoseDelivered) for part in log.parts
    )
    readings = (part.of(CgmReadingLogged) for part in reversed(log.parts))
    last_reading = next((found[-1].key for found in readings if found), BEFORE_ALL)
    for event in log.of(PumpEvent, LogCorrupted):
        code = event.code
        if type(event) is PumpEvent and (
            code not in CODES
            or (code == CHANGE_CODE and repeats)
            or (code in GLUCOSE_CODES and event.key < last_reading)
        ):
            continue
        corrupted = isinstance(event, LogCorrupted)
        yield UnreadableEvent(
            key=event.key,
            start=log.at(event),
            pump_time=event.pump_time,
            code=code,
            basal=corrupted or code in BASAL_CODES,
            bolus=corrupted or code in BOLUS_CODES,
            carbs=corrupted or code in CARBS_CODES,
            cartridge=corrupted or code in OF_CARTRIDGE,
        )


@dataclass(frozen=True, slots=True)
class Unknown:
    """What of some time cannot be known."""

    basal: bool
    bolus: bool
    """Insulin of boluses, and how many there were."""
    carbs: bool


def may_be_on_board(event: UnreadableEvent) -> bool:
    """Return whether the pump may count insulin on board of which it told here."""
    return event.bolus or event.code == DOSE_CODE


def insulin_spans(
    events: Iterable[UnreadableEvent],
    test: Callable[[UnreadableEvent], bool] = lambda event: event.basal or event.bolus,
) -> Iterator[tuple[datetime, datetime]]:
    """Yield when insulin, or what of it passes a test, may have flowed of which nothing can be read."""
    for event in events:
        if test(event):
            yield event.start - MARGIN, event.start + MARGIN


def unreadable_between(
    events: Iterable[UnreadableEvent], start: datetime, end: datetime
) -> Unknown:
    """Return what between two instants is not known."""
    within = [one for one in events if start - MARGIN < one.start < end + MARGIN]
    return Unknown(
        basal=any(one.basal for one in within),
        bolus=any(one.bolus for one in within),
        carbs=any(one.carbs for one in within),
    )


def codes_since(events: Iterable[UnreadableEvent], start: datetime) -> str:
    """Return the codes of what was logged since an instant, with how often, empty without any."""
    counted = Counter(one.code for one in events if one.start >= start)
    return ", ".join(f"{code} ({times})" for code, times in sorted(counted.items()))
