"""Records of one kind indexed by time, so that those of a span are found without a search through all."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import accumulate, chain
from operator import attrgetter
from typing import overload, override

from custom_components.tconnectsync.instants import FAR_FUTURE, FAR_PAST, MINUTE

from .records import BasalGap, BasalSegment, Bolus, Record, Suspension

START = attrgetter("start")
END = attrgetter("end")


class Timeline[R: Record]:
    """Records that follow each other in the log, indexed by time; immutable."""

    __slots__ = (
        "_by_start",
        "_ended",
        "_ends",
        "_outermost",
        "_results",
        "_shown",
        "_starts",
        "_sums",
        "records",
    )

    def __init__(self, records: Iterable[R]) -> None:
        """Sort and index the records."""
        self.records = tuple(records)
        """In the order of the log."""
        spans = [(*_span(record), record) for record in self.records]
        spans.sort(key=lambda span: span[0])
        starts = tuple(start for start, _, _ in spans)
        ends = tuple(end for _, end, _ in spans)
        ended = tuple(accumulate(ends, max))
        by_start = tuple(record for _, _, record in spans)
        # usually these are equal, and then stored once: there are five weeks of readings
        self._by_start = self.records if by_start == self.records else by_start
        self._starts = starts
        self._ends = starts if ends == starts else ends
        self._ended = self._ends if ended == ends else ended
        """By record in order of start: when it and all before it had ended."""
        self._outermost: tuple[R, ...] | None = None
        self._results: dict[object, object] = {}
        self._sums: dict[Callable[[R], float], tuple[float, ...]] = {}
        shown = [record.pump_time for record in self.records]
        self._shown = (min(shown), max(shown)) if shown else None
        """The earliest and the latest pump time."""

    @property
    def earliest(self) -> datetime:
        """When the first record starts (UTC); FAR_FUTURE without any."""
        return self._starts[0] if self._starts else FAR_FUTURE

    @property
    def latest(self) -> datetime:
        """When all records have ended (UTC); FAR_PAST without any."""
        return self._ended[-1] if self._ended else FAR_PAST

    def shown_since(self, pump_time: datetime) -> R | None:
        """Return the first to start (by UTC) of the records whose pump time is this one or later."""
        if self._shown is None or self._shown[1] < pump_time:
            return None
        if self._shown[0] >= pump_time:
            return self._by_start[0]
        return next(
            record for record in self._by_start if record.pump_time >= pump_time
        )

    @override
    def __eq__(self, other: object) -> bool:
        """Return whether the records are the same, in the same order."""
        return isinstance(other, Timeline) and self.records == other.records

    __hash__ = None  # type: ignore[assignment]  # compared by its records

    def result[T](self, compute: Callable[[tuple[R, ...]], T]) -> T:
        """Return the result for these records alone; it is computed once."""
        if compute not in self._results:
            self._results[compute] = compute(self.records)
        result: T = self._results[compute]  # type: ignore[assignment]  # stored under this function
        return result

    def reaches_into(self, start: datetime, end: datetime) -> bool:
        """Return whether a record may start before the end of a span and end at its start or later."""
        return bool(self._starts) and self._starts[0] < end and self._ended[-1] >= start

    def between(self, start: datetime, end: datetime) -> Sequence[R]:
        """Return the records that start before the end of a span and end at its start or later."""
        if not self.reaches_into(start, end):
            return ()
        first, last = bisect_left(self._ended, start), bisect_left(self._starts, end)
        near = zip(self._by_start[first:last], self._ends[first:last], strict=True)
        return [record for record, ends in near if ends >= start]

    def added(
        self, amount: Callable[[R], float], start: datetime, end: datetime
    ) -> tuple[float, Sequence[R]]:
        """Return the summed amount of records within a span, and the records that may cross its edges."""
        sums = self._sums.get(amount)
        if sums is None:
            sums = 0.0, *accumulate(map(amount, self._by_start))
            self._sums[amount] = sums
        begin, after = (
            bisect_left(self._ended, start),
            bisect_left(self._starts, end),
        )
        first = bisect_left(self._starts, start)
        last = max(first, min(after, bisect_right(self._ended, end)))
        crossing = *self._by_start[begin:first], *self._by_start[last:after]
        return sums[last] - sums[first], crossing

    def outermost_by(self, instant: datetime) -> tuple[R, ...]:
        """Of the records that had ended by an instant, return the first to start, the last to start and the last to end."""
        if not self._starts or self._starts[0] > instant:
            return ()
        if self._ended[-1] > instant:
            return _outermost(
                record
                for record, ends in zip(self._by_start, self._ends, strict=True)
                if ends <= instant
            )
        if self._outermost is None:
            self._outermost = _outermost(self._by_start)
        return self._outermost


class Records[R: Record](Sequence[R]):
    """Records of one kind in the order of the log: a view of the timelines of its parts, without a copy."""

    __slots__ = ("_begin", "_ended", "timelines")

    def __init__(self, timelines: Iterable[Timeline[R]]) -> None:
        """Take the timelines in the order of the log; empty ones are dropped."""
        self.timelines = parts = tuple(part for part in timelines if part.records)
        begins = accumulate([part.earliest for part in reversed(parts)], min)
        self._begin = tuple(begins)[::-1]
        """By part: the first start in it and all later ones."""
        self._ended = tuple(accumulate([part.latest for part in parts], max))
        """By part: when it and all earlier ones had ended."""

    @override
    def __len__(self) -> int:
        """Return the number of records."""
        return sum(len(part.records) for part in self.timelines)

    def __bool__(self) -> bool:
        """Return whether there are any."""
        return bool(self.timelines)

    @override
    def __iter__(self) -> Iterator[R]:
        """Yield all records."""
        return chain.from_iterable(part.records for part in self.timelines)

    @override
    def __reversed__(self) -> Iterator[R]:
        """Yield all records from the end of the log backwards."""
        for part in reversed(self.timelines):
            yield from reversed(part.records)

    @overload
    def __getitem__(self, index: int) -> R: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[R, ...]: ...

    @override
    def __getitem__(self, index: int | slice) -> R | tuple[R, ...]:
        """Return the record at an index (fastest near the end) or those of a slice."""
        if isinstance(index, slice):
            return tuple(self)[index]
        from_end = len(self) - index if index >= 0 else -index
        for part in reversed(self.timelines) if from_end > 0 else ():
            if from_end <= len(part.records):
                return part.records[-from_end]
            from_end -= len(part.records)
        raise IndexError(index)

    @override
    def __eq__(self, other: object) -> bool:
        """Return whether the records are the same, however they are divided into parts."""
        if isinstance(other, Records) and self.timelines == other.timelines:
            return True
        return isinstance(other, Records | tuple) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # compared by its records

    @property
    def earliest(self) -> datetime:
        """When the first record starts (UTC); FAR_FUTURE without any."""
        return self._begin[0] if self._begin else FAR_FUTURE

    def reaching_into(self, start: datetime, end: datetime) -> tuple[Timeline[R], ...]:
        """Return the parts that may have records between two instants; only those nearby are examined."""
        first, last = bisect_left(self._ended, start), bisect_left(self._begin, end)
        near = self.timelines[first:last]
        return tuple([part for part in near if part.reaches_into(start, end)])


def _with_parts[R: Record](records: Sequence[R]) -> Records[R]:
    """Return records as parts of a log; records without parts become one part."""
    return records if isinstance(records, Records) else Records((Timeline(records),))


def timelines_of[R: Record](records: Sequence[R]) -> tuple[Timeline[R], ...]:
    """Return the parts of records, in the order of the log."""
    return _with_parts(records).timelines


def between[R: Record](
    records: Sequence[R], start: datetime, end: datetime = FAR_FUTURE
) -> tuple[R, ...]:
    """Return the records that start before the end of a span and end at its start or later."""
    parts = _with_parts(records).reaching_into(start, end)
    return tuple(chain.from_iterable([part.between(start, end) for part in parts]))


def reaching_into[R: Record](
    records: Sequence[R], start: datetime, end: datetime
) -> tuple[Timeline[R], ...]:
    """Return the parts of records that may have some between two instants."""
    return _with_parts(records).reaching_into(start, end)


def earliest(records: Sequence[Record]) -> datetime:
    """Return when the first of some records starts (UTC); FAR_FUTURE without any."""
    return _with_parts(records).earliest


def shown_since[R: Record](records: Sequence[R], pump_time: datetime) -> R | None:
    """Return the first to start (by UTC) of the records whose pump time is this one or later."""
    first_by_part = (part.shown_since(pump_time) for part in timelines_of(records))
    return min(filter(None, first_by_part), key=START, default=None)


def outermost_by[R: Record](records: Sequence[R], instant: datetime) -> tuple[R, ...]:
    """Of the records that had ended by an instant, return the first to start, the last to start and the last to end."""
    parts = timelines_of(records)
    return _outermost(chain.from_iterable(part.outermost_by(instant) for part in parts))


def _outermost[R: Record](ended: Iterable[R]) -> tuple[R, ...]:
    records = tuple(ended)
    if not records:
        return ()
    return min(records, key=START), max(records, key=START), max(records, key=END)


def _span(record: Record) -> tuple[datetime, datetime]:
    """Return the span (UTC) in which a record's delivery happened or may go on; one instant for others."""
    match record:
        case Bolus():
            return _bolus_span(record)
        case BasalSegment() | Suspension() | BasalGap():
            return record.start, record.end
        case _:
            return record.start, record.start


def _bolus_span(bolus: Bolus) -> tuple[datetime, datetime]:
    start, planned = bolus.start, bolus.start + bolus.extended_minutes * MINUTE
    parts = bolus.deliveries
    begins = min((start, *(part.start for part in parts)))
    if bolus.in_progress:
        return begins, FAR_FUTURE
    ends = max((start, bolus.end or planned, *(part.end for part in parts)))
    return begins, ends
