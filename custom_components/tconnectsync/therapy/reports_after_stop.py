"""Reports of what flowed until delivery stopped: the pump may log them just behind what stopped it."""

from datetime import timedelta

from custom_components.tconnectsync.instants import ZERO
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
from .stop_reasons import RATE_RESUMED

AT_ONCE = timedelta(minutes=1)
"""What is reported so soon around an event that stops delivery may be what flowed until then."""


def is_at_once(
    log: DatedEvents,
    stop: PumpEvent,
    report: PumpEvent,
    begun_before: timedelta = ZERO,
) -> bool:
    """Return whether a report, or what it tells the end of, may be of the time before delivery stopped.

    As the clock dates them: what it dates past the upload is not all of one instant.
    """
    return abs(_apart(log, stop, report)) < AT_ONCE + begun_before


def shows_end(log: DatedEvents, stop: PumpEvent, sign: PumpEvent) -> bool:
    """Return whether what shows that insulin flows does so after an event that stopped it.

    A dose whose begin was not recorded may have begun five minutes before. A rate that was resumed is a
    new one; nobody resumes delivery in the second of an alarm.
    """
    match sign:
        case BasalRateChange(changes=changes) if RATE_RESUMED in changes:
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
