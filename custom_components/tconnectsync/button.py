"""A button that polls Tandem now."""

from dataclasses import dataclass
from typing import override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import PumpEntity, PumpEntityDescription
from .runtime import TconnectsyncConfigEntry

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class PumpButtonDescription(PumpEntityDescription, ButtonEntityDescription):
    """An action of the integration."""


SYNC_NOW = PumpButtonDescription(key="sync_now")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TconnectsyncConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the button of an account."""
    async_add_entities([SyncNow(entry.runtime_data.coordinator, SYNC_NOW)])


class SyncNow(PumpEntity, ButtonEntity):
    """Reads new data at once."""

    entity_description: PumpButtonDescription

    @override
    async def async_press(self) -> None:
        """Poll Tandem now; raise HomeAssistantError if that fails."""
        await self.coordinator.async_sync()
