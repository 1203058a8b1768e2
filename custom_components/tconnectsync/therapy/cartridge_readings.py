"""Cartridge levels as the pump reported them."""

from collections.abc import Iterator

from custom_components.tconnectsync.tandem.alarm_numbers import AlarmNumber
from custom_components.tconnectsync.tandem.enums import AlarmKind
from custom_components.tconnectsync.tandem.event_types import (
    AlarmRaised,
    BatteryReading,
    DeliveryResumed,
    DeliverySuspended,
)

from .event_log import DatedPart
from .records import CartridgeReading

LEFT_AT_ALARM: dict[int, int | None] = {
    AlarmNumber.EMPTY_CARTRIDGE: 0,
    AlarmNumber.CARTRIDGE_REMOVED: None,
    AlarmNumber.CARTRIDGE_NOT_DETECTED: None,
}
"""Insulin left (U) at an alarm; None is unknown."""


def cartridge_readings(log: DatedPart) -> Iterator[CartridgeReading]:
    """Yield the cartridge's level (U) at every event that reports it or makes it unknown (None)."""
    events: list[AlarmRaised | DeliverySuspended | DeliveryResumed | BatteryReading]
    events = log.of(AlarmRaised, DeliverySuspended, DeliveryResumed, BatteryReading)
    for event in events:
        if isinstance(event, AlarmRaised):
            is_reported = event.kind is AlarmKind.ALARM and event.alarm in LEFT_AT_ALARM
            insulin = LEFT_AT_ALARM.get(event.alarm)
        else:
            is_reported, insulin = event.insulin is not None, event.insulin
        if is_reported:
            yield CartridgeReading(
                key=event.key,
                start=log.at(event),
                pump_time=event.pump_time,
                insulin=insulin,
                by_alarm=isinstance(event, AlarmRaised),
                at_suspension=isinstance(event, DeliverySuspended),
            )
