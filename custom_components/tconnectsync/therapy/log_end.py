"""The end of a pump's log, future-dated events included."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, pairwise

from custom_components.tconnectsync.instants import HOUR

from .clock.uploads import AGREEING
from .event_log import EventLog

LONGEST_GAP = timedelta(minutes=10)
"""A pump with a sensor, or in closed loop, logs something every five minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEnd:
    """The end of a pump's log, future-dated events included."""

    instant: datetime
    """UTC, by the clock's history: the earliest of the last few events, as a single one may be absurd."""
    pump_time: datetime
    """The pump's clock at the newest event, without a zone."""
    dense: bool
    """Whether the pump logged without a gap for the hour before."""


def log_end(log: EventLog) -> LogEnd | None:
    """Return the end of a pump's log, None when it is empty."""
    last = list(islice(log.newest_first(), AGREEING))
    if not last:
        return None
    return LogEnd(
        instant=min(instant for _, instant in last),
        pump_time=last[0][0].pump_time,
        dense=_is_dense(instant for _, instant in log.newest_first()),
    )


def _is_dense(instants: Iterable[datetime]) -> bool:
    """Return whether these instants, newest first, leave no gap for an hour."""
    first: datetime | None = None
    for later, earlier in pairwise(instants):
        first = first or later
        if abs(later - earlier) > LONGEST_GAP:
            return False
        if first - earlier >= HOUR:
            return True
    return False
