"""Sensor readings as glucose entries."""

from custom_components.tconnectsync.instants import EPOCH, MILLISECOND
from custom_components.tconnectsync.nightscout.document import (
    Document,
    PumpIdentity,
    build_document,
    distinct_instant,
    local_text,
)
from custom_components.tconnectsync.nightscout.identifiers import Kind, event_name
from custom_components.tconnectsync.nightscout.stored_document import GLUCOSE_TYPE
from custom_components.tconnectsync.therapy.records import CgmReading, Trend

DIRECTIONS: dict[Trend | None, str] = {
    None: "NONE",
    Trend.DOUBLE_DOWN: "DoubleDown",
    Trend.SINGLE_DOWN: "SingleDown",
    Trend.FORTY_FIVE_DOWN: "FortyFiveDown",
    Trend.FLAT: "Flat",
    Trend.FORTY_FIVE_UP: "FortyFiveUp",
    Trend.SINGLE_UP: "SingleUp",
    Trend.DOUBLE_UP: "DoubleUp",
}


def glucose_entries(reading: CgmReading, pump: PumpIdentity) -> list[Document]:
    """Return the entry of a reading that has a value (mg/dL; 39 and 401 are out of range)."""
    if reading.glucose is None:
        return []
    created_at = distinct_instant(reading.start, reading.key)
    return [
        build_document(
            {
                "type": GLUCOSE_TYPE,
                "sgv": reading.glucose,
                "date": (created_at - EPOCH) // MILLISECOND,
                "dateString": local_text(created_at, reading.offset),
                "direction": DIRECTIONS[reading.trend],
            },
            pump=pump,
            kind=Kind.GLUCOSE,
            name=event_name(reading.key),
            created_at=created_at,
            offset=reading.offset,
            event_type=GLUCOSE_TYPE,
            start=reading.start,
            end=reading.start,
            numbers=(reading.key[1],),
        )
    ]
