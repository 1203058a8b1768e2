"""The last suspension, joined over gaps of the log that it lasted through."""

from dataclasses import replace

from custom_components.tconnectsync.instants import HOUR

from .history import History
from .records import Suspension
from .timeline import between

LONGEST_GAP = 2 * HOUR
"""After a longer gap it is treated as a new suspension and notified again."""


def last_suspension(history: History) -> Suspension | None:
    """Return the last suspension, with the key and start of the first one that it continues.

    Whether insulin flowed in the gaps between stays unknown.
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
    """Return whether nothing but a gap of the log is between two suspensions."""
    return (
        after.may_have_begun_before
        and not before.end_known
        and not before.resumed
        and after.start - before.end <= LONGEST_GAP
        and not any(
            before.key < rate.key < after.key
            for rate in between(history.basal, before.end, after.start)
        )
    )
