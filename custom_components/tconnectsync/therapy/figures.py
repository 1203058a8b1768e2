"""Figures over the histories of all pumps, computed whenever these change."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import chain, pairwise

from custom_components.tconnectsync.instants import FAR_PAST, ONE_DAY

from .cartridge_lasts_until import USE_OVER, cartridge_lasts_until
from .day_averages import DayAverages, day_averages
from .glucose_statistics import (
    FORTNIGHT,
    STANDS_FOR,
    WEEK,
    GlucoseStatistics,
    GlucoseSums,
    glucose_sums,
    statistics_of,
)
from .history import History, newest_of
from .insulin_curve import insulin_on_board_ends, insulin_on_board_estimate
from .records import CgmReading
from .reservoir import Reservoir, reservoir
from .result_cache import ResultCache
from .timeline import between
from .totals import Totals, compute_totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Figures at the newest event of any pump; None is unknown."""

    as_of: datetime | None = None
    """UTC instant of that event."""
    day: date | None = None
    """The person's day of the newest event, which the totals are for."""
    zone: tzinfo | None = None
    """The zone of that day."""
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
    """When the cartridge is empty at the rate of the last three days (UTC)."""
    insulin_on_board_estimate: float | None = None
    """U."""
    insulin_on_board_ends: datetime | None = None


def compute_figures(
    histories: Sequence[History],
    zone: tzinfo,
    low: float,
    high: float,
    insulin_duration: float | None,
    *,
    delivery_uncertain_until: datetime | None = None,
    cache: ResultCache | None = None,
) -> Figures:
    """Return the figures by the person's days, glucose limits (mg/dL) and insulin duration (min).

    They are over all pumps that were in use; the first history is of the one in use. Sums of insulin
    are unknown where they reach back past `delivery_uncertain_until` (UTC). The sums of unchanged days
    are reused from the cache.
    """
    newest = newest_of(histories)
    if newest is None:
        return Figures()
    day = newest.astimezone(zone).date()
    midnight, next_midnight = _midnight(day, zone), _midnight(day + ONE_DAY, zone)
    acting_since = newest - timedelta(minutes=insulin_duration or 0)
    uncertain_until = delivery_uncertain_until or FAR_PAST
    cache = cache or ResultCache()
    sums = [*_glucose(histories, newest, (low, high), cache)]

    def glucose(span: timedelta) -> GlucoseStatistics | None:
        start = newest - span
        within = (of_part for begins, of_part in sums if begins >= start)
        return statistics_of(within, start, newest)

    supply = reservoir(histories[0])
    computed = Figures(
        as_of=newest,
        day=day,
        zone=zone,
        totals=compute_totals(histories, midnight, next_midnight)
        if uncertain_until < midnight
        else None,
        glucose=glucose(WEEK),
        glucose_fortnight=glucose(FORTNIGHT),
        averages=day_averages(histories, newest, WEEK),
        averages_fortnight=day_averages(histories, newest, FORTNIGHT),
        reservoir=supply,
        cartridge_lasts_until=cartridge_lasts_until(histories, supply)
        if uncertain_until < (histories[0].newest or newest) - USE_OVER
        else None,
        insulin_on_board_estimate=insulin_on_board_estimate(histories, insulin_duration)
        if insulin_duration and uncertain_until < acting_since
        else None,
        insulin_on_board_ends=insulin_on_board_ends(histories, insulin_duration)
        if insulin_duration and uncertain_until < acting_since
        else None,
    )
    cache.forget_unused()
    return computed


def _glucose(
    histories: Sequence[History],
    newest: datetime,
    limits: tuple[float, float],
    cache: ResultCache,
) -> Iterator[tuple[datetime, GlucoseSums]]:
    """Yield the sums of the parts of the last two weeks, each with its start (UTC)."""
    for begins, ends in _days(newest):
        inputs = (_shown(histories, begins, ends), begins, ends, *limits)
        yield begins, cache.get_or_compute("glucose", begins, inputs, glucose_sums)


def _shown(
    histories: Sequence[History], begins: datetime, ends: datetime
) -> tuple[CgmReading, ...]:
    """Return the readings of all pumps that count for any time between two instants."""
    return tuple(
        chain.from_iterable(
            between(history.readings, begins - STANDS_FOR, ends)
            for history in histories
        )
    )


def _days(newest: datetime) -> list[tuple[datetime, datetime]]:
    """Return the last two weeks in parts that end at midnight (UTC) and where the last week begins."""
    first = (newest - FORTNIGHT).replace(hour=0, minute=0, second=0, microsecond=0)
    midnights = {first + ONE_DAY * n for n in range(1, FORTNIGHT.days + 1)}
    return [*pairwise(sorted({newest - FORTNIGHT, newest - WEEK, newest} | midnights))]


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
