"""A report over some weeks with the figures that clinics use, over all pumps that were in use."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from .bolus_sums import carbs_of, of_kind_or_unknown
from .day_averages import DayAverages, day_averages
from .delivered_insulin import basal_deliveries, bolus_deliveries
from .glucose_by_time_of_day import (
    GlucoseByTime,
    by_time,
    days_between,
    profile,
    share_below_by_hour,
)
from .glucose_statistics import (
    VERY_LOW,
    GlucoseStatistics,
    glucose_statistics,
    standing,
)
from .history import History, newest_of, unreadable_of
from .known_delivery import delivering
from .records import KNOWN_KINDS, Bolus, BolusKind, Delivery, FillKind
from .spans import length, merged, within
from .unreadable import unreadable_between


@dataclass(frozen=True, slots=True, kw_only=True)
class BolusesOfKind:
    """The number of boluses of a kind that delivered any insulin, and their insulin (U)."""

    count: int | None
    insulin: float | None
    """None, as is the count, where boluses are unreadable or their kind is uncertain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySums:
    """Sums over a day of the person's clock (U, g)."""

    day: date
    start: datetime
    end: datetime
    basal: float | None
    bolus: float | None
    carbs: int | None
    not_known: timedelta
    """For how much of the day, up to the newest event, delivery is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Figures from a midnight of the person's clock up to the newest event."""

    start: datetime
    end: datetime
    low: float
    high: float
    """The limits of the range (mg/dL)."""
    glucose: GlucoseStatistics | None
    averages: DayAverages | None
    by_time: GlucoseByTime
    percentiles: Sequence[Mapping[int, int] | None]
    below_by_hour: Sequence[float | None]
    very_low_by_hour: Sequence[float | None]
    boluses: dict[BolusKind, BolusesOfKind]
    site_changes: Sequence[datetime]
    cartridge_changes: Sequence[datetime]
    days: Sequence[DaySums]


def build_report(
    histories: Sequence[History],
    zone: tzinfo,
    days: int,
    low: float,
    high: float,
    *,
    delivery_uncertain_until: datetime | None = None,
) -> Report | None:
    """Return the report of the last `days` days of a zone, up to the newest event; None without an event.

    Limits in mg/dL. Sums of insulin and carbs are unknown if `delivery_uncertain_until` (UTC) is on
    the first day or later.
    """
    newest = newest_of(histories)
    if newest is None:
        return None
    last = newest.astimezone(zone).date()
    start = _midnight(last - timedelta(days=days - 1), zone)
    readings = [reading for history in histories for reading in history.readings]
    glucose = by_time(standing(readings, start, newest), zone)
    complete = delivery_uncertain_until is None or delivery_uncertain_until < start
    unreadable = unreadable_of(histories)
    no_bolus = unreadable_between(unreadable, start, newest).bolus or not complete
    fills = [fill for history in histories for fill in history.fills]
    return Report(
        start=start,
        end=newest,
        low=low,
        high=high,
        glucose=glucose_statistics(readings, newest, low, high, newest - start),
        averages=day_averages(histories, newest, newest - start) if complete else None,
        by_time=glucose,
        percentiles=profile(glucose),
        below_by_hour=share_below_by_hour(glucose, low),
        very_low_by_hour=share_below_by_hour(glucose, min(low, VERY_LOW)),
        boluses=_boluses(histories, start, newest, known=not no_bolus),
        site_changes=sorted(
            fill.start
            for fill in fills
            if fill.is_site_change and start <= fill.start <= newest
        ),
        cartridge_changes=sorted(
            fill.start
            for fill in fills
            if fill.kind is FillKind.CARTRIDGE and start <= fill.start <= newest
        ),
        days=_days(histories, start, newest, zone, complete=complete),
    )


def _boluses(
    histories: Iterable[History], start: datetime, end: datetime, *, known: bool
) -> dict[BolusKind, BolusesOfKind]:
    """Count the boluses that started in a span by kind; undelivered ones do not count."""
    started = [
        bolus
        for history in histories
        for bolus in history.boluses
        if start <= bolus.start < end and bolus.delivered
    ]
    return {
        kind: _of_kind(of_kind_or_unknown(started, kind) if known else None)
        for kind in KNOWN_KINDS
    }


def _of_kind(boluses: Sequence[Bolus] | None) -> BolusesOfKind:
    if boluses is None:
        return BolusesOfKind(count=None, insulin=None)
    return BolusesOfKind(
        count=len(boluses), insulin=sum(bolus.delivered for bolus in boluses)
    )


def _days(
    histories: Sequence[History],
    start: datetime,
    newest: datetime,
    zone: tzinfo,
    *,
    complete: bool,
) -> list[DaySums]:
    """Return the sums of each day, of the last one up to the newest event."""
    days = days_between(start, newest, zone)
    midnights = [_midnight(day, zone) for day in days]
    ends = [*midnights[1:], newest]
    basal = _by_day(
        (part for history in histories for part in basal_deliveries(history)),
        midnights,
        ends,
    )
    bolus = _by_day(
        (part for history in histories for part in bolus_deliveries(history)),
        midnights,
        ends,
    )
    boluses_by_day: list[list[Bolus]] = [[] for _ in days]
    for history in histories:
        for started in history.boluses:
            if start <= started.start < newest:
                day_index = bisect_right(midnights, started.start) - 1
                boluses_by_day[day_index].append(started)
    known = merged(
        span for history in histories for span in delivering(history, start, newest)
    )
    unreadable = unreadable_of(histories)
    sums = []
    for day, begins, ends_at, basal_units, bolus_units, boluses in zip(
        days, midnights, ends, basal, bolus, boluses_by_day, strict=True
    ):
        unknown = unreadable_between(unreadable, begins, ends_at)
        sums.append(
            DaySums(
                day=day,
                start=begins,
                end=ends_at,
                basal=basal_units if complete and not unknown.basal else None,
                bolus=bolus_units if complete and not unknown.bolus else None,
                carbs=carbs_of(boluses) if complete and not unknown.carbs else None,
                not_known=ends_at - begins - length(within(known, begins, ends_at)),
            )
        )
    return sums


def _by_day(
    deliveries: Iterable[Delivery],
    midnights: Sequence[datetime],
    ends: Sequence[datetime],
) -> list[float]:
    """Return the insulin delivered on each day (U); a delivery over midnight is divided."""
    sums = [0.0] * len(midnights)
    for part in deliveries:
        day = max(0, bisect_right(midnights, part.start) - 1)
        while day < len(midnights) and midnights[day] <= max(part.start, part.end):
            sums[day] += (
                part.between(midnights[day], ends[day])
                if day + 1 < len(midnights)
                else part.since(midnights[day])
            )
            day += 1
    return sums


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
