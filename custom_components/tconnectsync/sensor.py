"""Sensors: what the pump told, and how old it is."""

from datetime import datetime
from typing import override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType

from .const import CONF_GLUCOSE_UNIT
from .coordinator import TconnectsyncConfigEntry, TconnectsyncCoordinator
from .entity import PumpEntity
from .sensors import SENSORS
from .sensors.description import PumpSensorDescription

PARALLEL_UPDATES = 0


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
