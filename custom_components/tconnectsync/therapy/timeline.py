"""Records of one kind by when they were, so that those of a span are found without a look at all of them."""

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
    """Records that follow each other in the log, in the order of time; it never changes."""

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
        """Sort them once."""
        self.records = tuple(records)
        """In the order of the log."""
        spans = [(*_span(record), record) for record in self.records]
        spans.sort(key=lambda span: span[0])
        starts = tuple(start for start, _, _ in spans)
        ends = tuple(end for _, end, _ in spans)
        ended = tuple(accumulate(ends, max))
        by_start = tuple(record for _, _, record in spans)
        # most are alike, and are held once: this is done of every reading of five weeks
        self._by_start = self.records if by_start == self.records else by_start
        self._starts = starts
        self._ends = starts if ends == starts else ends
        self._ended = self._ends if ended == ends else ended
        """When each and all before it had ended."""
        self._outermost: tuple[R, ...] | None = None
        self._results: dict[object, object] = {}
        self._sums: dict[Callable[[R], float], tuple[float, ...]] = {}
        shown = [record.pump_time for record in self.records]
        self._shown = (min(shown), max(shown)) if shown else None
        """What the pump's clock showed at the earliest and at the latest."""

    @property
    def earliest(self) -> datetime:
        """When the first one began, never where it holds nothing."""
        return self._starts[0] if self._starts else FAR_FUTURE

    @property
    def latest(self) -> datetime:
        """When all had ended, at the beginning of time where it holds nothing."""
        return self._ended[-1] if self._ended else FAR_PAST

    def shown_since(self, pump_time: datetime) -> R | None:
        """Return what began first of all that was logged when the pump's clock showed a time, or later."""
        if self._shown is None or self._shown[1] < pump_time:
            return None
        if self._shown[0] >= pump_time:
            return self._by_start[0]
        return next(one for one in self._by_start if one.pump_time >= pump_time)

    @override
    def __eq__(self, other: object) -> bool:
        """Return whether it holds the same."""
        return isinstance(other, Timeline) and self.records == other.records

    __hash__ = None  # type: ignore[assignment]  # compared by what it holds

    def result[T](self, work: Callable[[tuple[R, ...]], T]) -> T:
        """Return what follows from these records alone, worked out once."""
        if work not in self._results:
            self._results[work] = work(self.records)
        found: T = self._results[work]  # type: ignore[assignment]  # kept under this function
        return found

    def reaches_into(self, start: datetime, end: datetime) -> bool:
        """Return whether anything may begin before the end of a span and end at its start or later."""
        return bool(self._starts) and self._starts[0] < end and self._ended[-1] >= start

    def between(self, start: datetime, end: datetime) -> Sequence[R]:
        """Return what begins before the end of a span, and ends at its start or later."""
        if not self.reaches_into(start, end):
            return ()
        first, last = bisect_left(self._ended, start), bisect_left(self._starts, end)
        near = zip(self._by_start[first:last], self._ends[first:last], strict=True)
        return [record for record, ends in near if ends >= start]

    def added(
        self, amount: Callable[[R], float], start: datetime, end: datetime
    ) -> tuple[float, Sequence[R]]:
        """Return the sum of amounts of what lies wholly in a span, and what may reach over its edges."""
        sums = self._sums.get(amount)
        if sums is None:
            sums = 0.0, *accumulate(map(amount, self._by_start))
            self._sums[amount] = sums
        begin, behind = (
            bisect_left(self._ended, start),
            bisect_left(self._starts, end),
        )
        first = bisect_left(self._starts, start)
        last = max(first, min(behind, bisect_right(self._ended, end)))
        over = *self._by_start[begin:first], *self._by_start[last:behind]
        return sums[last] - sums[first], over

    def outermost_by(self, instant: datetime) -> tuple[R, ...]:
        """Return of what had ended by an instant what began first, what began last and what ended last."""
        if not self._starts or self._starts[0] > instant:
            return ()
        if self._ended[-1] > instant:
            return _outermost(
                one
                for one, ends in zip(self._by_start, self._ends, strict=True)
                if ends <= instant
            )
        if self._outermost is None:
            self._outermost = _outermost(self._by_start)
        return self._outermost


class Records[R: Record](Sequence[R]):
    """Records of one kind in the order of the log, in the parts of it; they are not copied out of these."""

    __slots__ = ("_begin", "_ended", "timelines")

    def __init__(self, timelines: Iterable[Timeline[R]]) -> None:
        """Hold the records of all parts of the log that have any."""
        self.timelines = parts = tuple(part for part in timelines if part.records)
        begins = accumulate([part.earliest for part in reversed(parts)], min)
        self._begin = tuple(begins)[::-1]
        """By part, when it or any later one began first."""
        self._ended = tuple(accumulate([part.latest for part in parts], max))
        """By part, when it and all earlier ones had ended."""

    @override
    def __len__(self) -> int:
        """Return how many there are."""
        return sum(len(part.records) for part in self.timelines)

    def __bool__(self) -> bool:
        """Return whether there is any."""
        return bool(self.timelines)

    @override
    def __iter__(self) -> Iterator[R]:
        """Yield all."""
        return chain.from_iterable(part.records for part in self.timelines)

    @override
    def __reversed__(self) -> Iterator[R]:
        """Yield all from the end of the log on."""
        for part in reversed(self.timelines):
            yield from reversed(part.records)

    @overload
    def __getitem__(self, place: int) -> R: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[R, ...]: ...

    @override
    def __getitem__(self, place: int | slice) -> R | tuple[R, ...]:
        """Return one, the last ones soonest, or some."""
        if isinstance(place, slice):
            return tuple(self)[place]
        from_end = len(self) - place if place >= 0 else -place
        for part in reversed(self.timelines) if from_end > 0 else ():
            if from_end <= len(part.records):
                return part.records[-from_end]
            from_end -= len(part.records)
        raise IndexError(place)

    @override
    def __eq__(self, other: object) -> bool:
        """Return whether they are the same, however the log is cut."""
        if isinstance(other, Records) and self.timelines == other.timelines:
            return True
        return isinstance(other, Records | tuple) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # compared by what it holds

    @property
    def earliest(self) -> datetime:
        """When the first one began, never where it holds nothing."""
        return self._begin[0] if self._begin else FAR_FUTURE

    def reaching_into(self, start: datetime, end: datetime) -> tuple[Timeline[R], ...]:
        """Return the parts that may hold something between two instants; only those near are looked at."""
        first, last = bisect_left(self._ended, start), bisect_left(self._begin, end)
        near = self.timelines[first:last]
        return tuple([part for part in near if part.reaches_into(start, end)])


def _with_parts[R: Record](records: Sequence[R]) -> Records[R]:
    """Return records in parts that follow each other in the log; as one where none are known."""
    return records if isinstance(records, Records) else Records((Timeline(records),))


def timelines_of[R: Record](records: Sequence[R]) -> tuple[Timeline[R], ...]:
    """Return the parts of records, which follow each other in the log."""
    return _with_parts(records).timelines


def between[R: Record](
    records: Sequence[R], start: datetime, end: datetime = FAR_FUTURE
) -> tuple[R, ...]:
    """Return what begins before the end of a span, and ends at its start or later."""
    parts = _with_parts(records).reaching_into(start, end)
    return tuple(chain.from_iterable([part.between(start, end) for part in parts]))


def reaching_into[R: Record](
    records: Sequence[R], start: datetime, end: datetime
) -> tuple[Timeline[R], ...]:
    """Return the parts of records that may hold something between two instants."""
    return _with_parts(records).reaching_into(start, end)


def earliest(records: Sequence[Record]) -> datetime:
    """Return when the first of some records began, FAR_FUTURE without any."""
    return _with_parts(records).earliest


def shown_since[R: Record](records: Sequence[R], pump_time: datetime) -> R | None:
    """Return what began first of all that was logged when the pump's clock showed a time, or later."""
    found = (part.shown_since(pump_time) for part in timelines_of(records))
    return min(filter(None, found), key=START, default=None)


def outermost_by[R: Record](records: Sequence[R], instant: datetime) -> tuple[R, ...]:
    """Return of what had ended by an instant what began first, what began last and what ended last."""
    parts = timelines_of(records)
    return _outermost(chain.from_iterable(part.outermost_by(instant) for part in parts))


def _outermost[R: Record](ended: Iterable[R]) -> tuple[R, ...]:
    every = tuple(ended)
    if not every:
        return ()
    return min(every, key=START), max(every, key=START), max(every, key=END)


def _span(record: Record) -> tuple[datetime, datetime]:
    """Return from when until when something of what a record tells happened, or may go on."""
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
