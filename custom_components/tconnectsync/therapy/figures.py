"""What is worked out of the histories of all pumps once, whenever they change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from .day_averages import DayAverages, day_averages
from .glucose_statistics import FORTNIGHT, WEEK, GlucoseStatistics, glucose_statistics
from .history import History, newest_of
from .insulin_curve import insulin_on_board_ends, insulin_on_board_estimate
from .reservoir import USE_OVER, Reservoir, cartridge_lasts_until, reservoir
from .totals import Totals, totals

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Figures at the newest event of any pump; None is unknown."""

    as_of: datetime | None = None
    """UTC instant of that event."""
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
    """Of the pump in use."""
    cartridge_lasts_until: datetime | None = None
    """When it is used up at the pace of the last three days."""
    insulin_on_board_estimate: float | None = None
    """U."""
    insulin_on_board_ends: datetime | None = None


def figures(
    histories: Sequence[History],
    zone: tzinfo,
    low: float,
    high: float,
    insulin_duration: float | None,
    *,
    unread_until: datetime | None = None,
) -> Figures:
    """Return the figures by the person's days, glucose limits (mg/dL) and insulin duration (min).

    They are of every pump that was in use; the first is the one in use. Sums of insulin are unknown
    where they reach back to what a pump gave that has not been read (up to an instant).
    """
    newest = newest_of(histories)
    if newest is None:
        return Figures()
    day = newest.astimezone(zone).date()
    midnight = _midnight(day, zone)
    acts = timedelta(minutes=insulin_duration or 0)
    unread = unread_until or NEVER
    readings = [reading for history in histories for reading in history.readings]
    supply = reservoir(histories[0])
    return Figures(
        as_of=newest,
        day=day,
        totals=totals(histories, midnight, _midnight(day + timedelta(days=1), zone))
        if unread < midnight
        else None,
        glucose=glucose_statistics(readings, newest, low, high),
        glucose_fortnight=glucose_statistics(readings, newest, low, high, FORTNIGHT),
        averages=day_averages(histories, newest, WEEK),
        averages_fortnight=day_averages(histories, newest, FORTNIGHT),
        reservoir=supply,
        cartridge_lasts_until=cartridge_lasts_until(histories, supply)
        if unread < newest - USE_OVER
        else None,
        insulin_on_board_estimate=insulin_on_board_estimate(histories, insulin_duration)
        if insulin_duration and unread < newest - acts
        else None,
        insulin_on_board_ends=insulin_on_board_ends(histories, insulin_duration)
        if insulin_duration and unread < newest - acts
        else None,
    )


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
