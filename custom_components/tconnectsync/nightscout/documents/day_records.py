"""The records that the documents of one pump day are built from; a day is unchanged while they are equal."""

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
from .modes import Mode, modes_with_ends
from .pump_status import PumpStatus, pump_statuses
from .sensors import sensor_documents
from .shared_sensor import (
    Others,
    OtherSessions,
    own_readings,
    readings_near,
    sessions_of,
    with_certain_clocks,
)

type PartOfDay = tuple[date, Sequence[Any]]
"""A pump day, and some of its records of one kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRecords:
    """Everything that the documents of one pump's day depend on: while it is equal, so are they."""

    day: date
    pump: PumpIdentity
    features: frozenset[Feature]
    """The features that are on for this day."""
    basal: tuple[BasalSegment, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    basal_gaps: tuple[BasalGap, ...] = ()
    boluses: tuple[Bolus, ...] = ()
    """Those that may have delivered insulin on that day."""
    alarms: tuple[Alarm, ...] = ()
    fills: tuple[Fill, ...] = ()
    modes: tuple[Mode, ...] = ()
    sensors: tuple[Document, ...] = ()
    readings: tuple[CgmReading, ...] = ()
    statuses: tuple[PumpStatus, ...] = ()


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
    """Return the records of each pump day, or of some days, for the documents of these features.

    A feature is on from its start. The same objects are returned for unchanged days.
    """
    cache, others = cache or ResultCache(), others or {}
    parts: defaultdict[date, defaultdict[str, list[Sequence[Any]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    comparable = with_certain_clocks(pump, history, others)
    kinds = dict(_parts_by_kind(history, pump, features, comparable, cache))
    if Feature.DEVICE_STATUS in features:
        kinds["statuses"] = pump_statuses(history, tuple(others.values()), days, cache)
    for kind, of_kind in kinds.items():
        for day, records in of_kind:
            if days is None or day in days:
                parts[day][kind].append(records)
    by_date = {
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
        for day, of_day in parts.items()
    }
    cache.forget_unused()
    return by_date


def _day_records(
    day: date,
    pump: PumpIdentity,
    features: frozenset[Feature],
    parts: Mapping[str, Iterable[Sequence[Any]]],
) -> DayRecords:
    kinds: dict[str, Any] = {
        kind: tuple(chain.from_iterable(of_kind)) for kind, of_kind in parts.items()
    }
    return DayRecords(day=day, pump=pump, features=features, **kinds)


def _parts_by_kind(
    history: History,
    pump: PumpIdentity,
    features: Collection[Feature],
    others: Others,
    cache: ResultCache,
) -> Iterator[tuple[str, Iterable[PartOfDay]]]:
    """Yield the records of each kind by day, the same objects for unchanged chunks of the log."""
    yield "suspensions", _by_chunk(history.suspensions, by_day)
    yield "basal_gaps", _each(history.basal_gaps)
    yield "boluses", _by_chunk(history.boluses, _boluses_by_day)
    yield "alarms", _alarms(history)
    yield "fills", _each(history.fills)
    modes = modes_with_ends(history)
    yield "modes", ((day_of(mode), ((mode, end),)) for mode, end in modes)
    sessions = history.session_starts, history.session_ends, pump, sessions_of(others)
    documents = cache.get_or_compute("sensors", pump, sessions, _sensors)
    yield "sensors", ((document.day, (document,)) for document in documents)
    if Feature.BASAL in features:
        yield "basal", _by_chunk(history.basal, by_day)
    if Feature.CGM in features:
        yield "readings", _readings(history, pump, others, cache)


def _sensors(
    sessions: Iterable[CgmSessionStart],
    ends: Iterable[CgmSessionEnd],
    pump: PumpIdentity,
    others: OtherSessions,
) -> tuple[Document, ...]:
    return tuple(sensor_documents(sessions, ends, pump, others))


def _readings(
    history: History, pump: PumpIdentity, others: Others, cache: ResultCache
) -> Iterator[PartOfDay]:
    """Yield the readings of each day without those that another pump's documents are about."""
    for day, readings in _by_chunk(history.readings, by_day):
        if near := readings_near(readings, others):
            key = day, readings[0].key
            inputs = readings, pump, near
            yield day, cache.get_or_compute("own readings", key, inputs, own_readings)
        else:
            yield day, readings


def _each(records: Iterable[Record]) -> Iterator[PartOfDay]:
    for record in records:
        yield day_of(record), (record,)


def _by_chunk[R: Record](
    records: Sequence[R],
    by_day: Callable[[Sequence[R]], Mapping[date, Sequence[R]]],
) -> Iterator[PartOfDay]:
    for chunk in timelines_of(records):
        yield from chunk.result(by_day).items()


def _alarms(history: History) -> Iterator[PartOfDay]:
    """Yield the alarms of each day, with only the first reminder of each suspension."""
    repeated = repeated_reminders(history)
    for day, alarms in _by_chunk(history.alarms, by_day):
        if repeated.isdisjoint(alarm.key for alarm in alarms):
            yield day, alarms
        else:
            yield day, tuple(alarm for alarm in alarms if alarm.key not in repeated)


def _boluses_by_day(boluses: Iterable[Bolus]) -> dict[date, list[Bolus]]:
    """Return each bolus for every day on which it may have delivered insulin, because doses are dated by their delivery."""
    boluses_by_day: defaultdict[date, list[Bolus]] = defaultdict(list)
    for bolus in boluses:
        days = {day_of(bolus)}
        if bolus.extended_deliveries:
            first = min(bolus.start, bolus.extended_deliveries[0].start) + bolus.offset
            last = max(part.end for part in bolus.extended_deliveries) + bolus.offset
            length = (last.date() - first.date()).days
            days |= {first.date() + ONE_DAY * n for n in range(length + 1)}
        for day in days:
            boluses_by_day[day].append(bolus)
    return boluses_by_day
