"""Where all delivery of insulin stopped, by the pump's log."""

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
    """A place in the log from which on nothing is delivered until the pump is told to go on."""

    key: EventKey
    at: datetime
    """UTC."""


@dataclass(frozen=True, slots=True)
class _Stops:
    """The stops of one part of the log, and what it leaves to the next one."""

    stops: Sequence[DeliveryStop]
    stopped_by: PumpEvent | None
    """The last one where basal has not gone on since."""


def delivery_stops(log: EventLog) -> list[DeliveryStop]:
    """Return every suspension, shutdown, restart and stopping alarm, in the order of the log.

    A suspension that is only told again is none: a bolus can be given while basal is suspended for
    low glucose. A pump that came on again was off from five minutes after what it logged last, at
    the latest.
    """
    stops: list[DeliveryStop] = []
    stopped_by: PumpEvent | None = None
    for part in log.dated_parts:
        of_part = part.result(_stops, stopped_by)
        stops += of_part.stops
        stopped_by = of_part.stopped_by
    for key, until in may_have_run_until(log).items():
        place = bisect_left(stops, key, key=KEY)
        stops[place] = DeliveryStop(key, min(stops[place].at, until))
    return stops


def _stops(log: DatedPart, stopped_by: PumpEvent | None) -> _Stops:
    found = []
    for event in log.where(_tells_of_delivery, *STOPPING_EVENTS, DeliveryResumed):
        if stops_delivery(event):
            if stopped_by is None or not isinstance(event, BasalDelivery):
                found.append(DeliveryStop(event.key, log.at(event)))
                stopped_by = event
        elif stopped_by and (
            isinstance(event, DeliveryResumed) or not is_at_once(log, stopped_by, event)
        ):
            stopped_by = None
    return _Stops(found, stopped_by)


def _tells_of_delivery(event: PumpEvent) -> bool:
    """Return whether an event stops delivery, or tells that basal goes on."""
    return isinstance(
        event, BasalDelivery | BasalRateChange | DeliveryResumed
    ) or stops_delivery(event)
