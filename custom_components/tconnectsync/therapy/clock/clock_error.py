"""Whether a pump's clock fits its zone: what its log says against the true times of its uploads."""

from collections.abc import Sequence
from datetime import timedelta

from custom_components.tconnectsync.instants import QUARTER_HOUR

MOST_AHEAD = timedelta(minutes=20)
"""How far a clock may be ahead before it is wrong; nothing is logged after its upload."""
MOST_BEHIND = timedelta(minutes=30)
"""How long before its upload a log ends at most when the phone is near and the clock right."""
"""The offsets of all zones are whole quarters of an hour."""
MAX_UPLOAD_LAG = timedelta(minutes=10)
"""How much of what was logged an upload leaves out at most, when the phone is near the pump."""
UPLOADS_NEEDED = 4
FAR_BEHIND = timedelta(hours=12)
UPLOADS_FAR_BEHIND = 2
"""A phone that is away from the pump for as long brings what it missed when it is back."""


def off_by(
    lags: Sequence[timedelta], since_off: Sequence[timedelta], *, dense: bool
) -> timedelta | None:
    """Return how far a pump's clock is certainly ahead of its zone (behind: negative), else None.

    The lags say how long before each upload that brought something new its log ended, oldest
    first, all of them and those since the pump was last off with its clock not set since.
    Ahead is proven by one: nothing is logged after it is uploaded. Behind is distinguished from a phone
    that was away from the pump only by several in a row that end the same number of quarter
    hours before the upload, of a pump that logs all the time (dense), or, once its clock may
    have stood still, by none in time and two as late as each other.
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
    """Return whether no upload since the pump was off has shown that its clock is right."""
    return min(since_off, default=-MOST_AHEAD) >= MOST_BEHIND


def _quarters(lag: timedelta) -> timedelta | None:
    """Return the whole quarter hours between the end of a log and its upload, None when they prove nothing."""
    quarters = lag // QUARTER_HOUR * QUARTER_HOUR
    return (
        quarters
        if quarters >= MOST_BEHIND and lag - quarters <= MAX_UPLOAD_LAG
        else None
    )
