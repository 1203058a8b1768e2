"""What the cartridge held, as far as the pump tells it."""

from collections.abc import Iterator

from custom_components.tconnectsync.tandem.enums import AlarmKind
from custom_components.tconnectsync.tandem.event_types import (
    AlarmRaised,
    BatteryReading,
    DeliveryResumed,
    DeliverySuspended,
)

from .event_log import DatedPart
from .records import CartridgeReading

HELD_AT_ALARM = {8: 0, 25: None, 32: None}
"""What is left (U) when the cartridge is empty, was removed or is not detected."""


def cartridge_readings(log: DatedPart) -> Iterator[CartridgeReading]:
    """Yield what the cartridge held wherever an event tells it (U), or that this is not known any more."""
    events: list[AlarmRaised | DeliverySuspended | DeliveryResumed | BatteryReading]
    events = log.of(AlarmRaised, DeliverySuspended, DeliveryResumed, BatteryReading)
    for event in events:
        if isinstance(event, AlarmRaised):
            tells = event.kind is AlarmKind.ALARM and event.alarm in HELD_AT_ALARM
            insulin = HELD_AT_ALARM.get(event.alarm)
        else:
            tells, insulin = event.insulin is not None, event.insulin
        if tells:
            yield CartridgeReading(
                key=event.key,
                start=log.at(event),
                pump_time=event.pump_time,
                insulin=insulin,
                by_alarm=isinstance(event, AlarmRaised),
                at_suspension=isinstance(event, DeliverySuspended),
            )
