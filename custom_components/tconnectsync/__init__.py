"""tconnectsync: Tandem insulin pumps in Home Assistant and Nightscout."""

from zoneinfo import ZoneInfo

import aiohttp

from homeassistant.const import CONF_EMAIL, CONF_PASSWORD, CONF_REGION, Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.aiohttp_client import async_create_clientsession
from homeassistant.helpers.typing import ConfigType
from homeassistant.util import dt as dt_util

from .const import (
    AUTOMATIC_PUMP,
    CONF_FIRST_DAYS,
    CONF_PUMP,
    CONF_PUMP_TIME_ZONE,
    DEFAULT_FIRST_DAYS,
    DOMAIN,
)
from .coordinator import TconnectsyncConfigEntry, TconnectsyncCoordinator
from .dashboard.serve_card import async_add_card, async_remove_card, async_serve_card
from .dashboard.websocket import async_register_commands
from .device import async_update_nightscout_device, async_update_pump_device
from .flows.flow_token import take_flow_token
from .forward.forwarder import async_create_forwarder
from .issues import async_clear_issues
from .read.account_reader import AccountReader
from .services import async_register_actions
from .storage.account_store import AccountStore, async_remove_store
from .tandem import TandemAuth, TandemClient, Token, regions

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)
PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.SENSOR,
]


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Set up what all accounts share."""
    async_register_actions(hass)
    async_register_commands(hass)
    await async_serve_card(hass)
    return True


async def async_setup_entry(
    hass: HomeAssistant, entry: TconnectsyncConfigEntry
) -> bool:
    """Set up one Tandem account, at once with what was kept of it."""
    async_add_card(hass)
    store = AccountStore(hass, entry.entry_id)
    await store.async_load()
    entry.async_on_unload(store.async_close)
    pinned = entry.options.get(CONF_PUMP, AUTOMATIC_PUMP)
    reader = AccountReader(
        _tandem_client(hass, entry, store),
        store,
        None if pinned == AUTOMATIC_PUMP else pinned,
        entry.data.get(CONF_FIRST_DAYS, DEFAULT_FIRST_DAYS),
    )
    zone = await _pump_time_zone(hass, entry)
    forwarding = await async_create_forwarder(hass, entry, store, zone)
    coordinator = TconnectsyncCoordinator(
        hass, entry, reader=reader, store=store, zone=zone, forwarding=forwarding
    )
    if await coordinator.async_restore():
        entry.async_create_background_task(
            hass, coordinator.async_refresh(), "first poll"
        )
    else:
        await coordinator.async_config_entry_first_refresh()
    entry.runtime_data = coordinator
    async_update_pump_device(coordinator)
    async_update_nightscout_device(coordinator)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    coordinator.async_start()
    return True


async def async_unload_entry(
    hass: HomeAssistant, entry: TconnectsyncConfigEntry
) -> bool:
    """Unload one account."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(
    hass: HomeAssistant, entry: TconnectsyncConfigEntry
) -> None:
    """Remove what was kept of an account and what is told of it."""
    async_clear_issues(hass, entry.entry_id)
    await async_remove_store(hass, entry.entry_id)
    if not hass.config_entries.async_entries(DOMAIN):
        async_remove_card(hass)


async def _pump_time_zone(
    hass: HomeAssistant, entry: TconnectsyncConfigEntry
) -> ZoneInfo:
    zone = await dt_util.async_get_time_zone(
        entry.options.get(CONF_PUMP_TIME_ZONE, hass.config.time_zone)
    )
    if zone is None:
        raise ConfigEntryError(
            translation_domain=DOMAIN, translation_key="time_zone_unknown"
        )
    return zone


def _tandem_client(
    hass: HomeAssistant, entry: TconnectsyncConfigEntry, store: AccountStore
) -> TandemClient:
    """Sign in with cookies of its own and keep the token across restarts."""
    region = regions().get(entry.data[CONF_REGION])
    if region is None:
        raise ConfigEntryError(
            translation_domain=DOMAIN, translation_key="region_unknown"
        )
    session = async_create_clientsession(hass, cookie_jar=aiohttp.CookieJar())

    async def keep(token: Token) -> None:
        store.notes["token"] = token.as_dict()
        await store.async_save_notes()

    auth = TandemAuth(
        session,
        region,
        entry.data[CONF_EMAIL],
        entry.data[CONF_PASSWORD],
        token=take_flow_token(hass, entry.unique_id)
        or Token.from_dict(store.notes.get("token")),
        on_token=keep,
    )
    return TandemClient(session, auth)
