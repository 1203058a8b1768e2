"""What the cartridge held, as the pump measured it."""

from collections.abc import Iterator

from custom_components.tconnectsync.tandem.event_types import (
    BatteryReading,
    DeliveryResumed,
    DeliverySuspended,
)

from .event_log import PartLog
from .records import CartridgeReading


def cartridge_readings(log: PartLog) -> Iterator[CartridgeReading]:
    """Yield what the cartridge held wherever an event tells it (U)."""
    events: list[DeliverySuspended | DeliveryResumed | BatteryReading] = log.of(
        DeliverySuspended, DeliveryResumed, BatteryReading
    )
    for event in events:
        if event.insulin is not None:
            yield CartridgeReading(
                key=event.key,
                start=log.at(event),
                pump_time=event.pump_time,
                insulin=event.insulin,
            )
