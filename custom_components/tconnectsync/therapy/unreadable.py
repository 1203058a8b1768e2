"""Unreadable events: of insulin, carbs or glucose, with a code or content that this version cannot decode."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from custom_components.tconnectsync.tandem.event_codes import EventCode
from custom_components.tconnectsync.tandem.event_types import (
    BEFORE_ALL,
    BasalDelivery,
    CgmReadingLogged,
    DoseDelivered,
    LogCorrupted,
    PumpEvent,
)

from .event_log import EventLog
from .records import Bolus, UnreadableEvent

BASAL_CODES = frozenset(
    {
        EventCode.BASAL_RATE_CHANGE,
        EventCode.PUMPING_SUSPENDED,
        EventCode.PUMPING_RESUMED,
        EventCode.BASAL_DELIVERY,
        EventCode.DOSE_DELIVERED,
    }
)
BOLUS_CODES = frozenset({EventCode.BOLUS_COMPLETED, EventCode.EXTENDED_BOLUS_COMPLETED})
CARBS_CODES = frozenset({EventCode.BOLUS_REQUESTED})
FILL_CODES = frozenset(
    {
        EventCode.CARTRIDGE_FILLED,
        EventCode.CANNULA_FILLED,
        EventCode.TUBING_FILLED,
    }
)
GLUCOSE_CODES = frozenset(
    {
        EventCode.G6_READING,
        EventCode.LIBRE_2_READING,
        EventCode.G7_READING,
        EventCode.LIBRE_3_READING,
    }
)
CODES = BASAL_CODES | BOLUS_CODES | CARBS_CODES | FILL_CODES | GLUCOSE_CODES
OF_CARTRIDGE = BASAL_CODES | BOLUS_CODES | FILL_CODES
MARGIN = timedelta(minutes=5)
"""An unreadable event affects delivery and carbs within this time around it."""


def unreadable_events(log: EventLog) -> Iterator[UnreadableEvent]:
    """Yield every unreadable event of insulin, carbs or glucose, and every loss of a part of the log."""
    repeats = any(
        part.of(BasalDelivery) or part.of(DoseDelivered) for part in log.parts
    )
    readings = (part.of(CgmReadingLogged) for part in reversed(log.parts))
    last_reading = next(
        (of_part[-1].key for of_part in readings if of_part), BEFORE_ALL
    )
    for event in log.of(PumpEvent, LogCorrupted):
        code = event.code
        if type(event) is PumpEvent and (
            code not in CODES
            or (code == EventCode.BASAL_RATE_CHANGE and repeats)
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


def lost_starts_of(boluses: Iterable[Bolus]) -> tuple[UnreadableEvent, ...]:
    """Return the missing events of boluses for which it is unknown whether they started."""
    return tuple(
        UnreadableEvent(
            key=bolus.start_lost_at,
            start=bolus.start,
            pump_time=bolus.pump_time,
            code=None,
            basal=False,
            bolus=True,
            carbs=False,
            cartridge=True,
        )
        for bolus in boluses
        if bolus.start_lost_at
    )


@dataclass(frozen=True, slots=True)
class Unknown:
    """What is unknown about a span, because events in it are unreadable."""

    basal: bool
    bolus: bool
    """Insulin and number of boluses."""
    carbs: bool


def may_be_on_board(event: UnreadableEvent) -> bool:
    """Return whether the pump's insulin on board may include insulin of an unreadable event, as it does for doses."""
    return event.bolus or event.code == EventCode.DOSE_DELIVERED


def insulin_spans(
    events: Iterable[UnreadableEvent],
    test: Callable[[UnreadableEvent], bool] = lambda event: event.basal or event.bolus,
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the spans (UTC) around unreadable events that pass a test, by default those of insulin."""
    for event in events:
        if test(event):
            yield event.start - MARGIN, event.start + MARGIN


def unreadable_between(
    events: Iterable[UnreadableEvent], start: datetime, end: datetime
) -> Unknown:
    """Return the amounts that unreadable events make unknown between two instants (UTC)."""
    within = [event for event in events if start - MARGIN < event.start < end + MARGIN]
    return Unknown(
        basal=any(event.basal for event in within),
        bolus=any(event.bolus for event in within),
        carbs=any(event.carbs for event in within),
    )


def codes_since(events: Iterable[UnreadableEvent], start: datetime) -> str:
    """Return the codes of events since an instant, each with its count, as text; empty without any."""
    codes = (event.code for event in events if event.start >= start)
    counted = Counter(code for code in codes if code is not None)
    return ", ".join(f"{code} ({times})" for code, times in sorted(counted.items()))
