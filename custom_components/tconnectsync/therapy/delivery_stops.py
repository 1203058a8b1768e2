"""Where all delivery of insulin stopped, by the pump's log."""

from dataclasses import dataclass
from datetime import datetime

from custom_components.tconnectsync.tandem.events import (
    BasalDelivery,
    BasalRateChange,
    BasalSource,
    DeliverySuspended,
    EventKey,
    PumpEvent,
    PumpRestarted,
)

from .basal_stretch import BEAT
from .log import EventLog
from .stops import stop_reason

RATE_SUSPENDED = 4


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
    stops: list[DeliveryStop] = []
    before: PumpEvent | None = None
    for event in log.events:
        if _stops(event):
            at = log.at(event)
            if isinstance(event, PumpRestarted) and before is not None:
                at = min(at, log.at(before) + BEAT)
            stops.append(DeliveryStop(event.key, at))
        before = event
    return stops


def _stops(event: PumpEvent) -> bool:
    match event:
        case DeliverySuspended() | BasalDelivery(source=BasalSource.SUSPENDED):
            return True
        case BasalRateChange(changes=changes) if RATE_SUSPENDED in changes:
            return True
        case _:
            return stop_reason(event) is not None
