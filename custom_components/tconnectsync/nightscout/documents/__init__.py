"""From what happened to the documents that Nightscout is to hold."""

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
from .device_status import Status, device_statuses
from .fills import fill_documents
from .glucose import glucose_entries
from .modes import activity_documents
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
    """Return every document that these features want from their start on, oldest first.

    With days, only those of these pump days. What the other pumps gave decides whether this one
    knows all that is on board, and what both tell of one sensor is wanted once.
    """
    by_day = day_records(history, pump, features, starts or {}, days, others=others)
    return sorted(
        (document for records in by_day.values() for document in documents_of(records)),
        key=lambda document: (document.created_at, document.identifier),
    )


def documents_of(
    records: DayRecords, cache: ResultCache | None = None
) -> list[Document]:
    """Return the documents of one pump day, oldest first; those of records that did not change are kept.

    Suspensions are temporary basals of 0 U/h where BASAL is wanted, else notes of PUMP_EVENTS.
    """
    return sorted(
        (
            document
            for document in _built(records, cache or ResultCache())
            if document.feature in records.features and document.day == records.day
        ),
        key=lambda document: (document.created_at, document.identifier),
    )


def _built(of: DayRecords, cache: ResultCache) -> Iterator[Document]:
    pump = of.pump

    def each[R: BasalSegment | Bolus | CgmReading | Status](
        records: Iterable[R], build: Callable[[R, PumpIdentity], list[Document]]
    ) -> Iterator[Document]:
        """Yield the documents of each record, of a kind of which a day has many."""
        for record in records:
            place = pump.serial_number, record.key, build
            inputs = record, pump
            yield from cache.get_or_compute("documents", place, inputs, build)

    yield from each(of.basal, temp_basals)
    yield from suspension_documents(
        of.suspensions, pump, as_basal=Feature.BASAL in of.features
    )
    yield from basal_gap_documents(of.basal_gaps, pump)
    yield from each(of.boluses, bolus_documents)
    yield from alarm_documents(of.alarms, pump)
    yield from fill_documents(of.fills, pump)
    yield from activity_documents(of.modes, pump)
    yield from of.sensors
    yield from each(of.readings, glucose_entries)
    yield from each(of.statuses, device_statuses)
