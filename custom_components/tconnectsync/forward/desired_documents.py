"""Which documents a Nightscout site is to hold of which pump days."""

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
"""What happened, by the pump that logged it."""
type DaysRecords = dict[date, tuple[DayRecords, ...]]
"""What the documents of each day that is compared are made of, by pump; equal ones have equal documents."""
type CacheByPump = dict[PumpIdentity, ResultCache]
"""What documents are made of, as it follows from parts of each pump's log at which nothing changed."""
type Desired = dict[date, list[Document]]
"""What is to be held of each pump day that is compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysToSend:
    """Some pump days that are brought in step by themselves."""

    days: frozenset[date]
    features: frozenset[Feature]
    """Those that are compared."""
    starts: Starts
    """Of these and of the features that are on."""
    resend: bool = False
    """Send again what the site no longer has."""


def by_identity(
    model_fn: Callable[[str], str], histories: Mapping[str, History]
) -> Histories:
    """Return what happened by the pump that logged it, instead of by its serial number alone.

    model_fn returns what a pump is called, always the same: it is in every document.
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
    """Return what the documents of each day are made of, from the first start up to the day after the newest event.

    Empty days are included; this machine's clock alone makes no day of the future one.
    """
    found = _found(histories, features, starts, cache)
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
        day for day in found if day > logged and any(map(documents_of, found[day]))
    )
    last = max(later, default=logged)
    return {
        day: tuple(found.get(day, ()))
        for day in (before + ONE_DAY * n for n in range(1, (last - before).days + 1))
    }


def changed_from(
    histories: Histories,
    features: AnyOf[Feature],
    starts: Starts,
    settled: DaysRecords,
    cache: CacheByPump,
) -> tuple[DaysRecords, DaysRecords]:
    """Return what the documents of each day are made of, and of which days that is not what was settled."""
    for pump in cache.keys() - histories.keys():
        del cache[pump]
    days = days_from(histories, features, starts, cache)
    return days, {
        day: records for day, records in days.items() if settled.get(day) != records
    }


def documents_on(days: DaysRecords, cache: ResultCache | None = None) -> Desired:
    """Return the documents that are made of this, by day.

    Those of records that did not change since are kept, of the days that were last asked for.
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
    """Return the documents of each day of a span; the other features that are on give them their form."""
    every = to_send.features.union(features)
    found = _found(histories, every, to_send.starts, {}, to_send.days)
    return {
        day: [one for one in documents if one.feature in to_send.features]
        for day, documents in documents_on(
            {day: tuple(found.get(day, ())) for day in to_send.days}
        ).items()
    }


def _found(
    histories: Histories,
    features: AnyOf[Feature],
    starts: Starts,
    cache: CacheByPump,
    days: frozenset[date] | None = None,
) -> Mapping[date, list[DayRecords]]:
    found: defaultdict[date, list[DayRecords]] = defaultdict(list)
    for pump, history in histories.items():
        others = {other: one for other, one in histories.items() if other != pump}
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
            found[day].append(records)
    return found
