"""Reports about delivery before a stop: the pump may log them just after the stop."""

from datetime import timedelta

from custom_components.tconnectsync.instants import ZERO
from custom_components.tconnectsync.tandem.enums import BasalRateChangeBit
from custom_components.tconnectsync.tandem.event_types import (
    BasalDelivery,
    BasalRateChange,
    DeliverySuspended,
    DoseDelivered,
    DoseStarted,
    PumpEvent,
)

from .basal_segment import REPORT_INTERVAL
from .clock.dated_events import DatedEvents

AT_ONCE = timedelta(minutes=1)
"""A report within this time of a stop may be about delivery before the stop."""


def is_at_once(
    log: DatedEvents,
    stop: PumpEvent,
    report: PumpEvent,
    begun_before: timedelta = ZERO,
) -> bool:
    """Return whether a report, or the start of the dose it ends, may be of the time before a stop.

    It compares the clock's own dates, as future-dated events all get the instant of their upload.
    """
    return abs(_apart(log, stop, report)) < AT_ONCE + begun_before


def shows_end(log: DatedEvents, stop: PumpEvent, sign: PumpEvent) -> bool:
    """Return whether a sign of delivery shows that insulin flows after an event that stopped it.

    A dose without a recorded start may have started five minutes before. A resumed rate is new, but
    nobody resumes delivery in the second of an alarm.
    """
    match sign:
        case BasalRateChange(changes=changes) if BasalRateChangeBit.RESUMED in changes:
            apart = _apart(log, stop, sign)
            return apart > ZERO or (
                apart == ZERO and isinstance(stop, DeliverySuspended)
            )
        case BasalDelivery() | BasalRateChange() | DoseStarted():
            return not is_at_once(log, stop, sign)
        case DoseDelivered():
            return not is_at_once(log, stop, sign, REPORT_INTERVAL)
        case _:
            return True


def _apart(log: DatedEvents, stop: PumpEvent, report: PumpEvent) -> timedelta:
    return log.dated(report, report.pump_time) - log.dated(stop, stop.pump_time)
