"""Events that stop delivery, and the reasons they give."""

from custom_components.tconnectsync.tandem.alarm_names import NO_NUMBER
from custom_components.tconnectsync.tandem.alarm_numbers import AlarmNumber
from custom_components.tconnectsync.tandem.enums import (
    AlarmKind,
    BasalRateChangeBit,
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

DELIVERY_NOT_KNOWN = frozenset({AlarmNumber.CARTRIDGE})
"""Alarms for which it is unknown whether delivery stopped.

The log's name for this one says that it did not; the pump shows a cartridge alarm, for which the
user guide says that all deliveries have stopped.
"""
DELIVERY_GOES_ON = frozenset(
    {AlarmNumber.OBSOLETE, AlarmNumber.DATE_INVALID, NO_NUMBER}
)
"""Alarms that do not stop delivery: obsolete, the date is invalid, or the number is unreadable.

All others stop it (t:slim X2 user guide, "Alarms": "all deliveries have stopped"), some without
a suspension being logged; should one not, the next rate, five minutes later, shows that.
"""
STILL_SUSPENDED = frozenset({AlarmNumber.RESUME_PUMP, AlarmNumber.RESUME_PUMP_REMINDER})
"""Alarms that only remind that delivery is suspended."""
STOPPING_EVENTS: tuple[type[PumpEvent], ...] = (
    AlarmRaised,
    BasalDelivery,
    BasalRateChange,
    DeliverySuspended,
    PumpRestarted,
    ShelfModeEntered,
)
"""Types of which some events stop delivery; see stops_delivery()."""
SUSPENDED_BY = {
    SuspendReason.USER: StopReason.USER,
    SuspendReason.ALARM: StopReason.ALARM,
    SuspendReason.MALFUNCTION: StopReason.MALFUNCTION,
    SuspendReason.LOW_GLUCOSE: StopReason.LOW_GLUCOSE,
}


def stop_reason(event: PumpEvent) -> StopReason | None:
    """Return why delivery stopped, None for an event that gives no reason."""
    match event:
        case DeliverySuspended(reason=SuspendReason() as reason):
            return SUSPENDED_BY[reason]
        case BasalRateChange(changes=changes) if (
            BasalRateChangeBit.SHUT_DOWN in changes
        ):
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


def may_have_started_before(event: PumpEvent) -> bool:
    """Return whether a suspension may have started before the first event that reports it."""
    match event:
        case DeliverySuspended():
            return False
        case AlarmRaised(kind=AlarmKind.ALARM, alarm=alarm) if alarm in STILL_SUSPENDED:
            return True
        case _:
            return stop_reason(event) is None


def shows_pump_was_off(event: PumpEvent) -> bool:
    """Return whether an event shows that the pump was off before it; since when may not be logged."""
    match event:
        case PumpRestarted():
            return True
        case AlarmRaised(kind=AlarmKind.ALARM, alarm=alarm):
            return alarm == AlarmNumber.PUMP_RESET
        case _:
            return False


def stops_delivery(event: PumpEvent) -> bool:
    """Return whether delivery stops with an event; a rate of 0 U/h does not count as a stop."""
    match event:
        case DeliverySuspended() | BasalDelivery(source=BasalSource.SUSPENDED):
            return True
        case BasalRateChange(changes=changes) if (
            BasalRateChangeBit.SUSPENDED in changes
        ):
            return True
        case _:
            return stop_reason(event) is not None
