"""Where a pump that had been off came on again, and until when it ran before."""

from collections.abc import Mapping
from datetime import datetime

from custom_components.tconnectsync.tandem.event_types import (
    AlarmRaised,
    EventKey,
    PumpRestarted,
)

from .basal_segment import REPORT_INTERVAL
from .event_log import EventLog
from .stop_reasons import comes_on_again


def ran_until(log: EventLog) -> Mapping[EventKey, datetime]:
    """Return by where the pump came on again until when it may have run before (UTC).

    While it runs it logs something every five minutes.
    """
    found = {}
    for event in log.where(comes_on_again, AlarmRaised, PumpRestarted):
        if before := log.before(event):
            found[event.key] = log.at(before) + REPORT_INTERVAL
    return found
