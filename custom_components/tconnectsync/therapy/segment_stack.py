"""The basal segments of a log in the order they began, of which none overlaps another."""

from datetime import datetime

from .basal_segment import REPORT_INTERVAL, SHORTEST, Segment
from .clock.possible_offsets import DRIFT

type Stack = tuple[tuple[Segment, ...], Stack] | None
"""Segments in the order they began, in pieces, the newest piece first; none of them changes."""


class SegmentStack:
    """Holds the segments; those that an earlier part of the log left are copied before they change."""

    def __init__(self, below: Stack) -> None:
        """Go on with the newest segment that an earlier part of the log left."""
        self._below = below
        self._segments: list[Segment] = []
        self._refill()

    @property
    def whole(self) -> Stack:
        """All segments, for the next part of the log to go on with."""
        segments = tuple(self._segments)
        return (segments, self._below) if segments else self._below

    @property
    def last(self) -> Segment | None:
        """The segment that began last."""
        return self._segments[-1] if self._segments else None

    @property
    def running(self) -> Segment | None:
        """The segment that has not ended."""
        last = self.last
        return last if last and last.end is None else None

    def begin(self, segment: Segment) -> None:
        """Add a segment behind all that ended by its start."""
        self._segments.append(segment)

    def go_on(self, at: datetime) -> None:
        """Let the last segment go on at an instant (UTC); it began by then, though a clock was put back since."""
        last = self._segments[-1]
        last.end, last.resumed = None, False
        if at < last.start < at + DRIFT:
            self._pop()
            self.cut_back(at)
            last.start = at
            self.begin(last)

    def end(self, at: datetime) -> None:
        """End the last segment at an instant (UTC).

        What lasted less than a second never was, unless a clock was put back during a suspension.
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
        """End at an instant (UTC) what lies behind it since a clock was put back; suspensions and doses are kept."""
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
        """Let insulin (U) of a dose that has no time of its own flow with the last doses before."""
        behind: list[Segment] = []
        while (last := self.last) and not last.doses:
            behind.append(last)
            self._pop()
        if last:
            last.of_others += insulin
        self._segments += reversed(behind)

    def _slow_down(self) -> None:
        """Let a dose that was cut short flow no faster than a pump delivers basal insulin.

        It flows with the doses right before, else from as long before as a dose lasts.
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
                self.begin(cut)

    def _pop(self) -> Segment | None:
        """Take the last segment away and return the one before it."""
        self._segments.pop()
        if not self._segments:
            self._refill()
        return self.last

    def _refill(self) -> None:
        """Go on with the newest segment that an earlier part of the log left."""
        if self._below:
            (*left, last), below = self._below
            self._segments.append(last.copy())
            self._below = (tuple(left), below) if left else below
