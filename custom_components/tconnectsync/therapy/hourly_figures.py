"""Figures of each hour, for long-term statistics."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from custom_components.tconnectsync.instants import (
    FAR_FUTURE,
    FAR_PAST,
    HOUR,
    MINUTE,
    ONE_DAY,
    SECOND,
)

from .delivered_insulin import bolus_deliveries
from .glucose_statistics import STANDS_FOR, standing
from .history import History, newest_of
from .insulin_curve import insulin_curve
from .known_delivery import delivered
from .records import BasalSegment, CgmReading, Record, Suspension
from .result_cache import ResultCache
from .timeline import START, between, earliest, outermost_by, shown_since
from .unreadable import MARGIN


@dataclass(slots=True)
class Spread:
    """Weighted mean, smallest and greatest of a value over one hour."""

    total: float = 0.0
    weight: float = 0.0
    low: float = float("inf")
    high: float = float("-inf")

    def add(self, value: float, weight: float = 1.0) -> None:
        """Add a value, weighted by its duration or as one of many."""
        self.total += value * weight
        self.weight += weight
        self.low = min(self.low, value)
        self.high = max(self.high, value)

    @property
    def mean(self) -> float:
        """The weighted mean."""
        return self.total / self.weight


@dataclass(slots=True)
class Hour:
    """The figures of one hour."""

    glucose: Spread = field(default_factory=Spread)
    """mg/dL, weighted by how long each reading counts, which may be into the next hour.

    39 stands for below and 401 for above the sensor's range.
    """
    basal_rate: Spread = field(default_factory=Spread)
    """U/h, 0 while suspended."""
    insulin_on_board: Spread = field(default_factory=Spread)
    """U, as estimated every five minutes; empty where it is unknown."""
    basal: float = 0.0
    """U."""
    bolus: float = 0.0
    """U, in the hours it was delivered in."""
    carbs: float = 0.0
    """g."""
    basal_unreadable: bool = False
    bolus_unreadable: bool = False
    carbs_unreadable: bool = False

    @property
    def basal_known(self) -> float | None:
        """Basal insulin (U), None where some events are unreadable."""
        return None if self.basal_unreadable else self.basal

    @property
    def bolus_known(self) -> float | None:
        """Bolus insulin (U), None where some events are unreadable."""
        return None if self.bolus_unreadable else self.bolus

    @property
    def carbs_known(self) -> float | None:
        """Carbs (g), None where some events are unreadable."""
        return None if self.carbs_unreadable else self.carbs

    @property
    def insulin_known(self) -> float | None:
        """Basal and bolus insulin (U), None where some events are unreadable."""
        if self.basal_unreadable or self.bolus_unreadable:
            return None
        return self.basal + self.bolus


@dataclass(frozen=True, slots=True)
class _Day:
    """The inputs of the hours of one day (UTC)."""

    begin: datetime
    end: datetime
    near: tuple[History, ...]
    """The delivery of each pump that acts on that day."""
    readings: tuple[CgmReading, ...]
    newest: datetime
    """The newest event of any pump (UTC), at most the end of the day."""
    oldest: datetime | None
    """The hour of the oldest event (UTC), at least the start of the day; None without any."""
    insulin_duration: float | None


def hours(
    histories: Iterable[History],
    first: datetime = FAR_PAST,
    *,
    insulin_duration: float | None = None,
    cache: ResultCache | None = None,
) -> Mapping[datetime, Hour]:
    """Return the figures of every hour (its start, UTC) from `first` on in which any pump has records.

    Insulin on board is that of the person over all pumps, and needs the insulin duration (min). The
    hours of unchanged days are reused from the cache.
    """
    pumps, cache = list(histories), cache or ResultCache()
    newest = newest_of(pumps)
    by_hour: dict[datetime, Hour] = {}
    if newest is not None:
        earliest = max(first, min(_earliest(pumps), newest))
        last = newest + MARGIN
        begin = earliest.replace(hour=0, minute=0, second=0, microsecond=0)
        while begin <= last:
            day = _day(pumps, begin, newest, insulin_duration)
            by_hour.update(cache.get_or_compute("hours", begin, (day,), _hours_of))
            begin += ONE_DAY
    cache.forget_unused()
    return {hour: figures for hour, figures in by_hour.items() if hour >= first}


def _earliest(histories: Iterable[History]) -> datetime:
    """Return the first start of a record that counts for an hour (UTC)."""
    return min(
        (
            begins
            for history in histories
            for begins in (
                earliest(history.basal),
                earliest(history.suspensions),
                earliest(history.boluses),
                earliest(history.readings),
                *(event.start - MARGIN for event in history.unreadable),
            )
        ),
        default=FAR_FUTURE,
    )


def _day(
    histories: Sequence[History],
    begin: datetime,
    newest: datetime,
    insulin_duration: float | None,
) -> _Day:
    end = begin + ONE_DAY
    since = begin - (insulin_duration or 0) * MINUTE - HOUR
    oldest = [history.oldest for history in histories if history.oldest]
    return _Day(
        begin,
        end,
        tuple(_near(history, since, end) for history in histories),
        tuple(
            reading
            for history in histories
            for reading in between(history.readings, begin - STANDS_FOR, end)
        ),
        min(newest, end),
        max(hour_of(min(oldest)), begin) if oldest else None,
        insulin_duration,
    )


def _near(history: History, since: datetime, end: datetime) -> History:
    """Return the delivery in a span (UTC), with the outermost records that ended before it."""
    return History(
        newest=history.newest and min(history.newest, end),
        basal=(
            *outermost_by(history.basal, since),
            *between(history.basal, since, end),
        ),
        suspensions=(
            *outermost_by(history.suspensions, since),
            *between(history.suspensions, since, end),
        ),
        boluses=between(history.boluses, since, end),
        unreadable=tuple(
            event
            for event in history.unreadable
            if since - MARGIN <= event.start <= end + MARGIN
        ),
    )


def _hours_of(day: _Day) -> Mapping[datetime, Hour]:
    by_hour: defaultdict[datetime, Hour] = defaultdict(Hour)
    for history in day.near:
        if history.newest is not None:
            _add(by_hour, history, history.newest, day.begin)
    for value in standing(day.readings, day.begin, min(day.newest + SECOND, day.end)):
        for hour, seconds in _split(value.start, value.end):
            by_hour[hour].glucose.add(value.glucose, seconds)
    if day.insulin_duration and day.oldest is not None:
        _add_insulin_on_board(by_hour, day, day.insulin_duration, day.oldest)
    return {
        hour: figures
        for hour, figures in by_hour.items()
        if day.begin <= hour < day.end
    }


def _add(
    by_hour: defaultdict[datetime, Hour],
    history: History,
    newest: datetime,
    first: datetime,
) -> None:
    """Add the delivery, carbs and unreadable events of one pump from `first` up to its newest event."""
    known = delivered(history, first, newest + SECOND)
    spans: list[BasalSegment | Suspension] = [
        *known.basal,
        *known.suspensions,
    ]
    for span in spans:
        rate = span.rate if isinstance(span, BasalSegment) else 0.0
        for hour, seconds in _split(max(span.start, first), min(span.end, newest)):
            by_hour[hour].basal_rate.add(rate, seconds)
            by_hour[hour].basal += rate * seconds / 3600
    for bolus in known.boluses:
        by_hour[hour_of(bolus.start)].carbs += bolus.carbs or 0
        by_hour[hour_of(bolus.start)].carbs_unreadable |= bolus.carbs is None
    for part in bolus_deliveries(known):
        if part.end <= part.start:
            by_hour[hour_of(part.start)].bolus += part.insulin
        for hour, seconds in _split(part.start, part.end):
            share = seconds / (part.end - part.start).total_seconds()
            by_hour[hour].bolus += part.insulin * share
    for event in history.unreadable:
        for hour in {hour_of(event.start - MARGIN), hour_of(event.start + MARGIN)}:
            by_hour[hour].basal_unreadable |= event.basal
            by_hour[hour].bolus_unreadable |= event.bolus
            by_hour[hour].carbs_unreadable |= event.carbs


def _add_insulin_on_board(
    by_hour: defaultdict[datetime, Hour], day: _Day, duration: float, oldest: datetime
) -> None:
    """Add the curve over all pumps from the oldest to the newest event of a day."""
    last = min(day.newest, day.end - SECOND)
    if last < oldest:
        return
    for instant, on_board in insulin_curve(day.near, duration, oldest, last):
        if on_board is not None:
            by_hour[hour_of(instant)].insulin_on_board.add(on_board)


def first_complete_hour(histories: Iterable[History], oldest: date) -> datetime | None:
    """Return the first full hour (UTC) after a pump day; None without records since."""
    if oldest == date.max:
        return None
    next_day = datetime.combine(oldest, time()) + ONE_DAY
    shown = (
        shown_since(records, next_day)
        for history in histories
        for records in _dating(history)
    )
    first = min(filter(None, shown), key=START, default=None)
    if first is None:
        return None
    midnight = first.start - (first.pump_time - datetime.combine(first.day, time()))
    hour = hour_of(midnight)
    return hour if hour == midnight else hour + HOUR


def _dating(history: History) -> tuple[Sequence[Record], ...]:
    """Return the kinds of records that show that something is known about a day."""
    return (
        history.basal,
        history.suspensions,
        history.boluses,
        history.readings,
        history.insulin_on_board,
    )


def hour_of(instant: datetime) -> datetime:
    """Return the start of the hour of an instant."""
    return instant.replace(minute=0, second=0, microsecond=0)


def _split(start: datetime, end: datetime) -> Iterator[tuple[datetime, float]]:
    """Yield each hour between two instants with its seconds between them."""
    while start < end:
        hour = hour_of(start)
        until = min(hour + HOUR, end)
        yield hour, (until - start).total_seconds()
        start = until
