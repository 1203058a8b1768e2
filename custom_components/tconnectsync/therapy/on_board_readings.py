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
from .stop_reasons import shows_pump_was_off
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
    """Return insulin on board (U) of every event that reports it, with when the pump started to count (UTC)."""
    timelines: list[Timeline[InsulinOnBoard]] = []
    counted_from: datetime | None = None
    for part in log.dated_parts:
        readings = part.result(_readings, counted_from)
        timelines.append(readings.on_board)
        counted_from = readings.counted_from
    return Records(timelines)


@dataclass(frozen=True, slots=True)
class _PartReadings:
    """Insulin on board in one part of the log, and the start of counting for the next part."""

    on_board: Timeline[InsulinOnBoard]
    counted_from: datetime | None


def _readings(log: DatedPart, counted_from: datetime | None) -> _PartReadings:
    records = []
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
            if shows_pump_was_off(event):
                counted_from = log.at(event)
        elif event.insulin_on_board is not None:
            records.append(
                InsulinOnBoard(
                    key=event.key,
                    start=log.at(event),
                    pump_time=event.pump_time,
                    insulin=event.insulin_on_board,
                    counted_from=counted_from,
                    ends_bolus=isinstance(event, BolusEnded),
                )
            )
    return _PartReadings(Timeline(records), counted_from)
