"""Insulin on board as the pump reported it."""

from dataclasses import dataclass
from datetime import datetime

from custom_components.tconnectsync.tandem.event_types import (
    AlarmRaised,
    BatteryReading,
    BolusEnded,
    BolusRequested,
    BolusStarted,
    DoseDelivered,
    GlucoseEntered,
    PumpRestarted,
)

from .event_log import DatedPart, EventLog
from .records import InsulinOnBoard
from .stop_reasons import comes_on_again
from .timeline import Records, Timeline

type Carrier = (
    GlucoseEntered
    | BolusRequested
    | BolusStarted
    | BolusEnded
    | BatteryReading
    | DoseDelivered
)


def insulin_on_board(log: EventLog) -> Records[InsulinOnBoard]:
    """Return insulin on board wherever an event carries it (U), and since when the pump has counted it."""
    found: list[Timeline[InsulinOnBoard]] = []
    counted_from: datetime | None = None
    for part in log.dated_parts:
        readings = part.result(_readings, counted_from)
        found.append(readings.on_board)
        counted_from = readings.counted_from
    return Records(found)


@dataclass(frozen=True, slots=True)
class _PartReadings:
    """Insulin on board as one part of the log has it."""

    on_board: Timeline[InsulinOnBoard]
    counted_from: datetime | None


def _readings(log: DatedPart, counted_from: datetime | None) -> _PartReadings:
    found = []
    events: list[Carrier | PumpRestarted | AlarmRaised] = log.of(
        AlarmRaised,
        PumpRestarted,
        GlucoseEntered,
        BolusRequested,
        BolusStarted,
        BolusEnded,
        BatteryReading,
        DoseDelivered,
    )
    for event in events:
        if isinstance(event, PumpRestarted | AlarmRaised):
            if comes_on_again(event):
                counted_from = log.at(event)
        elif event.insulin_on_board is not None:
            found.append(
                InsulinOnBoard(
                    key=event.key,
                    start=log.at(event),
                    pump_time=event.pump_time,
                    insulin=event.insulin_on_board,
                    counted_from=counted_from,
                    ends_bolus=isinstance(event, BolusEnded),
                )
            )
    return _PartReadings(Timeline(found), counted_from)
