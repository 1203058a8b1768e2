"""Whether a pump's clock fits its zone: what its log says against the true times of its uploads."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice, pairwise
from zoneinfo import ZoneInfo

from custom_components.tconnectsync.tandem.events import PumpEvent

from .clock import Clock, ClockChange
from .history import CLOCK_CHANGES

AHEAD = timedelta(minutes=20)
"""A log cannot go on after its upload; so much is left to slow uploads and clocks a little wrong."""
LEAST_BEHIND = timedelta(minutes=30)
QUARTER = timedelta(minutes=15)
"""The offsets of all zones are whole quarters of an hour."""
FRESH = timedelta(minutes=10)
"""How much of what was logged an upload leaves out at most, when the phone is near the pump."""
UPLOADS = 4
AGREEING = 3
LONGEST_GAP = timedelta(minutes=10)
"""A pump with a sensor, or in closed loop, logs something every five minutes."""
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEnd:
    """The end of a pump's log, what lies in the future included."""

    instant: datetime
    """UTC, by the clock's history; the earliest of the last few events, so that one absurd time says nothing."""
    pump_time: datetime
    """What the pump's clock showed, without a zone."""
    dense: bool
    """Whether the pump logged something all through the hour before."""


def log_end(
    events: Iterable[PumpEvent], clock_changes: Iterable[ClockChange], zone: ZoneInfo
) -> LogEnd | None:
    """Return where a pump's log ends, None when it is empty."""
    held = sorted(events, key=lambda event: event.key, reverse=True)
    if not held:
        return None
    moves = [event for event in held if isinstance(event, CLOCK_CHANGES)]
    clock = Clock(zone, [*clock_changes, *moves])
    instants = (clock.utc(event.key, event.pump_time) for event in held)
    last = list(islice(instants, AGREEING))
    return LogEnd(
        instant=min(last),
        pump_time=held[0].pump_time,
        dense=_is_dense(chain(last, instants)),
    )


def _is_dense(instants: Iterable[datetime]) -> bool:
    """Tell whether these instants, newest first, leave no gap for an hour."""
    first: datetime | None = None
    for later, earlier in pairwise(instants):
        first = first or later
        if abs(later - earlier) > LONGEST_GAP:
            return False
        if first - earlier >= HOUR:
            return True
    return False


class ClockCheck:
    """Compares the end of the log with the upload that brought it, upload after upload."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._uploads: deque[tuple[datetime, LogEnd]] = deque(maxlen=UPLOADS)

    def off_by(self, upload: datetime, end: LogEnd) -> timedelta | None:
        """Return how far the pump's clock is certainly ahead of its zone (behind: negative), else None.

        Ahead is proven by one upload: nothing is logged after it. Behind is told from a phone
        that was away from the pump only by several uploads in a row, each with new events up
        to the same number of quarter hours before it, from a pump that never stops logging.
        """
        if end.instant - upload > AHEAD:
            self._uploads.clear()
            return end.instant - upload
        if not self._uploads or (
            upload > self._uploads[-1][0] and end.instant > self._uploads[-1][1].instant
        ):
            self._uploads.append((upload, end))
        behind = {_quarters_behind(*one) for one in self._uploads}
        if len(self._uploads) < UPLOADS or len(behind) != 1:
            return None
        lag = behind.pop()
        return None if lag is None else -lag


def _quarters_behind(upload: datetime, end: LogEnd) -> timedelta | None:
    """Return the whole quarter hours between a log that goes on and its upload, None when they prove nothing."""
    lag = upload - end.instant
    quarters = lag // QUARTER * QUARTER
    if not end.dense or quarters < LEAST_BEHIND or lag - quarters > FRESH:
        return None
    return quarters
