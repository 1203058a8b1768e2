"""Sensors: what the pump told, and how old it is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType

from .coordinator import PumpData, TconnectsyncConfigEntry
from .entity import PumpEntity, PumpEntityDescription
from .tandem import meanings
from .tandem.events import AlarmKind
from .therapy.records import BasalSegment

PARALLEL_UPDATES = 0
UNITS = "U"
UNITS_PER_HOUR = "U/h"


@dataclass(frozen=True, kw_only=True)
class PumpSensorDescription(PumpEntityDescription, SensorEntityDescription):
    """One number or word of what the pump told."""

    value_fn: Callable[[PumpData], StateType | datetime]


def _basal_rate(data: PumpData) -> float | None:
    basal = data.state.basal
    if basal is None:
        return None
    return basal.rate if isinstance(basal, BasalSegment) else 0


def _basal_attributes(data: PumpData) -> dict[str, StateType]:
    basal = data.state.basal
    if isinstance(basal, BasalSegment):
        return {
            "source": basal.source.name.lower(),
            "profile_rate": basal.profile_rate,
        }
    return {"source": "suspended"} if basal else {}


def _bolus_amount(data: PumpData) -> float | None:
    bolus = data.state.bolus
    if bolus is None:
        return None
    return bolus.requested if bolus.in_progress else bolus.delivered


def _bolus_attributes(data: PumpData) -> dict[str, StateType]:
    bolus = data.state.bolus
    if bolus is None:
        return {}
    return {
        "kind": bolus.kind,
        "carbs": bolus.carbs,
        "glucose": bolus.glucose,
        "requested": bolus.requested,
        "correction": bolus.correction,
        "food": bolus.food,
        "in_progress": bolus.in_progress,
    }


SENSORS = (
    PumpSensorDescription(
        key="insulin_on_board",
        translation_key="insulin_on_board",
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
        key="last_bolus",
        translation_key="last_bolus",
        native_unit_of_measurement=UNITS,
        suggested_display_precision=2,
        value_fn=_bolus_amount,
        attributes_fn=_bolus_attributes,
    ),
    PumpSensorDescription(
        key="last_bolus_time",
        translation_key="last_bolus_time",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda data: data.state.bolus.start if data.state.bolus else None,
    ),
    PumpSensorDescription(
        key="basal_rate",
        translation_key="basal_rate",
        native_unit_of_measurement=UNITS_PER_HOUR,
        suggested_display_precision=3,
        value_fn=_basal_rate,
        as_of_fn=lambda data: data.state.newest if data.state.basal else None,
        attributes_fn=_basal_attributes,
    ),
    PumpSensorDescription(
        key="last_alarm",
        translation_key="last_alarm",
        device_class=SensorDeviceClass.ENUM,
        options=[*meanings.slugs(AlarmKind.ALARM), meanings.MALFUNCTION_SLUG],
        value_fn=lambda data: data.state.alarm.slug if data.state.alarm else None,
        attributes_fn=lambda data: (
            {"number": data.state.alarm.alarm, "kind": data.state.alarm.kind}
            if data.state.alarm
            else {}
        ),
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TconnectsyncConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of an account."""
    async_add_entities(
        PumpSensor(entry.runtime_data, description) for description in SENSORS
    )


class PumpSensor(PumpEntity, SensorEntity):
    """One number or word of what the pump told."""

    entity_description: PumpSensorDescription

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """Return the value, unknown once it is stale."""
        if self.stale:
            return None
        return self.entity_description.value_fn(self.coordinator.data)
