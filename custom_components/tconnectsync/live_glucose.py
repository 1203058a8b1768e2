"""Renames of the sensor of live glucose, which the options name by its entity id."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .const import CONF_LIVE_GLUCOSE, DOMAIN
from .runtime import TconnectsyncConfigEntry


@callback
def async_follow_renames(hass: HomeAssistant) -> None:
    """Update the options of all accounts when a sensor that they name is renamed."""

    @callback
    def rename(event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        changed = event.data
        if changed["action"] != "update" or "old_entity_id" not in changed:
            return
        old, new = changed["old_entity_id"], changed["entity_id"]
        entries: list[TconnectsyncConfigEntry] = hass.config_entries.async_entries(
            DOMAIN
        )
        for entry in entries:
            if entry.options.get(CONF_LIVE_GLUCOSE) == old:
                options = entry.options | {CONF_LIVE_GLUCOSE: new}
                hass.config_entries.async_update_entry(entry, options=options)
                if entry.state is ConfigEntryState.LOADED:
                    entry.runtime_data.coordinator.async_update_listeners()

    hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, rename)
