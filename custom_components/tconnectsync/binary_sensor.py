"""Binary sensors: what is raised, and what runs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import PumpData, TconnectsyncConfigEntry
from .entity import PumpEntity, PumpEntityDescription
from .therapy.state import ALARMS

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class PumpBinarySensorDescription(PumpEntityDescription, BinarySensorEntityDescription):
    """Whether something is so at the newest pump event."""

    is_on_fn: Callable[[PumpData], bool | None]


BINARY_SENSORS = (
    PumpBinarySensorDescription(
        key="alarm",
        translation_key="alarm",
        device_class=BinarySensorDeviceClass.PROBLEM,
        is_on_fn=lambda data: bool(data.state.raised_of(*ALARMS)),
        as_of_fn=lambda data: data.state.newest,
        attributes_fn=lambda data: {
            "raised": [alarm.slug for alarm in data.state.raised_of(*ALARMS)]
        },
    ),
    PumpBinarySensorDescription(
        key="suspended",
        translation_key="suspended",
        is_on_fn=lambda data: bool(
            data.state.suspension and data.state.suspension.running
        ),
        as_of_fn=lambda data: data.state.newest,
        attributes_fn=lambda data: (
            {
                "reason": data.state.suspension.reason.name.lower(),
                "since": data.state.suspension.start.isoformat(),
            }
            if data.state.suspension
            and data.state.suspension.running
            and data.state.suspension.reason is not None
            else {}
        ),
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TconnectsyncConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the binary sensors of an account."""
    async_add_entities(
        PumpBinarySensor(entry.runtime_data, description)
        for description in BINARY_SENSORS
    )


class PumpBinarySensor(PumpEntity, BinarySensorEntity):
    """Whether something is so; what is raised stays raised, its "off" turns unknown."""

    entity_description: PumpBinarySensorDescription

    @property
    @override
    def is_on(self) -> bool | None:
        """Return on for as long as nothing said otherwise, off only while it is fresh."""
        is_on = self.entity_description.is_on_fn(self.coordinator.data)
        return is_on if is_on or not self.stale else None
