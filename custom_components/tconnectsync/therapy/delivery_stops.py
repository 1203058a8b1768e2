"""Places in the log where all delivery of insulin stopped."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from custom_components.tconnectsync.tandem.event_types import (
    BasalDelivery,
    BasalRateChange,
    DeliveryResumed,
    EventKey,
    PumpEvent,
)

from .event_log import DatedPart, EventLog
from .log_gaps import may_have_run_until
from .records_by_place import KEY
from .reports_after_stop import is_at_once
from .stop_reasons import STOPPING_EVENTS, stops_delivery


@dataclass(frozen=True, slots=True)
class DeliveryStop:
    """A place in the log from which on nothing is delivered until delivery is resumed."""

    key: EventKey
    at: datetime
    """UTC."""


@dataclass(frozen=True, slots=True)
class _Stops:
    """The stops of one part of the log, and the state that the next part needs."""

    stops: Sequence[DeliveryStop]
    stopped_by: PumpEvent | None
    """The event of the last stop, None where basal delivery went on since."""


def delivery_stops(log: EventLog) -> list[DeliveryStop]:
    """Return every suspension, shutdown, restart and stopping alarm, in the order of the log (UTC).

    A repeated report of the same suspension is not a stop: a bolus can be given while basal is
    suspended for low glucose. A pump that restarted was off from five minutes after its last event
    at the latest.
    """
    stops: list[DeliveryStop] = []
    stopped_by: PumpEvent | None = None
    for part in log.dated_parts:
        of_part = part.result(_stops, stopped_by)
        stops += of_part.stops
        stopped_by = of_part.stopped_by
    for key, until in may_have_run_until(log).items():
        index = bisect_left(stops, key, key=KEY)
        stops[index] = DeliveryStop(key, min(stops[index].at, until))
    return stops


def _stops(log: DatedPart, stopped_by: PumpEvent | None) -> _Stops:
    stops = []
    for event in log.where(_is_about_delivery, *STOPPING_EVENTS, DeliveryResumed):
        if stops_delivery(event):
            if stopped_by is None or not isinstance(event, BasalDelivery):
                stops.append(DeliveryStop(event.key, log.at(event)))
                stopped_by = event
        elif stopped_by and (
            isinstance(event, DeliveryResumed) or not is_at_once(log, stopped_by, event)
        ):
            stopped_by = None
    return _Stops(stops, stopped_by)


def _is_about_delivery(event: PumpEvent) -> bool:
    """Return whether an event stops delivery or shows that basal goes on."""
    return isinstance(
        event, BasalDelivery | BasalRateChange | DeliveryResumed
    ) or stops_delivery(event)
