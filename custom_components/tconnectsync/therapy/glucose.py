"""Sensor readings and what low-glucose suspend expects."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from custom_components.tconnectsync.tandem.enums import GlucoseStatus
from custom_components.tconnectsync.tandem.event_types import (
    CgmReading as LoggedReading,
    PredictedGlucose,
)

from .log import EventLog
from .records import CgmReading, GlucosePrediction, GlucoseState, SensorCondition, Trend
from .sensor_states import condition_of, has_value

LOWEST, HIGHEST = 40, 400
REPEATED_WITHIN = timedelta(minutes=2)
A_MINUTE_APART = timedelta(seconds=45)
"""Readings of a sensor that tells one a minute follow each other after 59 to 60 seconds."""
LOOKS_AHEAD = timedelta(minutes=30)
"""What low-glucose suspend expected longer ago has come or not; there is one every five minutes."""


def readings(log: EventLog) -> Iterator[CgmReading]:
    """Yield every sensor reading in the order of the log (mg/dL), each once.

    What the sensor still had in store may be known already, and its time is then some seconds off.
    """
    known = _Known()
    for event in log.of(LoggedReading):
        dated = log.dated(event, event.read_at)
        start = log.at_most(dated)
        if not log.has_come(start):
            continue
        glucose, state = shown(event)
        condition = condition_of(event)
        if known.repeats(dated, (glucose, state, condition), event.one_minute):
            continue
        rate = None if state is GlucoseState.NO_READING else event.rate
        yield CgmReading(
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


type _Shown = tuple[int | None, GlucoseState, SensorCondition | None]


class _Known:
    """The readings there are so far, by what they show and when."""

    def __init__(self) -> None:
        self._starts: set[datetime] = set()
        self._shown: defaultdict[tuple[_Shown, int], list[tuple[datetime, bool]]] = (
            defaultdict(list)
        )

    def repeats(self, start: datetime, shown: _Shown, one_minute: bool) -> bool:
        """Return whether a reading is one that is known, and know it from now on."""
        if start in self._starts:
            return True
        span = int(start.timestamp() // REPEATED_WITHIN.total_seconds())
        for near in (span - 1, span, span + 1):
            for other, other_one_minute in self._shown.get((shown, near), ()):
                apart = abs(start - other)
                each_minute = one_minute and other_one_minute
                if apart <= REPEATED_WITHIN and not (
                    each_minute and apart >= A_MINUTE_APART
                ):
                    return True
        self._starts.add(start)
        self._shown[shown, span].append((start, one_minute))
        return False


def shown(event: LoggedReading) -> tuple[int | None, GlucoseState]:
    """Return what may be shown of a reading: never a raw number beyond the sensor's range."""
    if not has_value(event):
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
    """Yield the glucose that low-glucose suspend still expects (mg/dL; None: none made)."""
    newest = log.newest
    for event in log.of(PredictedGlucose):
        start = log.at(event)
        if newest and newest - start > LOOKS_AHEAD:
            continue
        yield GlucosePrediction(
            key=event.key,
            start=start,
            pump_time=event.pump_time,
            glucose=event.glucose,
        )
