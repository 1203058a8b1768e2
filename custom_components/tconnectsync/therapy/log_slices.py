"""Records of one kind by their place in the log, in the order of which they are."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from operator import attrgetter

from custom_components.tconnectsync.tandem.event_types import EventKey

from .log_parts import NUMBERS, Place, place_of
from .records import Record

KEY = attrgetter("key")


def by_part[R: Record](
    records: tuple[R, ...],
) -> Iterator[tuple[Place, tuple[R, ...]]]:
    """Yield the records of each part of the log, which later parts leave as they are."""
    behind = 0
    while behind < len(records):
        first = behind
        group, number = place = place_of(records[first].key)
        end = group, (number + 1) * NUMBERS
        behind = bisect_left(records, end, lo=first, key=KEY)
        yield place, records[first:behind]


def within[R: Record](
    records: tuple[R, ...], first: EventKey, last: EventKey
) -> tuple[R, ...]:
    """Return what was logged from one place up to another, and the last one before."""
    begin = bisect_right(records, first, key=KEY)
    return records[max(begin - 1, 0) : bisect_right(records, last, key=KEY)]
