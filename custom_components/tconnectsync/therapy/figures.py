"""What is worked out of a history once, whenever it changes."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from .day_averages import DayAverages, day_averages
from .glucose_statistics import FORTNIGHT, WEEK, GlucoseStatistics, glucose_statistics
from .history import History
from .insulin_model import insulin_on_board_ends, insulin_on_board_estimate
from .reservoir import Reservoir, reservoir
from .totals import Totals, totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Figures at the newest pump event; None is unknown."""

    day: date | None = None
    """The person's day in which the newest event lies, and which the totals are of."""
    totals: Totals | None = None
    glucose: GlucoseStatistics | None = None
    """Of seven days."""
    glucose_fortnight: GlucoseStatistics | None = None
    averages: DayAverages | None = None
    """Of seven days."""
    averages_fortnight: DayAverages | None = None
    reservoir: Reservoir | None = None
    insulin_on_board_estimate: float | None = None
    """U."""
    insulin_on_board_ends: datetime | None = None


def figures(
    history: History,
    zone: tzinfo,
    low: float,
    high: float,
    insulin_duration: float | None,
) -> Figures:
    """Return the figures by the person's days, glucose limits (mg/dL) and insulin duration (min)."""
    if history.newest is None:
        return Figures()
    day = history.newest.astimezone(zone).date()
    return Figures(
        day=day,
        totals=totals(
            history, _midnight(day, zone), _midnight(day + timedelta(days=1), zone)
        ),
        glucose=glucose_statistics(history.readings, history.newest, low, high),
        glucose_fortnight=glucose_statistics(
            history.readings, history.newest, low, high, FORTNIGHT
        ),
        averages=day_averages([history], history.newest, WEEK),
        averages_fortnight=day_averages([history], history.newest, FORTNIGHT),
        reservoir=reservoir(history),
        insulin_on_board_estimate=insulin_on_board_estimate(history, insulin_duration)
        if insulin_duration
        else None,
        insulin_on_board_ends=insulin_on_board_ends(history, insulin_duration)
        if insulin_duration
        else None,
    )


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
