"""Sensor readings, and the predictions of low-glucose suspend."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from custom_components.tconnectsync.instants import FAR_FUTURE, FAR_PAST
from custom_components.tconnectsync.tandem.enums import GlucoseStatus
from custom_components.tconnectsync.tandem.event_types import (
    CgmReadingLogged,
    GlucosePredicted,
)

from .clock.dated_events import DatedEvents, Limits
from .event_log import DatedPart, EventLog
from .records import CgmReading, GlucosePrediction, GlucoseState, SensorCondition, Trend
from .sensor_self_reports import NO_VALUE, condition_of
from .timeline import Records, Timeline

LOWEST, HIGHEST = 40, 400
REPEATED_WITHIN = timedelta(minutes=2)
A_MINUTE_APART = timedelta(seconds=45)
"""Readings of a sensor with one reading a minute are 59 to 60 seconds apart."""
LOOKS_AHEAD = timedelta(minutes=30)
"""Older predictions are past; there is one every five minutes."""


def readings(log: EventLog) -> Records[CgmReading]:
    """Return every sensor reading in the order of the log (mg/dL), each once.

    A backfilled reading may be known already, with a time that is some seconds different.
    """
    parts: list[_Readings] = []
    for part in log.dated_parts:
        read_at = part.result(_read_at)
        if not read_at:
            continue
        near = tuple(
            seen
            for earlier in parts
            if earlier.oldest <= read_at.until and earlier.newest >= read_at.since
            for seen in earlier.between(read_at.since, read_at.until)
        )
        parts.append(
            part.result(_readings, log.limits_of(part.part, read_at.latest), near)
        )
    return Records(part.readings for part in parts)


@dataclass(frozen=True, slots=True)
class _ReadAt:
    """The times of the readings of a part of the log."""

    latest: datetime
    """An instant (UTC) that no reading is after."""
    since: datetime
    until: datetime
    """The span (UTC) in which duplicates of these readings may be."""


def _read_at(log: DatedPart) -> _ReadAt | None:
    shown = [event.read_at for event in log.of(CgmReadingLogged)]
    if not shown:
        return None
    latest = log.dating.latest(max(shown))
    since = log.dating.earliest(min(shown)) - REPEATED_WITHIN
    return _ReadAt(latest, since, latest + REPEATED_WITHIN)


type _Shown = tuple[int | None, GlucoseState, SensorCondition | None]
type _Seen = tuple[datetime, _Shown, bool]
"""The time of a reading by the clock (UTC), its value, and whether its sensor has one reading a minute."""


@dataclass(frozen=True, slots=True)
class _Readings:
    """The readings of one part of the log."""

    readings: Timeline[CgmReading]
    each_minute: tuple[bool, ...]
    """For each reading: whether its sensor has one reading a minute."""
    oldest: datetime
    newest: datetime
    """In the order of time (UTC)."""

    def between(self, since: datetime, until: datetime) -> Iterator[_Seen]:
        """Yield the readings between two instants."""
        for reading, each_minute in zip(
            self.readings.records, self.each_minute, strict=True
        ):
            if since <= reading.measured <= until:
                yield (
                    reading.measured,
                    (reading.glucose, reading.state, reading.condition),
                    each_minute,
                )


def _readings(
    log: DatedPart, limits: Limits | None, near: Iterable[_Seen]
) -> _Readings:
    """Return the readings of a part without duplicates of earlier ones."""
    known, dates = _Known(), DatedEvents(log.dating, limits)
    for seen in near:
        known.add(*seen)
    records: list[CgmReading] = []
    each_minute: list[bool] = []
    for event in log.of(CgmReadingLogged):
        dated = dates.dated(event, event.read_at)
        start = dates.at_most(event, dated)
        if not dates.has_come(start):
            continue
        glucose, state = shown(event)
        condition = condition_of(event)
        seen = dated, (glucose, state, condition), event.one_minute
        if known.has(*seen, backfilled=event.backfilled):
            continue
        known.add(*seen)
        rate = None if state is GlucoseState.NO_READING else event.rate
        records.append(
            CgmReading(
                key=event.key,
                start=start,
                pump_time=event.read_at,
                glucose=glucose,
                state=state,
                rate=rate,
                trend=trend(rate),
                signal=event.signal,
                backfilled=event.backfilled,
                condition=condition,
                dated=dated if dated > start else None,
            )
        )
        each_minute.append(event.one_minute)
    instants = [reading.measured for reading in records]
    return _Readings(
        Timeline(records),
        tuple(each_minute),
        min(instants, default=FAR_FUTURE),
        max(instants, default=FAR_PAST),
    )


class _Known:
    """The readings so far, by value and time."""

    def __init__(self) -> None:
        self._starts: set[datetime] = set()
        self._shown: defaultdict[tuple[_Shown, int], list[tuple[datetime, bool]]] = (
            defaultdict(list)
        )

    def has(
        self, start: datetime, shown: _Shown, one_minute: bool, *, backfilled: bool
    ) -> bool:
        """Return whether a reading is known already.

        Another value at a known instant is a new reading after the clock was put back, unless it is backfilled.
        """
        if backfilled and start in self._starts:
            return True
        span = _span(start)
        for near in (span - 1, span, span + 1):
            for other, other_one_minute in self._shown.get((shown, near), ()):
                apart = abs(start - other)
                each_minute = one_minute and other_one_minute
                if apart <= REPEATED_WITHIN and not (
                    each_minute and apart >= A_MINUTE_APART
                ):
                    return True
        return False

    def add(self, start: datetime, shown: _Shown, one_minute: bool) -> None:
        """Add a reading to the known ones."""
        self._starts.add(start)
        self._shown[shown, _span(start)].append((start, one_minute))


def _span(start: datetime) -> int:
    return int(start.timestamp() // REPEATED_WITHIN.total_seconds())


def shown(event: CgmReadingLogged) -> tuple[int | None, GlucoseState]:
    """Return the glucose (mg/dL) of a reading that may be shown, and the kind of value.

    Beyond the sensor's range it is never the raw number, but 39 or 401, one beyond the range's end.
    """
    if not _may_be_believed(event):
        return None, GlucoseState.NO_READING
    if event.status is GlucoseStatus.VALUE and not event.value:
        return None, GlucoseState.NO_READING
    if event.status is GlucoseStatus.HIGH or (
        event.status is GlucoseStatus.VALUE and event.value > HIGHEST
    ):
        return HIGHEST + 1, GlucoseState.HIGH
    if event.status is GlucoseStatus.LOW or event.value < LOWEST:
        return LOWEST - 1, GlucoseState.LOW
    return event.value, GlucoseState.NORMAL


def trend(rate: float | None) -> Trend | None:
    """Return the trend of a rate of change in mg/dL per minute."""
    if rate is None:
        return None
    if abs(rate) < 1:
        return Trend.FLAT
    up = rate > 0
    if abs(rate) < 2:
        return Trend.FORTY_FIVE_UP if up else Trend.FORTY_FIVE_DOWN
    if abs(rate) < 3:
        return Trend.SINGLE_UP if up else Trend.SINGLE_DOWN
    return Trend.DOUBLE_UP if up else Trend.DOUBLE_DOWN


def predictions(log: EventLog) -> Iterator[GlucosePrediction]:
    """Yield the current predictions of low-glucose suspend (mg/dL; None: no prediction)."""
    newest = log.newest
    for prediction in log.each(_predictions, newest and newest - LOOKS_AHEAD):
        if newest is None or newest - prediction.start <= LOOKS_AHEAD:
            yield prediction


def _predictions(log: DatedPart) -> Iterator[GlucosePrediction]:
    for event in log.of(GlucosePredicted):
        yield GlucosePrediction(
            key=event.key,
            start=log.at(event),
            pump_time=event.pump_time,
            glucose=event.glucose,
        )


def _may_be_believed(event: CgmReadingLogged) -> bool:
    """Return whether a reading's value, or its being below or above the range, is trustworthy."""
    return (
        event.status is not GlucoseStatus.DO_NOT_SHOW
        and event.is_value
        and event.algorithm_state not in NO_VALUE[event.code]
    )
