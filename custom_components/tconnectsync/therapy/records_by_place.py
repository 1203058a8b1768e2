"""Records of one kind by their keys, the places in the log of their first events."""

from bisect import bisect_right
from collections.abc import Sequence
from operator import attrgetter

from custom_components.tconnectsync.tandem.event_types import EventKey

from .records import Record

KEY = attrgetter("key")


def between_keys_with_previous[R: Record](
    records: Sequence[R], first: EventKey, last: EventKey
) -> tuple[R, ...]:
    """Return the records after one place in the log up to another, and the last one before those."""
    begin = bisect_right(records, first, key=KEY)
    end = bisect_right(records, last, begin, key=KEY)
    return tuple(records[max(begin - 1, 0) : end])
