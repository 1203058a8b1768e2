"""What the documents of one pump day are made of, so that days at which nothing changed are known by it."""

from collections import defaultdict
from collections.abc import (
    Callable,
    Collection,
    Container,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

from custom_components.tconnectsync.instants import ONE_DAY
from custom_components.tconnectsync.nightscout.document import (
    Document,
    PumpIdentity,
    by_day,
    day_of,
)
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.records import (
    Alarm,
    BasalGap,
    BasalSegment,
    Bolus,
    CgmReading,
    CgmSessionEnd,
    CgmSessionStart,
    Fill,
    Record,
    Suspension,
)
from custom_components.tconnectsync.therapy.result_cache import ResultCache
from custom_components.tconnectsync.therapy.timeline import timelines_of

from .alarms import repeated_reminders
from .device_status import Status, statuses
from .modes import Mode, modes_with_ends
from .sensors import sensors
from .shared_sensor import (
    Others,
    OtherSessions,
    own_readings,
    readings_near,
    sessions_of,
    with_certain_clocks,
)

type Piece = tuple[date, Sequence[Any]]
"""Some of the records of a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRecords:
    """All that the documents of one pump's day follow from: while it is equal, so are they."""

    day: date
    pump: PumpIdentity
    features: frozenset[Feature]
    """Those that are wanted of this day."""
    basal: tuple[BasalSegment, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    basal_gaps: tuple[BasalGap, ...] = ()
    boluses: tuple[Bolus, ...] = ()
    """Those of which something may have flowed that day."""
    alarms: tuple[Alarm, ...] = ()
    fills: tuple[Fill, ...] = ()
    modes: tuple[Mode, ...] = ()
    sensors: tuple[Document, ...] = ()
    readings: tuple[CgmReading, ...] = ()
    statuses: tuple[Status, ...] = ()


def day_records(
    history: History,
    pump: PumpIdentity,
    features: Collection[Feature],
    starts: Mapping[Feature, date],
    days: Container[date] | None = None,
    *,
    others: Others | None = None,
    cache: ResultCache | None = None,
) -> dict[date, DayRecords]:
    """Return what the documents of each day are made of that these features want from their start on.

    With days, of these pump days only. Days at which nothing changed are kept as they are.
    """
    cache, others = cache or ResultCache(), others or {}
    found: defaultdict[date, defaultdict[str, list[Sequence[Any]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    comparable = with_certain_clocks(pump, history, others)
    kinds = dict(_pieces(history, pump, features, comparable, cache))
    if Feature.DEVICE_STATUS in features:
        kinds["statuses"] = statuses(history, tuple(others.values()), days, cache)
    for kind, of_kind in kinds.items():
        for day, records in of_kind:
            if days is None or day in days:
                found[day][kind].append(records)
    of_days = {
        day: cache.get_or_compute(
            "day",
            day,
            (
                day,
                pump,
                frozenset(
                    feature
                    for feature in features
                    if day >= starts.get(feature, date.min)
                ),
                dict(of_day),
            ),
            _day_records,
        )
        for day, of_day in found.items()
    }
    cache.forget_unused()
    return of_days


def _day_records(
    day: date,
    pump: PumpIdentity,
    features: frozenset[Feature],
    pieces: Mapping[str, Iterable[Sequence[Any]]],
) -> DayRecords:
    kinds: dict[str, Any] = {
        kind: tuple(chain.from_iterable(of_kind)) for kind, of_kind in pieces.items()
    }
    return DayRecords(day=day, pump=pump, features=features, **kinds)


def _pieces(
    history: History,
    pump: PumpIdentity,
    features: Collection[Feature],
    others: Others,
    cache: ResultCache,
) -> Iterator[tuple[str, Iterable[Piece]]]:
    """Yield the records of each kind by day; those of parts of the log that did not change are the same objects."""
    yield "suspensions", _by_part(history.suspensions, by_day)
    yield "basal_gaps", _each(history.basal_gaps)
    yield "boluses", _by_part(history.boluses, _boluses_by_day)
    yield "alarms", _alarms(history)
    yield "fills", _each(history.fills)
    modes = modes_with_ends(history)
    yield "modes", ((day_of(mode), ((mode, end),)) for mode, end in modes)
    of_sensors = history.session_starts, history.session_ends, pump, sessions_of(others)
    documents = cache.get_or_compute("sensors", pump, of_sensors, _sensors)
    yield "sensors", ((one.day, (one,)) for one in documents)
    if Feature.BASAL in features:
        yield "basal", _by_part(history.basal, by_day)
    if Feature.CGM in features:
        yield "readings", _readings(history, pump, others, cache)


def _sensors(
    sessions: Iterable[CgmSessionStart],
    ends: Iterable[CgmSessionEnd],
    pump: PumpIdentity,
    others: OtherSessions,
) -> tuple[Document, ...]:
    return tuple(sensors(sessions, ends, pump, others))


def _readings(
    history: History, pump: PumpIdentity, others: Others, cache: ResultCache
) -> Iterator[Piece]:
    """Yield the readings of each day without those that another pump is taken for."""
    for day, readings in _by_part(history.readings, by_day):
        if near := readings_near(readings, others):
            place = day, readings[0].key
            inputs = readings, pump, near
            yield day, cache.get_or_compute("own", place, inputs, own_readings)
        else:
            yield day, readings


def _each(records: Iterable[Record]) -> Iterator[Piece]:
    for record in records:
        yield day_of(record), (record,)


def _by_part[R: Record](
    records: Sequence[R],
    by_day: Callable[[Sequence[R]], Mapping[date, Sequence[R]]],
) -> Iterator[Piece]:
    for part in timelines_of(records):
        yield from part.result(by_day).items()


def _alarms(history: History) -> Iterator[Piece]:
    """Yield the alarms of each day; of those that remind of one suspension the first."""
    repeated = repeated_reminders(history)
    for day, alarms in _by_part(history.alarms, by_day):
        if repeated.isdisjoint(alarm.key for alarm in alarms):
            yield day, alarms
        else:
            yield day, tuple(one for one in alarms if one.key not in repeated)


def _boluses_by_day(boluses: Iterable[Bolus]) -> dict[date, list[Bolus]]:
    """Return each bolus for every day on which some of it flowed, as doses are dated by when they did."""
    found: defaultdict[date, list[Bolus]] = defaultdict(list)
    for bolus in boluses:
        days = {day_of(bolus)}
        if bolus.extended_deliveries:
            first = min(bolus.start, bolus.extended_deliveries[0].start) + bolus.offset
            last = max(part.end for part in bolus.extended_deliveries) + bolus.offset
            length = (last.date() - first.date()).days
            days |= {first.date() + ONE_DAY * n for n in range(length + 1)}
        for day in days:
            found[day].append(bolus)
    return found
