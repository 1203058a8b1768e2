"""A week of sensor readings in the figures that clinics use."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import fmean, stdev

from .history import History
from .records import CgmReading, GlucoseState

WINDOW = timedelta(days=7)
EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class GlucoseStatistics:
    """Shares (%), mean and deviation (mg/dL) of the readings up to the newest event."""

    start: datetime
    end: datetime
    readings: int
    in_range: float
    """From the low limit to the high one, both included."""
    below_range: float
    above_range: float
    average: float
    standard_deviation: float | None
    usage: float
    """Share of the time that readings cover, five minutes each."""

    @property
    def coefficient_of_variation(self) -> float | None:
        """Standard deviation in percent of the average."""
        if self.standard_deviation is None:
            return None
        return 100 * self.standard_deviation / self.average

    @property
    def glucose_management_indicator(self) -> float:
        """GMI (%) = 3.31 + 0.02392 x average (mg/dL).

        Bergenstal RM et al., Diabetes Care 2018;41(11):2275-2280, doi:10.2337/dc18-1581.
        """
        return 3.31 + 0.02392 * self.average


def glucose_statistics(
    history: History, low: float, high: float
) -> GlucoseStatistics | None:
    """Return the figures of the seven days up to the newest event; None without a reading.

    Limits in mg/dL. A reading beyond the sensor's range is below or above whatever the limits
    are, and counts as 39 or 401 mg/dL in average and deviation, as Nightscout counts it.
    """
    if history.newest is None:
        return None
    start = history.newest - WINDOW
    readings = sorted(
        {
            reading.start: reading
            for reading in history.readings
            if start < reading.start <= history.newest and reading.glucose is not None
        }.values(),
        key=lambda reading: reading.start,
    )
    values = [reading.glucose for reading in readings if reading.glucose is not None]
    if not values:
        return None
    below = sum(
        reading.state is GlucoseState.LOW or value < low
        for reading, value in zip(readings, values, strict=True)
    )
    above = sum(
        reading.state is GlucoseState.HIGH or value > high
        for reading, value in zip(readings, values, strict=True)
    )
    percent = 100 / len(values)
    return GlucoseStatistics(
        start=start,
        end=history.newest,
        readings=len(values),
        in_range=100 - percent * (below + above),
        below_range=percent * below,
        above_range=percent * above,
        average=fmean(values),
        standard_deviation=stdev(values) if len(values) > 1 else None,
        usage=100 * _covered(readings, history.newest) / WINDOW,
    )


def _covered(readings: list[CgmReading], end: datetime) -> timedelta:
    """Return how long readings speak for: until the next one, five minutes at most."""
    instants = [*(reading.start for reading in readings), end]
    gaps = (later - earlier for earlier, later in pairwise(instants))
    return sum((min(gap, EVERY) for gap in gaps), timedelta())
