"""The basal segments of a log in the order they started, without overlaps."""

from datetime import datetime

from .basal_segment import REPORT_INTERVAL, SHORTEST, Segment
from .clock.possible_offsets import DRIFT

type Stack = tuple[tuple[Segment, ...], Stack] | None
"""Segments in the order they started, in groups, the newest group first; immutable."""


class SegmentStack:
    """The segments so far; those of earlier parts of the log are copied before they are changed."""

    def __init__(self, below: Stack) -> None:
        """Continue with a copy of the newest segment of an earlier part of the log."""
        self._below = below
        self._segments: list[Segment] = []
        self._refill()

    @property
    def all(self) -> Stack:
        """All segments, for the next part of the log."""
        segments = tuple(self._segments)
        return (segments, self._below) if segments else self._below

    @property
    def last(self) -> Segment | None:
        """The segment that started last."""
        return self._segments[-1] if self._segments else None

    @property
    def running(self) -> Segment | None:
        """The segment that has not ended."""
        last = self.last
        return last if last and last.end is None else None

    def start(self, segment: Segment) -> None:
        """Add a segment; all others have ended by its start."""
        self._segments.append(segment)

    def go_on(self, at: datetime) -> None:
        """Continue the last segment at an instant (UTC); it starts there if the clock was put back before its start."""
        last = self._segments[-1]
        last.end, last.resumed = None, False
        if at < last.start < at + DRIFT:
            self._pop()
            self.cut_back(at)
            last.start = at
            self.start(last)

    def end(self, at: datetime) -> None:
        """End the last segment at an instant (UTC).

        A segment of less than a second is dropped, unless the clock was put back during a suspension.
        """
        last = self._segments[-1]
        last.end = at
        if at < last.start < at + DRIFT:
            last.end = last.start
            self.cut_back(at)
            return
        if last.start <= at:
            self._slow_down()
        ended = self._segments[-1:]
        if ended and ended[0].end and ended[0].end - ended[0].start < SHORTEST:
            self._pop()

    def cut_back(self, at: datetime) -> None:
        """End segments at an instant (UTC) that they are after because the clock was put back; suspensions and doses stay."""
        stops: list[Segment] = []
        doses: list[Segment] = []
        while (last := self.last) and last.end and at < last.end < at + DRIFT:
            if last.start + SHORTEST <= at:
                last.end = at
                break
            self._pop()
            if last.rate is None:
                last.start, last.end = at - SHORTEST, at
                stops.append(last)
                at = last.start
            elif last.doses:
                doses.append(last)
        for dose in reversed(doses):
            self.give_back(dose.insulin)
        self._slow_down()
        self._segments += reversed(stops)

    def give_back(self, insulin: float) -> None:
        """Count the insulin (U) of a dose without a time of its own with the last doses before it."""
        after: list[Segment] = []
        while (last := self.last) and not last.doses:
            after.append(last)
            self._pop()
        if last:
            last.of_others += insulin
        self._segments += reversed(after)

    def _slow_down(self) -> None:
        """Spread an interrupted dose, so that it does not exceed the highest basal rate.

        It is joined with the doses right before it, else it starts as long before its end as a dose lasts.
        """
        while (cut := self.last) and cut.end and cut.is_too_fast():
            before = self._pop()
            if before and before.doses and before.end == cut.start:
                before.take_over(cut)
                continue
            first = cut.end - REPORT_INTERVAL
            if before and before.end:
                first = max(first, before.end)
            cut.start = min(cut.start, first)
            if cut.is_too_fast():
                self.give_back(cut.insulin)
            else:
                self.start(cut)

    def _pop(self) -> Segment | None:
        """Remove the last segment and return the one before it."""
        self._segments.pop()
        if not self._segments:
            self._refill()
        return self.last

    def _refill(self) -> None:
        """Continue with a copy of the newest segment of an earlier part of the log."""
        if self._below:
            (*left, last), below = self._below
            self._segments.append(last.copy())
            self._below = (tuple(left), below) if left else below
