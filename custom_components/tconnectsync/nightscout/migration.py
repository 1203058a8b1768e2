"""What tconnectsync itself wrote, so that whoever moves over gets nothing twice."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from .document import Document, hashed, local_text, minutes, moment_after
from .features import Feature
from .found import instant, local_day
from .identity import TEMP_BASAL, Collection
from .ledger import Foreign

WRITER = "Pump (tconnectsync)"
WRITER_FIELDS = {
    Collection.TREATMENTS: "enteredBy",
    Collection.ENTRIES: "device",
}
"""Where tconnectsync signs; its device status tells other things than the one written here."""
FEATURES = {
    TEMP_BASAL: Feature.BASAL,
    "Combo Bolus": Feature.BOLUS,
    "CGM Alert": Feature.CGM_ALERTS,
}


def collection_of(feature: Feature) -> Collection:
    """Return where tconnectsync writes what a feature is about."""
    return Collection.ENTRIES if feature is Feature.CGM else Collection.TREATMENTS


def foreign_by_day(
    collection: Collection, documents: Iterable[dict[str, Any]]
) -> dict[date, dict[Feature, Foreign]]:
    """Return what tconnectsync covered of each day and feature."""
    covered: defaultdict[date, dict[Feature, Foreign]] = defaultdict(dict)
    for document in documents:
        at = instant(document.get(collection.time_field))
        if at is None:
            continue
        told = document.get("eventType")
        feature = (
            FEATURES.get(str(told), Feature.PUMP_EVENTS)
            if collection is Collection.TREATMENTS
            else Feature.CGM
        )
        day = covered[local_day(document, at)]
        known = day.get(feature, Foreign(at, frozenset()))
        day[feature] = Foreign(
            max(known.newest, at), known.numbers | _numbers(document)
        )
    return covered


def left_to_send(document: Document, foreign: Foreign | None) -> Document | None:
    """Return what tconnectsync did not write of a document: nothing, all, or a basal's rest."""
    if foreign is None or document.start > foreign.newest:
        return document
    if document.end <= foreign.newest:
        return None
    if document.event_type == TEMP_BASAL:
        return _from(document, foreign.newest)
    return None if foreign.numbers.intersection(document.numbers) else document


def _from(document: Document, newest: datetime) -> Document:
    """Return a basal cut to what lies behind an instant."""
    created_at = moment_after(newest, document.created_at)
    body = document.body | {
        "created_at": local_text(created_at, document.offset),
        "duration": minutes(newest, document.end),
    }
    return replace(document, created_at=created_at, start=newest, body=hashed(body))


def _numbers(document: dict[str, Any]) -> frozenset[int]:
    told = str(document.get("pump_event_id", "")).split(",")
    return frozenset(int(part) for part in told if part.strip().isdecimal())
