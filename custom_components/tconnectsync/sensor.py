"""Sensors of the pump and of forwarding to Nightscout."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from itertools import batched
from typing import Any, override

from homeassistant.components.sensor import (
    ATTR_STATE_CLASS,
    SensorDeviceClass,
    SensorEntity,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType

from .coordinator import TconnectsyncCoordinator
from .entity import NightscoutEntity, PumpEntity
from .forward.backfill import Backfill
from .forward.forwarder import Forwarder
from .glucose_unit import (
    MG_DL,
    MG_DL_PER_MINUTE,
    MMOL_L,
    MMOL_L_PER_MINUTE,
    glucose_unit,
    rate_in_unit,
)
from .runtime import TconnectsyncConfigEntry
from .sensors import SENSORS
from .sensors.description import PumpSensorDescription
from .sensors.nightscout import (
    BACKFILL_PROGRESS,
    FORWARDING_SENSORS,
    BackfillSensorDescription,
    ForwardingSensorDescription,
)

PARALLEL_UPDATES = 0
ADDED_AT_ONCE = 12
"""Home Assistant adds entities without a pause: adding all at once blocked the event loop for 14 ms or more."""
NOT_IN_ACTIVITY = {ATTR_STATE_CLASS: None}
"""An attribute that keeps timestamps, which change with every upload, out of the activity view."""
SUGGESTED_UNIT = ("sensor.private", "suggested_unit_of_measurement")
"""The option in which Home Assistant stores a sensor's first unit; a unit set by the user overrides it."""


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TconnectsyncConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of an account."""
    _async_follow_glucose_unit(hass, entry)
    runtime = entry.runtime_data
    coordinator = runtime.coordinator
    missing = list(SENSORS)

    @callback
    def new_sensors() -> list[PumpSensor]:
        """Return the sensors that the pump in use can have by now and that were not added yet."""
        possible = [
            description
            for description in missing
            if description.has_fn(coordinator.data)
        ]
        for description in possible:
            missing.remove(description)
        return [PumpSensor(coordinator, description) for description in possible]

    @callback
    def add_new() -> None:
        if sensors := new_sensors():
            async_add_entities(sensors)

    entry.async_on_unload(coordinator.async_add_listener(add_new))
    for sensors in batched(new_sensors(), ADDED_AT_ONCE, strict=False):
        await asyncio.sleep(0)
        async_add_entities(sensors)
    if forwarder := runtime.forwarder:
        async_add_entities(
            [
                *(
                    ForwardingSensor(coordinator, forwarder, description)
                    for description in FORWARDING_SENSORS
                ),
                BackfillProgress(
                    coordinator, forwarder, BACKFILL_PROGRESS, runtime.backfill
                ),
            ]
        )


@callback
def _async_follow_glucose_unit(
    hass: HomeAssistant, entry: TconnectsyncConfigEntry
) -> None:
    """Show glucose in the unit from the options, except on entities where the user set another one."""
    unit = glucose_unit(entry.options)
    registry = er.async_get(hass)
    domain, key = SUGGESTED_UNIT
    for entity in er.async_entries_for_config_entry(registry, entry.entry_id):
        if (
            entity.original_device_class
            != SensorDeviceClass.BLOOD_GLUCOSE_CONCENTRATION
        ):
            continue
        options: Mapping[str, Any] = entity.options.get(domain, {})
        if options.get(key) != unit:
            registry.async_update_entity_options(
                entity.entity_id, domain, {**options, key: unit}
            )


class PumpSensor(PumpEntity, SensorEntity):
    """A value that the pump reported."""

    entity_description: PumpSensorDescription
    _unrecorded_attributes = frozenset({"note", "schedule"})

    def __init__(
        self, coordinator: TconnectsyncCoordinator, description: PumpSensorDescription
    ) -> None:
        """Show glucose and its rate of change in the unit from the options."""
        super().__init__(coordinator, description)
        unit = glucose_unit(coordinator.config_entry.options)
        self._rate_unit = MG_DL
        if description.device_class == SensorDeviceClass.BLOOD_GLUCOSE_CONCENTRATION:
            self._attr_suggested_unit_of_measurement = unit
        elif (
            unit == MMOL_L
            and description.native_unit_of_measurement == MG_DL_PER_MINUTE
        ):
            self._rate_unit = MMOL_L
            self._attr_native_unit_of_measurement = MMOL_L_PER_MINUTE
            self._attr_suggested_display_precision = 2

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """Return the value, None once it is stale."""
        value = self.unless_stale(self.entity_description.value_fn)
        if self._rate_unit != MG_DL and isinstance(value, int | float):
            return rate_in_unit(value, self._rate_unit)
        return value

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """Return the details; keep timestamps out of the activity view."""
        details = super().extra_state_attributes
        if self.device_class is not SensorDeviceClass.TIMESTAMP:
            return details
        return {**(details or {}), **NOT_IN_ACTIVITY}


class ForwardingSensor(NightscoutEntity, SensorEntity):
    """A value of the state of forwarding."""

    entity_description: ForwardingSensorDescription

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """Return the value."""
        return self.entity_description.value_fn(self.forwarder.status)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """Keep timestamps out of the activity view."""
        is_instant = self.device_class is SensorDeviceClass.TIMESTAMP
        return NOT_IN_ACTIVITY if is_instant else None


class BackfillProgress(NightscoutEntity, SensorEntity):
    """The progress of a backfill; unknown before the first one."""

    entity_description: BackfillSensorDescription

    def __init__(
        self,
        coordinator: TconnectsyncCoordinator,
        forwarder: Forwarder,
        description: BackfillSensorDescription,
        backfill: Backfill,
    ) -> None:
        """Take the backfill of the account."""
        super().__init__(coordinator, forwarder, description)
        self._backfill = backfill

    @property
    @override
    def native_value(self) -> StateType:
        """Return the share of days that are done (percent)."""
        return self.entity_description.value_fn(self._backfill)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Return the phase, and the error that ended it."""
        return {"phase": self._backfill.phase, "error": self._backfill.error}
