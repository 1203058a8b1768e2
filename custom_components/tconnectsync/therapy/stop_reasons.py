"""Which events tell that a pump stopped delivering, and why."""

from custom_components.tconnectsync.tandem.alarm_names import NO_NUMBER
from custom_components.tconnectsync.tandem.enums import (
    AlarmKind,
    BasalSource,
    SuspendReason,
)
from custom_components.tconnectsync.tandem.event_types import (
    AlarmRaised,
    BasalDelivery,
    BasalRateChange,
    DeliverySuspended,
    PumpEvent,
    PumpRestarted,
    ShelfModeEntered,
)

from .records import StopReason

RATE_SUSPENDED, RATE_RESUMED, RATE_SHUT_DOWN = 4, 5, 6
"""Bits of code 3's changeType."""
RESET = 3
"""The alarm of a pump that came on again."""
DELIVERY_NOT_KNOWN = frozenset({0})
"""Alarms of which nobody knows whether delivery stopped.

The log's name of this one is that it did not; the pump shows a cartridge alarm, by whose guide
all deliveries have stopped.
"""
DELIVERY_GOES_ON = frozenset({4, 14, NO_NUMBER})
"""Alarms that leave delivery alone: obsolete, the date is invalid, or nobody can read which.

All others stop it (t:slim X2 user guide, "Alarms": "all deliveries have stopped"), some without
a suspension being logged; should one not, the next rate, five minutes later, says so.
"""
STILL_SUSPENDED = frozenset({18, 23})
"""Alarms that only remind of delivery being off."""
STOPPING_EVENTS: tuple[type[PumpEvent], ...] = (
    AlarmRaised,
    BasalDelivery,
    BasalRateChange,
    DeliverySuspended,
    PumpRestarted,
    ShelfModeEntered,
)
"""Of which some stop delivery."""
SUSPENDED_BY = {
    SuspendReason.USER: StopReason.USER,
    SuspendReason.ALARM: StopReason.ALARM,
    SuspendReason.MALFUNCTION: StopReason.MALFUNCTION,
    SuspendReason.LOW_GLUCOSE: StopReason.LOW_GLUCOSE,
}


def stop_reason(event: PumpEvent) -> StopReason | None:
    """Return why delivery stopped, None where an event does not say so."""
    match event:
        case DeliverySuspended(reason=SuspendReason() as reason):
            return SUSPENDED_BY[reason]
        case BasalRateChange(changes=changes) if RATE_SHUT_DOWN in changes:
            return StopReason.SHUT_DOWN
        case ShelfModeEntered():
            return StopReason.SHELF_MODE
        case PumpRestarted():
            return StopReason.RESTARTED
        case AlarmRaised(kind=AlarmKind.MALFUNCTION):
            return StopReason.MALFUNCTION
        case AlarmRaised(kind=AlarmKind.ALARM, alarm=alarm):
            stops = alarm not in DELIVERY_GOES_ON | DELIVERY_NOT_KNOWN
            return StopReason.ALARM if stops else None
        case _:
            return None


def tells_no_beginning(event: PumpEvent) -> bool:
    """Return whether what tells of a suspension leaves open that it began before."""
    match event:
        case DeliverySuspended():
            return False
        case AlarmRaised(kind=AlarmKind.ALARM, alarm=alarm) if alarm in STILL_SUSPENDED:
            return True
        case _:
            return stop_reason(event) is None


def comes_on_again(event: PumpEvent) -> bool:
    """Return whether the pump had been off until an event; none of its log may tell since when."""
    match event:
        case PumpRestarted():
            return True
        case AlarmRaised(kind=AlarmKind.ALARM, alarm=alarm):
            return alarm == RESET
        case _:
            return False


def stops_delivery(event: PumpEvent) -> bool:
    """Return whether nothing is delivered from an event on; a rate of 0 U/h is no stop."""
    match event:
        case DeliverySuspended() | BasalDelivery(source=BasalSource.SUSPENDED):
            return True
        case BasalRateChange(changes=changes) if RATE_SUSPENDED in changes:
            return True
        case _:
            return stop_reason(event) is not None
