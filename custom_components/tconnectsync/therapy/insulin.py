"""Insulin on board as the pump reported it."""

from collections.abc import Iterator

from custom_components.tconnectsync.tandem.events import (
    BatteryReading,
    BolusEnded,
    BolusRequested,
    BolusStarted,
    DoseDelivered,
    GlucoseEntered,
)

from .log import EventLog
from .records import Battery, InsulinOnBoard

type Carrier = (
    GlucoseEntered
    | BolusRequested
    | BolusStarted
    | BolusEnded
    | BatteryReading
    | DoseDelivered
)


def insulin_on_board(log: EventLog) -> Iterator[InsulinOnBoard]:
    """Yield insulin on board wherever an event carries it (U)."""
    events: list[Carrier] = log.of(
        GlucoseEntered,
        BolusRequested,
        BolusStarted,
        BolusEnded,
        BatteryReading,
        DoseDelivered,
    )
    for event in events:
        if event.insulin_on_board is not None:
            yield InsulinOnBoard(
                key=event.key,
                start=log.at(event),
                pump_time=event.pump_time,
                insulin=event.insulin_on_board,
            )


def battery(log: EventLog) -> Iterator[Battery]:
    """Yield the battery's charge wherever an event carries it (%)."""
    for event in log.of(BatteryReading):
        yield Battery(
            key=event.key,
            start=log.at(event),
            pump_time=event.pump_time,
            percent=event.percent,
        )
