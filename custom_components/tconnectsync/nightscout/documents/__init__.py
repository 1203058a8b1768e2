"""From what happened to the documents that Nightscout is to hold."""

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from datetime import date

from custom_components.tconnectsync.nightscout.document import Document, PumpIdentity
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.therapy.history import History

from .alarms import alarms
from .basal import gaps, segments, suspensions
from .boluses import boluses
from .day_records import DayRecords, day_records
from .device_status import device_status
from .fills import fills
from .glucose import glucose
from .modes import modes

__all__ = ["DayRecords", "day_records", "documents", "documents_of"]


def documents(
    history: History,
    pump: PumpIdentity,
    features: Collection[Feature],
    starts: Mapping[Feature, date] | None = None,
    days: Container[date] | None = None,
    *,
    others: Sequence[History] = (),
) -> list[Document]:
    """Return every document that these features want from their start on, oldest first.

    With days, only those of these pump days. What the other pumps gave decides whether this one
    knows all that is on board.
    """
    by_day = day_records(history, pump, features, starts or {}, days, others=others)
    return sorted(
        (document for records in by_day.values() for document in documents_of(records)),
        key=lambda document: (document.created_at, document.identifier),
    )


def documents_of(records: DayRecords) -> list[Document]:
    """Return the documents of one pump day, oldest first.

    Suspensions are temporary basals of 0 U/h where BASAL is wanted, else notes of PUMP_EVENTS.
    """
    return sorted(
        (
            document
            for document in _built(records)
            if document.feature in records.features and document.day == records.day
        ),
        key=lambda document: (document.created_at, document.identifier),
    )


def _built(of: DayRecords) -> Iterator[Document]:
    pump = of.pump
    yield from segments(of.basal, pump)
    yield from suspensions(of.suspensions, pump, as_basal=Feature.BASAL in of.features)
    yield from gaps(of.basal_gaps, pump)
    yield from boluses(of.boluses, pump)
    yield from alarms(of.alarms, pump)
    yield from fills(of.site_changes, pump)
    yield from modes(of.modes, pump)
    yield from of.sensors
    yield from glucose(of.readings, pump)
    yield from device_status(of.statuses, pump)
