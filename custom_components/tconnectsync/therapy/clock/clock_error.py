"""The error of a pump's clock: the ends of its log compared with the true times of its uploads."""

from collections.abc import Sequence
from datetime import timedelta

from custom_components.tconnectsync.instants import QUARTER_HOUR

MOST_AHEAD = timedelta(minutes=20)
"""A clock further ahead is wrong, as nothing is logged after its upload."""
MOST_BEHIND = timedelta(minutes=30)
"""A log ends at most this long before its upload if the phone is near and the clock right."""
MAX_UPLOAD_LAG = timedelta(minutes=10)
"""The last events that an upload leaves out are no older, if the phone is near the pump."""
UPLOADS_NEEDED = 4
FAR_BEHIND = timedelta(hours=12)
UPLOADS_FAR_BEHIND = 2
"""Fewer uploads are enough here, as a phone that was away for so long uploads the rest when it is back."""


def off_by(
    lags: Sequence[timedelta], since_off: Sequence[timedelta], *, dense: bool
) -> timedelta | None:
    """Return how far a pump's clock is certainly ahead of its zone (negative: behind), else None.

    `lags` are the times from the end of the log to the upload, oldest first, for each upload with new
    events; `since_off` those since the pump was last off, if its clock was not set since. One negative
    lag proves that the clock is ahead, as nothing is logged after its upload. Whether it is behind, or
    the phone was away from the pump, is decided only for a pump that logs continuously (`dense`): by
    several successive logs that end the same number of quarter hours before the upload or, once the
    clock may have stood still, by two equal lags if no log was in time.
    """
    if not lags:
        return None
    if lags[-1] < -MOST_AHEAD:
        return -lags[-1]
    if not dense:
        return None
    last = since_off[-UPLOADS_FAR_BEHIND:]
    if (
        may_have_stood_still(since_off)
        and len(last) == UPLOADS_FAR_BEHIND
        and max(last) - min(last) <= MAX_UPLOAD_LAG
    ):
        return -min(since_off)
    behind = _quarters(lags[-1])
    if behind is None:
        return None
    needed = UPLOADS_FAR_BEHIND if behind >= FAR_BEHIND else UPLOADS_NEEDED
    quarters = [_quarters(lag) for lag in lags[-needed:]]
    return -behind if quarters == [behind] * needed else None


def may_have_stood_still(since_off: Sequence[timedelta]) -> bool:
    """Return whether the clock may have stood still: no upload since the pump was off shows that it is right."""
    return min(since_off, default=-MOST_AHEAD) >= MOST_BEHIND


def _quarters(lag: timedelta) -> timedelta | None:
    """Return a lag rounded down to quarter hours, as zones' offsets are; None where it proves nothing."""
    quarters = lag // QUARTER_HOUR * QUARTER_HOUR
    return (
        quarters
        if quarters >= MOST_BEHIND and lag - quarters <= MAX_UPLOAD_LAG
        else None
    )
