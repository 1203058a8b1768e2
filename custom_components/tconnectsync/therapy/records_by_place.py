"""Records of one kind by their place in the log, in the order of which they are."""

from bisect import bisect_right
from collections.abc import Sequence
from operator import attrgetter

from custom_components.tconnectsync.tandem.event_types import EventKey

from .records import Record

KEY = attrgetter("key")


def within[R: Record](
    records: Sequence[R], first: EventKey, last: EventKey
) -> tuple[R, ...]:
    """Return what was logged from one place up to another, and the last one before."""
    begin = bisect_right(records, first, key=KEY)
    end = bisect_right(records, last, begin, key=KEY)
    return tuple(records[max(begin - 1, 0) : end])
