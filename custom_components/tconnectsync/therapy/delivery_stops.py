"""Where all delivery of insulin stopped, by the pump's log."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime

from custom_components.tconnectsync.tandem.event_types import (
    EventKey,
    PumpEvent,
    PumpRestarted,
)

from .basal_segment import REPORT_INTERVAL
from .log import EventLog
from .stop_reasons import stops_delivery


@dataclass(frozen=True, slots=True)
class DeliveryStop:
    """A place in the log from which on nothing is delivered until the pump is told to go on."""

    key: EventKey
    at: datetime
    """UTC."""


def delivery_stops(log: EventLog) -> list[DeliveryStop]:
    """Return every suspension, shutdown, restart and stopping alarm, in the order of the log.

    A pump that came on again was off from five minutes after what it logged last, at the latest.
    """
    return [
        DeliveryStop(event.key, _stopped_at(event, log))
        for event in log.where(stops_delivery)
    ]


def _stopped_at(event: PumpEvent, log: EventLog) -> datetime:
    at = log.at(event)
    if not isinstance(event, PumpRestarted):
        return at
    place = bisect_left(log.events, event.key, key=lambda one: one.key)
    return min(at, log.at(log.events[place - 1]) + REPORT_INTERVAL) if place else at
