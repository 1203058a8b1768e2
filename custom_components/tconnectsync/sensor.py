"""Sensors: what the pump told, and how old it is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType

from .const import CONF_GLUCOSE_UNIT
from .coordinator import TconnectsyncConfigEntry, TconnectsyncCoordinator
from .entity import NightscoutEntity, PumpEntity
from .sensors import SENSORS
from .sensors.description import PumpSensorDescription
from .sensors.nightscout import (
    BACKFILL_PROGRESS,
    FORWARDING_SENSORS,
    BackfillSensorDescription,
    ForwardingSensorDescription,
)

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TconnectsyncConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of an account."""
    coordinator = entry.runtime_data
    async_add_entities(PumpSensor(coordinator, description) for description in SENSORS)
    if forwarding := coordinator.forwarding:
        async_add_entities(
            [
                *(
                    ForwardingSensor(coordinator, forwarding, description)
                    for description in FORWARDING_SENSORS
                ),
                BackfillProgress(coordinator, forwarding, BACKFILL_PROGRESS),
            ]
        )


class PumpSensor(PumpEntity, SensorEntity):
    """One number or word of what the pump told."""

    entity_description: PumpSensorDescription
    _unrecorded_attributes = frozenset({"note", "schedule"})

    def __init__(
        self, coordinator: TconnectsyncCoordinator, description: PumpSensorDescription
    ) -> None:
        """Suggest the unit the person chose for glucose, once."""
        super().__init__(coordinator, description)
        if description.device_class == SensorDeviceClass.BLOOD_GLUCOSE_CONCENTRATION:
            options = coordinator.config_entry.options
            self._attr_suggested_unit_of_measurement = options.get(CONF_GLUCOSE_UNIT)

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """Return the value, unknown once it is stale."""
        if self.stale:
            return None
        return self.entity_description.value_fn(self.coordinator.data)


class ForwardingSensor(NightscoutEntity, SensorEntity):
    """How forwarding stands."""

    entity_description: ForwardingSensorDescription

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """Return the value."""
        return self.entity_description.value_fn(self.forwarding.status)


class BackfillProgress(NightscoutEntity, SensorEntity):
    """How far a backfill is; unknown before there was one."""

    entity_description: BackfillSensorDescription

    @property
    @override
    def native_value(self) -> StateType:
        """Return the share of the days that are through."""
        return self.entity_description.value_fn(self.coordinator.backfill)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Return how it stands, and what stopped it."""
        backfill = self.coordinator.backfill
        return {"phase": backfill.phase, "trouble": backfill.trouble}
