"""Days of sensor readings in the figures that clinics use, each reading weighed by its time.

The bands, the time that has to be covered and what a low event is are those of the International
Consensus on Time in Range: Battelino T et al., Diabetes Care 2019;42(8):1593-1603,
doi:10.2337/dci19-0028, and of the consensus on the use of continuous glucose monitoring it rests on:
Danne T et al., Diabetes Care 2017;40(12):1631-1640, doi:10.2337/dc17-1600.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, pairwise
from math import sqrt

from .low_events import LowSpan, joined_spans, low_events
from .records import CgmReading, GlucoseState

WEEK = timedelta(days=7)
FORTNIGHT = timedelta(days=14)
STANDS_FOR = timedelta(minutes=5)
"""A reading counts for this long at most, and until the next one, with a value or without."""
VERY_LOW, VERY_HIGH = 54, 250
TIGHT_LOW, TIGHT_HIGH = 70, 140
"""mg/dL; the tight range is of a later consensus: Battelino T et al., Lancet Diabetes Endocrinol
2023;11(1):42-57, doi:10.1016/S2213-8587(22)00319-9."""
SUFFICIENT_USAGE = 70
"""Percent of the span that readings have to cover for representative figures."""
LEAST_COVERED = timedelta(hours=24)
"""With less covered, only the coverage itself is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GlucoseStatistics:
    """Shares (% of the time of readings), mean and deviation (mg/dL) up to the newest event."""

    start: datetime
    end: datetime
    covered: timedelta
    """The time that readings cover."""
    in_range: float
    """From the low limit to the high one, both included."""
    below_range: float
    above_range: float
    very_low: float
    """Below 54 mg/dL, a part of what is below the range."""
    very_high: float
    """Above 250 mg/dL, a part of what is above the range."""
    in_tight_range: float
    """From 70 to 140 mg/dL, both included."""
    average: float
    standard_deviation: float
    low_events: int
    """How often glucose stayed below 70 mg/dL for 15 minutes."""

    @property
    def low(self) -> float:
        """Below the range, but not very low (%)."""
        return self.below_range - self.very_low

    @property
    def high(self) -> float:
        """Above the range, but not very high (%)."""
        return self.above_range - self.very_high

    @property
    def usage(self) -> float:
        """Share of the span that readings cover (%)."""
        return 100 * self.covered / (self.end - self.start)

    @property
    def sufficient(self) -> bool:
        """Whether readings cover enough of the span for representative figures."""
        return self.usage >= SUFFICIENT_USAGE

    @property
    def says_something(self) -> bool:
        """Whether there is at least a day of readings."""
        return self.covered >= LEAST_COVERED

    @property
    def coefficient_of_variation(self) -> float:
        """Standard deviation in percent of the average."""
        return 100 * self.standard_deviation / self.average

    @property
    def glucose_management_indicator(self) -> float:
        """GMI (%) = 3.31 + 0.02392 x average (mg/dL).

        Bergenstal RM et al., Diabetes Care 2018;41(11):2275-2280, doi:10.2337/dc18-1581.
        """
        return 3.31 + 0.02392 * self.average


@dataclass(frozen=True, slots=True)
class HeldReading:
    """A glucose value (mg/dL) with the span (UTC) that it counts for."""

    glucose: int
    state: GlucoseState
    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        """The length of the span."""
        return (self.end - self.start).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class GlucoseSums:
    """Seconds of readings by range; the sums of the parts of a span add up."""

    seconds: float = 0.0
    below: float = 0.0
    above: float = 0.0
    very_low: float = 0.0
    very_high: float = 0.0
    tight: float = 0.0
    glucose: float = 0.0
    """mg/dL times seconds."""
    squares: float = 0.0
    """(mg/dL)² times seconds."""
    spans: tuple[LowSpan, ...] = ()
    """Spans with known glucose, for low events."""


def glucose_sums(
    readings: Iterable[CgmReading],
    start: datetime,
    end: datetime,
    low: float,
    high: float,
) -> GlucoseSums:
    """Return the sums between two instants; see glucose_statistics()."""
    seconds = below = above = very_low = very_high = tight = total = squares = 0.0
    values = standing(readings, start, end)
    lowest, highest = min(low, VERY_LOW), max(high, VERY_HIGH)
    for value in values:
        glucose, lasted = value.glucose, value.seconds
        seconds += lasted
        total += glucose * lasted
        squares += glucose * glucose * lasted
        if TIGHT_LOW <= glucose <= TIGHT_HIGH:
            tight += lasted
        if _is_below(value, low):
            below += lasted
            if _is_below(value, lowest):
                very_low += lasted
        if _is_above(value, high):
            above += lasted
            if _is_above(value, highest):
                very_high += lasted
    return GlucoseSums(
        seconds=seconds,
        below=below,
        above=above,
        very_low=very_low,
        very_high=very_high,
        tight=tight,
        glucose=total,
        squares=squares,
        spans=tuple(
            joined_spans((value.start, value.end, value.glucose) for value in values)
        ),
    )


def glucose_statistics(
    readings: Iterable[CgmReading],
    newest: datetime | None,
    low: float,
    high: float,
    span: timedelta = WEEK,
) -> GlucoseStatistics | None:
    """Return the figures of a span of days up to the newest event; None without a reading.

    Readings may be of several pumps and in any order. Limits in mg/dL. A reading beyond the sensor's
    range is below or above any limits, and counts as 39 or 401 mg/dL in average and deviation, as in
    Nightscout.
    """
    if newest is None:
        return None
    start = newest - span
    sums = glucose_sums(readings, start, newest, low, high)
    return statistics_of([sums], start, newest)


def statistics_of(
    parts: Iterable[GlucoseSums], start: datetime, end: datetime
) -> GlucoseStatistics | None:
    """Return the figures for the sums of a span's parts, in the order of time; None without a reading."""
    sums = list(parts)

    def added(amount: Callable[[GlucoseSums], float]) -> float:
        return sum(map(amount, sums))

    seconds = added(lambda part: part.seconds)
    if not seconds:
        return None
    below = 100 * added(lambda part: part.below) / seconds
    above = 100 * added(lambda part: part.above) / seconds
    average = added(lambda part: part.glucose) / seconds
    squares = added(lambda part: part.squares) / seconds
    variance = max(0.0, squares - average * average)
    return GlucoseStatistics(
        start=start,
        end=end,
        covered=timedelta(seconds=seconds),
        in_range=100 - below - above,
        below_range=below,
        above_range=above,
        very_low=100 * added(lambda part: part.very_low) / seconds,
        very_high=100 * added(lambda part: part.very_high) / seconds,
        in_tight_range=100 * added(lambda part: part.tight) / seconds,
        average=average,
        standard_deviation=sqrt(variance),
        low_events=low_events(chain.from_iterable(part.spans for part in sums)),
    )


def standing(
    readings: Iterable[CgmReading], start: datetime, end: datetime
) -> Sequence[HeldReading]:
    """Return the values between two instants (UTC), each until the next reading, five minutes at most."""
    first: dict[datetime, CgmReading] = {}
    for reading in readings:
        if start < reading.start + STANDS_FOR and reading.start < end:
            known = first.get(reading.start)
            if known is None or reading.key < known.key:
                first[reading.start] = reading
    near = sorted(first.values(), key=lambda reading: reading.start)
    instants = [*(reading.start for reading in near), end + STANDS_FOR]
    return [
        HeldReading(reading.glucose, reading.state, max(instant, start), until)
        for reading, (instant, following) in zip(near, pairwise(instants), strict=True)
        if reading.glucose is not None
        and (until := min(following, instant + STANDS_FOR, end)) > max(instant, start)
    ]


def _is_below(value: HeldReading, limit: float) -> bool:
    return value.state is GlucoseState.LOW or value.glucose < limit


def _is_above(value: HeldReading, limit: float) -> bool:
    return value.state is GlucoseState.HIGH or value.glucose > limit
