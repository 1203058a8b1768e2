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
from custom_components.tconnectsync.tandem.events import Completion
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.records import Bolus, BolusKind

SHORT_BY = 0.0051
"""U; less than this is rounding."""
ENDS: dict[Completion | None, str] = {
    Completion.USER_ABORTED: "stopped by hand",
    Completion.ALARM: "stopped by an alarm",
    Completion.MALFUNCTION: "stopped by a malfunction",
    Completion.REJECTED: "rejected by the pump",
    Completion.LOW_GLUCOSE_SUSPEND: "stopped by low-glucose suspend",
}


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
        return "Note", {"notes": _nothing_delivered(bolus)}
    fields: dict[str, Any] = {
        "insulin": bolus.delivered or None,
        "carbs": bolus.carbs or None,
        "notes": "; ".join(_remarks(bolus)) or None,
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


def _nothing_delivered(bolus: Bolus) -> str:
    why = ENDS.get(bolus.completion)
    said = f"Bolus of {bolus.requested:.2f} U not delivered"
    return f"{said}: {why}" if why else said


def _remarks(bolus: Bolus) -> Iterator[str]:
    """Yield what a reader of the document should know."""
    if bolus.end_missing:
        yield "End not recorded"
    elif bolus.requested - bolus.delivered > SHORT_BY:
        why = ENDS.get(bolus.completion)
        said = f"{bolus.delivered:.2f} of {bolus.requested:.2f} U delivered"
        yield f"{said}: {why}" if why else said
    if bolus.override:
        yield "Suggested dose overridden"
    if bolus.declined_correction:
        yield "Suggested correction declined"
