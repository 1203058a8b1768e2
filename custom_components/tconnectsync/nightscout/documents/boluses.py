"""Boluses: what was delivered, and what kept it from being what was asked for."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from custom_components.tconnectsync.nightscout.document import (
    Document,
    PumpIdentity,
    treatment,
)
from custom_components.tconnectsync.nightscout.identity import ENTERED_BY, Kind
from custom_components.tconnectsync.therapy.bolus_notes import (
    bolus_notes,
    not_delivered,
)
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.records import Bolus, BolusKind


def boluses(history: History, pump: PumpIdentity) -> Iterator[Document]:
    """Yield a document for every bolus of which enough is known (U, g, mg/dL)."""
    for bolus in history.boluses:
        if not bolus.complete:
            continue
        event_type, fields = _form(bolus)
        yield treatment(
            bolus,
            pump,
            Kind.BOLUS,
            event_type,
            ENTERED_BY,
            name=bolus.identity.removeprefix(f"{Kind.BOLUS}:"),
            numbers=tuple(sorted(bolus.numbers)),
            end=bolus.end or bolus.start + timedelta(minutes=bolus.extended_minutes),
            **fields,
        )


def _form(bolus: Bolus) -> tuple[str, dict[str, Any]]:
    """Return event type and fields; one that gave nothing is a note, so that it snoozes no alarm."""
    if not bolus.delivered and not bolus.carbs:
        return "Note", {"notes": not_delivered(bolus)}
    fields: dict[str, Any] = {
        "insulin": bolus.delivered or None,
        "carbs": bolus.carbs or None,
        "notes": bolus_notes(bolus),
    }
    if bolus.glucose is not None:
        fields |= {
            "glucose": bolus.glucose,
            "glucoseType": "Sensor" if bolus.glucose_from_cgm else "Finger",
            "units": "mg/dl",
        }
    match bolus.kind:
        case BolusKind.AUTOMATIC:
            return "SMB", fields | {"automatic": True, "isSMB": True}
        case BolusKind.EXTENDED:
            return "Combo Bolus", fields | _parts(bolus)
        case BolusKind.MEAL:
            return "Meal Bolus", fields
        case BolusKind.CORRECTION:
            return "Correction Bolus", fields


def _parts(bolus: Bolus) -> dict[str, Any]:
    """Return how a bolus is split between now (U) and later (U/h over minutes)."""
    total = bolus.delivered
    now_percent = round(100 * bolus.now_delivered / total) if total else 100
    later = bool(bolus.extended_delivered and bolus.extended_minutes)
    return {
        "insulin": bolus.now_delivered or None,
        "enteredinsulin": total,
        "splitNow": now_percent,
        "splitExt": 100 - now_percent,
        "duration": bolus.extended_minutes if later else None,
        "relative": round(60 * bolus.extended_delivered / bolus.extended_minutes, 4)
        if later
        else None,
    }
