"""tconnectsync: Tandem insulin pumps in Home Assistant and Nightscout."""

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import (
    ConfigEntryError,
    ConfigEntryNotReady,
    HomeAssistantError,
    UnsupportedStorageVersionError,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType

from .const import DOMAIN
from .dashboard.serve_card import async_add_card, async_serve_card
from .dashboard.websocket import async_register_commands
from .device import async_update_nightscout_device, async_update_pump_device
from .flows.flow_token import take_flow_token
from .issues import async_clear_issues
from .live_glucose import async_follow_renames
from .runtime import TconnectsyncConfigEntry, async_build
from .services import async_register_actions
from .storage.account_store import AccountStore, async_remove_store

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)
PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.CALENDAR,
    Platform.EVENT,
    Platform.SENSOR,
]


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Set up the parts that all accounts share."""
    async_register_actions(hass)
    async_register_commands(hass)
    async_follow_renames(hass)
    await async_serve_card(hass)
    return True


async def async_setup_entry(
    hass: HomeAssistant, entry: TconnectsyncConfigEntry
) -> bool:
    """Set up one Tandem account, with its stored data until the first poll."""
    async_add_card(hass)
    store = AccountStore(hass, entry.entry_id)
    try:
        await store.async_load()
    except UnsupportedStorageVersionError as error:
        raise ConfigEntryError(
            translation_domain=DOMAIN, translation_key="kept_by_newer_version"
        ) from error
    except (HomeAssistantError, OSError) as error:
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key="cannot_read_store",
            translation_placeholders={"reason": str(error)},
        ) from error
    entry.async_on_unload(store.async_close)
    runtime = await async_build(
        hass, entry, store, take_flow_token(hass, entry.unique_id)
    )
    coordinator, forwarder = runtime.coordinator, runtime.forwarder
    if await coordinator.async_restore():
        entry.async_create_background_task(
            hass, coordinator.async_refresh(), "first poll"
        )
    else:
        await coordinator.async_config_entry_first_refresh()
    entry.runtime_data = runtime
    async_update_pump_device(hass, entry, coordinator.data.pump)
    async_update_nightscout_device(
        hass, entry, forwarder.address if forwarder else None
    )
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    runtime.follow_ups.async_start()
    return True


async def async_unload_entry(
    hass: HomeAssistant, entry: TconnectsyncConfigEntry
) -> bool:
    """Unload one account."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(
    hass: HomeAssistant, entry: TconnectsyncConfigEntry
) -> None:
    """Remove the stored data of an account, an unused sign-in of its flow, and its repairs."""
    take_flow_token(hass, entry.unique_id)
    async_clear_issues(hass, entry.entry_id)
    await async_remove_store(hass, entry.entry_id)
