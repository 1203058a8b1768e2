"""The documents that a Nightscout site should have, by pump day."""

from collections import defaultdict
from collections.abc import Callable, Collection as AnyOf, Mapping
from dataclasses import dataclass
from datetime import date

from custom_components.tconnectsync.instants import ONE_DAY
from custom_components.tconnectsync.nightscout.document import Document, PumpIdentity
from custom_components.tconnectsync.nightscout.documents import (
    DayRecords,
    day_records,
    documents_of,
)
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.result_cache import ResultCache
from homeassistant.util import dt as dt_util

from .feature_starts import Starts

type Histories = Mapping[PumpIdentity, History]
"""Histories by pump."""
type DaysRecords = dict[date, tuple[DayRecords, ...]]
"""The records of each compared day, one item for each pump; equal ones have equal documents."""
type CacheByPump = dict[PumpIdentity, ResultCache]
"""The cached records of each pump."""
type Desired = dict[date, list[Document]]
"""The wanted documents of each compared pump day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysToSend:
    """Pump days that are brought in sync apart from the others, by a backfill."""

    days: frozenset[date]
    features: frozenset[Feature]
    """The features that are compared."""
    starts: Starts
    """The starts of these features and of those that are on."""
    resend: bool = False
    """Whether to send documents again that the site no longer has."""


def by_identity(
    model_fn: Callable[[str], str], histories: Mapping[str, History]
) -> Histories:
    """Return histories by pump instead of by serial number.

    `model_fn` returns the stored model of a pump: it is in every document, so it must never change.
    """
    return {
        PumpIdentity(
            serial_number=serial_number, model=model_fn(serial_number)
        ): history
        for serial_number, history in histories.items()
    }


def days_from(
    histories: Histories,
    features: AnyOf[Feature],
    starts: Starts,
    cache: CacheByPump,
) -> DaysRecords:
    """Return the records of each day, from the first start up to the day after the newest event.

    Days without records are included, later days up to the last one that has documents.
    """
    records = _records_by_day(histories, features, starts, cache)
    before = min(starts.values(), default=date.max) - ONE_DAY
    today = dt_util.utcnow().date()
    logged = max(
        (
            min(today, end.pump_time.date()) + ONE_DAY
            for history in histories.values()
            if (end := history.newest_logged)
        ),
        default=before,
    )
    later = (
        day
        for day, of_day in records.items()
        if day > logged and any(map(documents_of, of_day))
    )
    last = max(later, default=logged)
    return {
        day: tuple(records.get(day, ()))
        for day in (before + ONE_DAY * n for n in range(1, (last - before).days + 1))
    }


def changed_from(
    histories: Histories,
    features: AnyOf[Feature],
    starts: Starts,
    in_sync: DaysRecords,
    cache: CacheByPump,
) -> tuple[DaysRecords, DaysRecords]:
    """Return the records of each day, and those of the days that differ from the days in sync."""
    for pump in cache.keys() - histories.keys():
        del cache[pump]
    days = days_from(histories, features, starts, cache)
    return days, {
        day: records for day, records in days.items() if in_sync.get(day) != records
    }


def documents_on(days: DaysRecords, cache: ResultCache | None = None) -> Desired:
    """Return the documents of these records by day.

    The cache keeps the documents of the days of the last call, for records that do not change.
    """
    cache = cache or ResultCache()
    desired = {
        day: [
            document for records in of_day for document in documents_of(records, cache)
        ]
        for day, of_day in days.items()
    }
    cache.forget_unused()
    return desired


def desired_on(
    histories: Histories, features: AnyOf[Feature], to_send: DaysToSend
) -> Desired:
    """Return the documents of some days; their form depends on the other features that are on as well."""
    all_features = to_send.features.union(features)
    records = _records_by_day(histories, all_features, to_send.starts, {}, to_send.days)
    documents = documents_on({day: tuple(records.get(day, ())) for day in to_send.days})
    return {
        day: [document for document in of_day if document.feature in to_send.features]
        for day, of_day in documents.items()
    }


def _records_by_day(
    histories: Histories,
    features: AnyOf[Feature],
    starts: Starts,
    cache: CacheByPump,
    days: frozenset[date] | None = None,
) -> Mapping[date, list[DayRecords]]:
    by_day: defaultdict[date, list[DayRecords]] = defaultdict(list)
    for pump, history in histories.items():
        others = {
            other: of_other for other, of_other in histories.items() if other != pump
        }
        of_pump = day_records(
            history,
            pump,
            features,
            starts,
            days,
            others=others,
            cache=cache.setdefault(pump, ResultCache()),
        )
        for day, records in of_pump.items():
            by_day[day].append(records)
    return by_day
