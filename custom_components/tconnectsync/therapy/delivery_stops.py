"""Where all delivery of insulin stopped, by the pump's log."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from custom_components.tconnectsync.tandem.event_types import EventKey

from .event_log import EventLog, PartLog
from .log_slices import KEY
from .silences import ran_until
from .stop_reasons import STOPPING_EVENTS, stops_delivery


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
    stops = list(log.each(_stops))
    for key, until in ran_until(log).items():
        place = bisect_left(stops, key, key=KEY)
        stops[place] = DeliveryStop(key, min(stops[place].at, until))
    return stops


def _stops(log: PartLog) -> Iterator[DeliveryStop]:
    for event in log.where(stops_delivery, *STOPPING_EVENTS):
        yield DeliveryStop(event.key, log.at(event))
