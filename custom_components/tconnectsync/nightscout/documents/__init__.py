"""The documents that Nightscout should have, built from the history of a pump."""

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from datetime import date

from custom_components.tconnectsync.nightscout.document import Document, PumpIdentity
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.records import (
    BasalSegment,
    Bolus,
    CgmReading,
)
from custom_components.tconnectsync.therapy.result_cache import ResultCache

from .alarms import alarm_documents
from .basal import basal_gap_documents, suspension_documents, temp_basals
from .boluses import bolus_documents
from .day_records import DayRecords, day_records
from .device_status import device_statuses
from .fills import fill_documents
from .glucose import glucose_entries
from .modes import activity_documents
from .pump_status import PumpStatus
from .shared_sensor import Others

__all__ = ["DayRecords", "day_records", "documents", "documents_of"]


def documents(
    history: History,
    pump: PumpIdentity,
    features: Collection[Feature],
    starts: Mapping[Feature, date] | None = None,
    days: Container[date] | None = None,
    *,
    others: Others | None = None,
) -> list[Document]:
    """Return every document of these features from their starts on, oldest first.

    With `days`, only those of these pump days. The histories of the other pumps show whether this one
    reports all insulin on board, and which documents about a shared sensor are theirs.
    """
    by_day = day_records(history, pump, features, starts or {}, days, others=others)
    return sorted(
        (document for records in by_day.values() for document in documents_of(records)),
        key=lambda document: (document.created_at, document.identifier),
    )


def documents_of(
    records: DayRecords, cache: ResultCache | None = None
) -> list[Document]:
    """Return the documents of one pump day, oldest first; cached ones for unchanged records.

    Suspensions are temporary basals of 0 U/h if BASAL is on, else notes of PUMP_EVENTS.
    """
    return sorted(
        (
            document
            for document in _build(records, cache or ResultCache())
            if document.feature in records.features and document.day == records.day
        ),
        key=lambda document: (document.created_at, document.identifier),
    )


def _build(day: DayRecords, cache: ResultCache) -> Iterator[Document]:
    pump = day.pump

    def cached[R: BasalSegment | Bolus | CgmReading | PumpStatus](
        records: Iterable[R], build: Callable[[R, PumpIdentity], list[Document]]
    ) -> Iterator[Document]:
        """Yield the documents of each record, cached because a day has many of its kind."""
        for record in records:
            key = pump.serial_number, record.key, build
            yield from cache.get_or_compute("documents", key, (record, pump), build)

    yield from cached(day.basal, temp_basals)
    yield from suspension_documents(
        day.suspensions, pump, as_basal=Feature.BASAL in day.features
    )
    yield from basal_gap_documents(day.basal_gaps, pump)
    yield from cached(day.boluses, bolus_documents)
    yield from alarm_documents(day.alarms, pump)
    yield from fill_documents(day.fills, pump)
    yield from activity_documents(day.modes, pump)
    yield from day.sensors
    yield from cached(day.readings, glucose_entries)
    yield from cached(day.statuses, device_statuses)
