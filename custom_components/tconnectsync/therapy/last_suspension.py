"""The last suspension, from where it began although a part of the log within it is missing."""

from dataclasses import replace

from custom_components.tconnectsync.instants import HOUR

from .history import History
from .records import Suspension
from .timeline import between

LONGEST_HOLE = 2 * HOUR
"""Behind a longer one it is rather another suspension, of which is to be told anew."""


def last_suspension(history: History) -> Suspension | None:
    """Return the last suspension, named and dated by the one that it goes on with as far as is known.

    Whether insulin flowed in the hole between the two stays unknown.
    """
    newest_first = reversed(history.suspensions)
    if (last := next(newest_first, None)) is None:
        return None
    first = last
    for before in newest_first:
        if not _goes_on(history, before, first):
            break
        first = before
    return replace(
        last,
        key=first.key,
        start=first.start,
        pump_time=first.pump_time,
        reason=first.reason or last.reason,
    )


def _goes_on(history: History, before: Suspension, after: Suspension) -> bool:
    """Return whether of two suspensions nothing but a hole of the log lies between."""
    return (
        after.may_have_begun_before
        and not before.end_known
        and not before.resumed
        and after.start - before.end <= LONGEST_HOLE
        and not any(
            before.key < rate.key < after.key
            for rate in between(history.basal, before.end, after.start)
        )
    )
