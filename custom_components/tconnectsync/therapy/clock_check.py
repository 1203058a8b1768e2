"""Whether a pump's clock fits its zone: what its log says against the true times of its uploads."""

from collections import deque
from datetime import datetime, timedelta

from .log_end import LogEnd

AHEAD = timedelta(minutes=20)
"""A log cannot go on after its upload; so much is left to slow uploads and clocks a little wrong."""
LEAST_BEHIND = timedelta(minutes=30)
QUARTER = timedelta(minutes=15)
"""The offsets of all zones are whole quarters of an hour."""
FRESH = timedelta(minutes=10)
"""How much of what was logged an upload leaves out at most, when the phone is near the pump."""
UPLOADS = 4


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
