"""What the documents of one pump day are made of, so that days at which nothing changed are known by it."""

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
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
    Record,
    SiteChange,
    Suspension,
)
from custom_components.tconnectsync.therapy.result_cache import ResultCache
from custom_components.tconnectsync.therapy.timeline import timelines_of

from .alarms import without_reminders
from .device_status import Status, statuses
from .modes import Mode, modes_with_ends
from .sensors import sensors


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
    site_changes: tuple[SiteChange, ...] = ()
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
    others: Sequence[History] = (),
    cache: ResultCache | None = None,
) -> dict[date, DayRecords]:
    """Return what the documents of each day are made of that these features want from their start on.

    With days, of these pump days only. What follows from parts of the log that nothing changed in
    is kept.
    """
    cache = cache or ResultCache()

    def each(records: Iterable[Record]) -> Iterator[tuple[date, Sequence[Record]]]:
        for record in records:
            yield day_of(record), (record,)

    def parts(
        kind: str, records: tuple[Record, ...]
    ) -> Iterator[tuple[date, Sequence[Record]]]:
        for part in timelines_of(records):
            inputs = (part.records,)
            yield from cache.get_or_compute(kind, part.place, inputs, by_day).items()

    kinds: dict[str, Iterable[tuple[date, Sequence[Any]]]] = {
        "suspensions": each(history.suspensions),
        "basal_gaps": each(history.basal_gaps),
        "boluses": _boluses_by_day(history.boluses),
        "alarms": each(without_reminders(history)),
        "site_changes": each(history.site_changes),
        "modes": (
            (day_of(mode), ((mode, end),)) for mode, end in modes_with_ends(history)
        ),
        "sensors": ((one.day, (one,)) for one in sensors(history, pump)),
    }
    if Feature.BASAL in features:
        kinds["basal"] = parts("basal", history.basal)
    if Feature.CGM in features:
        kinds["readings"] = parts("readings", history.readings)
    if Feature.DEVICE_STATUS in features:
        kinds["statuses"] = statuses(history, others, days, cache)
    found: defaultdict[date, defaultdict[str, list[Sequence[Any]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for kind, of_kind in kinds.items():
        for day, records in of_kind:
            if days is None or day in days:
                found[day][kind].append(records)
    of_days = {
        day: {
            kind: cache.get_or_compute(f"day of {kind}", day, (tuple(pieces),), _joined)
            for kind, pieces in of_day.items()
        }
        for day, of_day in found.items()
    }
    cache.forget_unused()
    return {
        day: DayRecords(
            day=day,
            pump=pump,
            features=frozenset(
                feature for feature in features if day >= starts.get(feature, date.min)
            ),
            **of_day,
        )
        for day, of_day in of_days.items()
    }


def _joined(pieces: Iterable[Sequence[Any]]) -> tuple[Any, ...]:
    return tuple(chain.from_iterable(pieces))


def _boluses_by_day(
    boluses: Iterable[Bolus],
) -> Iterator[tuple[date, tuple[Bolus]]]:
    """Yield each bolus for every day on which some of it flowed, as doses are dated by when they did."""
    for bolus in boluses:
        days = {day_of(bolus)}
        if bolus.given_later:
            first = min(bolus.start, bolus.given_later[0].start) + bolus.offset
            last = max(part.end for part in bolus.given_later) + bolus.offset
            length = (last.date() - first.date()).days
            days |= {first.date() + ONE_DAY * n for n in range(length + 1)}
        for day in days:
            yield day, (bolus,)
