"""One pump's records in the order of time, so that those of a span are found at once."""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import accumulate
from operator import attrgetter

from .history import History
from .records import Bolus, Record

START = attrgetter("start")
END = attrgetter("end")


class Timeline[R: Record]:
    """Records of one kind, each of which reaches from its start to an end."""

    def __init__(
        self,
        records: Iterable[R],
        end_of: Callable[[R], datetime],
        start_of: Callable[[R], datetime] = START,
    ) -> None:
        """Sort them once."""
        self._records = sorted(records, key=start_of)
        self._starts = [*map(start_of, self._records)]
        self._ends = [*map(end_of, self._records)]
        self._ended = [*accumulate(self._ends, max)]
        """When each and all before it had ended."""

    def between(self, start: datetime, end: datetime) -> tuple[R, ...]:
        """Return what begins before the end of a span, and ends at its start or later."""
        first, last = bisect_left(self._ended, start), bisect_left(self._starts, end)
        near = zip(self._records[first:last], self._ends[first:last], strict=True)
        return tuple(record for record, ends in near if ends >= start)


class Deliveries:
    """What one pump delivered from an instant on, in the order of time."""

    def __init__(self, history: History, since: datetime) -> None:
        """Sort it once."""
        self._history = history
        basal = (one for one in history.basal if one.end >= since)
        suspensions = (one for one in history.suspensions if one.end >= since)
        self._basal = Timeline(basal, END)
        self._suspensions = Timeline(suspensions, END)
        self._boluses = Timeline(history.boluses, _flowed_until, _flows_from)

    def between(self, start: datetime, end: datetime) -> History:
        """Return what is known of delivery between two instants, as if the log ended there; equal while that is."""
        newest = self._history.newest
        return History(
            newest=newest and min(newest, end),
            basal=self._basal.between(start, end),
            suspensions=self._suspensions.between(start, end),
            boluses=self._boluses.between(start, end),
            unreadable=self._history.unreadable,
        )


def _flows_from(bolus: Bolus) -> datetime:
    return min((bolus.start, *(part.start for part in bolus.given)))


def _flowed_until(bolus: Bolus) -> datetime:
    return max((bolus.start, *(part.end for part in bolus.given)))
