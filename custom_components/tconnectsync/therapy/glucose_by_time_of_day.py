"""Glucose by the time of day: the ambulatory glucose profile, lows by the hour, and each day by itself.

The profile is that of the consensus on continuous glucose monitoring (Danne T et al., Diabetes Care
2017;40(12):1631-1640, doi:10.2337/dc17-1600) as the one of 2019 draws it (Battelino T et al.,
Diabetes Care 2019;42(8):1593-1603, doi:10.2337/dci19-0028): the 5th, 25th, 50th, 75th and 95th
percentile of all glucose at a time of day.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from custom_components.tconnectsync.instants import EPOCH, QUARTER_HOUR

from .glucose_statistics import HeldReading

QUARTERS = 96
"""Of a day."""
QUARTERS_OF_AN_HOUR = 4
PERCENTILES = (5, 25, 50, 75, 95)
LEAST_DAYS = 3
"""With fewer days percentiles are not representative."""

type Weights = Counter[int]
"""Seconds by glucose value (mg/dL)."""


@dataclass(slots=True)
class GlucoseByTime:
    """The time spent at each glucose value, by quarter of an hour and by day of the person's clock."""

    quarters: list[Weights] = field(
        default_factory=lambda: [Counter() for _ in range(QUARTERS)]
    )
    days_of_quarters: list[set[date]] = field(
        default_factory=lambda: [set() for _ in range(QUARTERS)]
    )
    days: dict[date, list[Weights]] = field(
        default_factory=lambda: defaultdict(
            lambda: [Counter() for _ in range(QUARTERS)]
        )
    )


def by_time(values: Iterable[HeldReading], zone: tzinfo) -> GlucoseByTime:
    """Return the time that values (mg/dL) count for, by days and quarters of an hour of a zone.

    An hour that the clock shows twice counts twice, and one that it skips not at all.
    """
    by_quarter = GlucoseByTime()
    for begins, seconds, glucose in _split_by_quarter(values):
        local = begins.astimezone(zone)
        quarter = (local.hour * 60 + local.minute) // 15
        day = local.date()
        by_quarter.quarters[quarter][glucose] += seconds
        by_quarter.days_of_quarters[quarter].add(day)
        by_quarter.days[day][quarter][glucose] += seconds
    return by_quarter


def profile(glucose: GlucoseByTime) -> list[Mapping[int, int] | None]:
    """Return the percentiles (mg/dL) at every full quarter of an hour from midnight on.

    Each is over all glucose within 15 minutes of that time, weighted by duration; None where
    that was measured on fewer than three days. A percentile is the lowest value that glucose was at
    or below for that share of the time.
    """
    return [
        _percentiles(glucose.quarters[quarter - 1] + glucose.quarters[quarter])
        if len(
            glucose.days_of_quarters[quarter - 1] | glucose.days_of_quarters[quarter]
        )
        >= LEAST_DAYS
        else None
        for quarter in range(QUARTERS)
    ]


def share_below_by_hour(glucose: GlucoseByTime, limit: float) -> list[float | None]:
    """Return the share (%) of glucose below a limit (mg/dL) for each hour of the day; None without readings."""
    return [
        share_below(
            sum(
                glucose.quarters[first : first + QUARTERS_OF_AN_HOUR],
                start=Counter[int](),
            ),
            limit,
        )
        for first in range(0, QUARTERS, QUARTERS_OF_AN_HOUR)
    ]


def share_below(weights: Weights, limit: float) -> float | None:
    """Return the share of the time (%) with glucose below a limit (mg/dL); None without readings."""
    total = weights.total()
    below = sum(seconds for value, seconds in weights.items() if value < limit)
    return 100 * below / total if total else None


def share_above(weights: Weights, limit: float) -> float | None:
    """Return the share of the time (%) with glucose above a limit (mg/dL); None without readings."""
    total = weights.total()
    above = sum(seconds for value, seconds in weights.items() if value > limit)
    return 100 * above / total if total else None


def mean(weights: Weights) -> float | None:
    """Return mean glucose (mg/dL), weighted by time; None without readings."""
    total = weights.total()
    return (
        sum(value * seconds for value, seconds in weights.items()) / total
        if total
        else None
    )


def _percentiles(weights: Weights) -> Mapping[int, int]:
    total, reached = weights.total(), 0
    remaining = list(PERCENTILES)
    percentiles: dict[int, int] = {}
    for value in sorted(weights):
        reached += weights[value]
        while remaining and 100 * reached >= remaining[0] * total:
            percentiles[remaining.pop(0)] = value
    return percentiles


def _split_by_quarter(
    values: Iterable[HeldReading],
) -> Iterator[tuple[datetime, int, int]]:
    """Yield start (UTC), seconds and glucose (mg/dL) of values, split where a quarter of an hour ends."""
    for value in values:
        begins = value.start
        while begins < value.end:
            ends = min(
                value.end, EPOCH + ((begins - EPOCH) // QUARTER_HOUR + 1) * QUARTER_HOUR
            )
            if seconds := round((ends - begins).total_seconds()):
                yield begins, seconds, value.glucose
            begins = ends


def days_between(start: datetime, end: datetime, zone: tzinfo) -> Sequence[date]:
    """Return every day of a zone that is wholly or partly between two instants."""
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
