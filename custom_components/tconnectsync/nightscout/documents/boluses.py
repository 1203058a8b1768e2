"""Boluses: delivered insulin, carbs and glucose, with notes about any difference from the request."""

from datetime import timedelta
from typing import Any

from custom_components.tconnectsync.nightscout.document import (
    ENTERED_BY,
    Document,
    PumpIdentity,
    treatment,
)
from custom_components.tconnectsync.nightscout.identifiers import Kind
from custom_components.tconnectsync.therapy.bolus_notes import (
    bolus_notes,
    not_delivered,
)
from custom_components.tconnectsync.therapy.records import Bolus, BolusKind

from .extended_smbs import extended_smbs

GLUCOSE_TYPES = {True: "Sensor", False: "Finger", None: None}


def bolus_documents(bolus: Bolus, pump: PumpIdentity) -> list[Document]:
    """Return a document of a complete bolus (U, g, mg/dL), and the doses of its extended part."""
    if not bolus.complete:
        return []
    event_type, fields = _form(bolus)
    return [
        treatment(
            bolus,
            pump,
            Kind.BOLUS,
            event_type,
            ENTERED_BY,
            name=bolus.identity.removeprefix(f"{Kind.BOLUS}:"),
            former=bolus.former_identity.removeprefix(f"{Kind.BOLUS}:"),
            numbers=tuple(sorted(bolus.numbers)),
            end=bolus.end or bolus.start + timedelta(minutes=bolus.extended_minutes),
            **fields,
        ),
        *extended_smbs(bolus, pump),
    ]


def _form(bolus: Bolus) -> tuple[str, dict[str, Any]]:
    """Return event type and fields; a bolus without insulin and carbs is a note, so that it snoozes no alarm."""
    if not (bolus.delivered or bolus.carbs or bolus.in_progress):
        return "Note", {"notes": not_delivered(bolus)}
    fields: dict[str, Any] = {
        "insulin": bolus.now_delivered or None,
        "carbs": bolus.carbs or None,
        "notes": bolus_notes(bolus),
    }
    if bolus.glucose is not None:
        fields |= {
            "glucose": bolus.glucose,
            "glucoseType": GLUCOSE_TYPES[bolus.glucose_from_cgm],
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
        case BolusKind.NOT_KNOWN:
            return "Bolus", fields


def _parts(bolus: Bolus) -> dict[str, Any]:
    """Return fields about the parts of an extended bolus that Nightscout shows but never sums.

    Never `relative`: Nightscout leaves it out of insulin on board, and its day-to-day report takes the
    U/h for U.
    """
    now, total = bolus.now_delivered, bolus.delivered
    if bolus.in_progress:
        total = now + bolus.extended_requested
    now_percent = round(100 * now / total) if total else 100
    notes = filter(None, (_plan(bolus), bolus_notes(bolus)))
    return {
        "enteredinsulin": round(total, 3),
        "splitNow": now_percent,
        "splitExt": 100 - now_percent,
        "notes": "; ".join(notes),
    }


def _plan(bolus: Bolus) -> str:
    minutes = bolus.planned_minutes or round(bolus.extended_minutes)
    return f"Extended: {bolus.extended_requested:.2f} U over {minutes} min"
