"""Insulin on board, boluses and the basal rate."""

from typing import Any

from custom_components.tconnectsync.entity import as_of_figures, newest_event_with
from custom_components.tconnectsync.instants import iso
from custom_components.tconnectsync.read.pump_data import PumpData
from custom_components.tconnectsync.therapy.bolus_notes import bolus_notes
from custom_components.tconnectsync.therapy.records import (
    PUMP_OFF,
    BasalSegment,
    Bolus,
    StopReason,
    Suspension,
)
from homeassistant.components.sensor import SensorDeviceClass

from .description import GRAMS, UNITS, UNITS_PER_HOUR, PumpSensorDescription

ESTIMATE_NOTE = "≈ Reckoned for the newest pump event, not for now: a bolus since the last upload is not in it."
IN_PROGRESS_NOTE = "Asked for, not given: its end is not known."


def _shown_amount(bolus: Bolus | None) -> float | None:
    """Return the delivered amount (U), or the requested one while the end is not known."""
    if bolus is None:
        return None
    return bolus.requested if bolus.in_progress else bolus.delivered


def _progress(bolus: Bolus) -> dict[str, Any]:
    """Return the attributes that mark an amount as requested only, however old it is."""
    if bolus.in_progress:
        return {"in_progress": True, "note": IN_PROGRESS_NOTE}
    return {"in_progress": False}


def _bolus_attributes(data: PumpData) -> dict[str, Any]:
    bolus = data.state.bolus
    if bolus is None:
        return {}
    completion = bolus.completion
    return {
        "kind": bolus.kind,
        "time": iso(bolus.start),
        "requested": bolus.requested,
        "delivered": None if bolus.in_progress else bolus.delivered,
        **_progress(bolus),
        "carbs": bolus.carbs,
        "glucose": bolus.glucose,
        "food": bolus.food,
        "correction": bolus.correction,
        "insulin_on_board": bolus.insulin_on_board,
        "carb_ratio": bolus.carb_ratio,
        "correction_factor": bolus.correction_factor,
        "target": bolus.target,
        "extended": bolus.extended_requested,
        "extended_minutes": bolus.extended_minutes,
        "override": bolus.override,
        "declined_correction": bolus.declined_correction,
        "ended": iso(bolus.end),
        "ended_by": None if completion is None else completion.slug,
        "notes": bolus_notes(bolus),
    }


def _meal_attributes(data: PumpData) -> dict[str, Any]:
    meal = data.state.meal_bolus
    if meal is None:
        return {}
    return {"time": iso(meal.start), "carbs": meal.carbs, **_progress(meal)}


def _carbs_attributes(data: PumpData) -> dict[str, Any]:
    meal = data.state.meal_bolus
    return {"time": iso(meal.start)} if meal else {}


def _basal_rate(data: PumpData) -> float | None:
    """Return the running basal rate (U/h): 0 while suspended, None in a log gap."""
    match data.state.basal:
        case BasalSegment(rate=rate):
            return round(rate, 3)
        case Suspension():
            return 0
        case _:
            return None


def _basal_attributes(data: PumpData) -> dict[str, Any]:
    basal = data.state.basal
    since = {"since": iso(basal.start if basal else None)}
    match basal:
        case BasalSegment(source=source, profile_rate=profile_rate):
            return {
                "source": source.slug,
                "profile_rate": profile_rate,
                **since,
            }
        case Suspension(reason=StopReason() as reason) if reason in PUMP_OFF:
            return {"source": "off", **since}
        case Suspension():
            return {"source": "suspended", **since}
        case _:
            return {"source": "not_known", **since}


SENSORS = (
    PumpSensorDescription(
        key="insulin_on_board",
        native_unit_of_measurement=UNITS,
        suggested_display_precision=2,
        value_fn=lambda data: (
            data.state.insulin_on_board.insulin if data.state.insulin_on_board else None
        ),
        as_of_fn=lambda data: (
            data.state.insulin_on_board.start if data.state.insulin_on_board else None
        ),
    ),
    PumpSensorDescription(
        key="insulin_on_board_estimate",
        native_unit_of_measurement=UNITS,
        suggested_display_precision=2,
        value_fn=lambda data: (
            None
            if data.figures.insulin_on_board_estimate is None
            else round(data.figures.insulin_on_board_estimate, 3)
        ),
        as_of_fn=as_of_figures,
        attributes_fn=lambda data: {"note": ESTIMATE_NOTE},
    ),
    PumpSensorDescription(
        key="insulin_on_board_ends",
        entity_registry_enabled_default=False,
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda data: data.figures.insulin_on_board_ends,
        as_of_fn=as_of_figures,
    ),
    PumpSensorDescription(
        key="last_bolus",
        native_unit_of_measurement=UNITS,
        suggested_display_precision=2,
        value_fn=lambda data: _shown_amount(data.state.bolus),
        attributes_fn=_bolus_attributes,
    ),
    PumpSensorDescription(
        key="last_bolus_time",
        entity_registry_enabled_default=False,
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda data: data.state.bolus.start if data.state.bolus else None,
    ),
    PumpSensorDescription(
        key="last_meal_bolus",
        entity_registry_enabled_default=False,
        native_unit_of_measurement=UNITS,
        suggested_display_precision=2,
        value_fn=lambda data: _shown_amount(data.state.meal_bolus),
        attributes_fn=_meal_attributes,
    ),
    PumpSensorDescription(
        key="last_carbs",
        entity_registry_enabled_default=False,
        native_unit_of_measurement=GRAMS,
        suggested_display_precision=0,
        value_fn=lambda data: (
            data.state.meal_bolus.carbs if data.state.meal_bolus else None
        ),
        attributes_fn=_carbs_attributes,
    ),
    PumpSensorDescription(
        key="basal_rate",
        native_unit_of_measurement=UNITS_PER_HOUR,
        suggested_display_precision=3,
        value_fn=_basal_rate,
        as_of_fn=newest_event_with(lambda data: data.state.basal),
        attributes_fn=_basal_attributes,
    ),
)
