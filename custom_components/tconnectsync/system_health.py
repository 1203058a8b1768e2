"""System health: whether the services can be reached, and how recent the data is."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import aiohttp

from homeassistant.components.system_health import (
    SystemHealthRegistration,
    async_check_can_reach_url,
)
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_REGION, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .const import CONF_NIGHTSCOUT_URL, DOMAIN
from .read.pump_data import PumpData
from .runtime import TconnectsyncConfigEntry
from .tandem import regions

TIMEOUT = aiohttp.ClientTimeout(total=5)


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Register the information to show."""
    register.async_register_info(system_health_info)


async def system_health_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return the information to show, without names or addresses of persons."""
    entries = hass.config_entries.async_entries(DOMAIN)
    info: dict[str, Any] = {"accounts": len(entries)}
    for key in sorted({entry.data[CONF_REGION] for entry in entries}):
        if region := regions().get(key):
            reach = async_check_can_reach_url
            info[f"reach_sign_in_{key}"] = reach(hass, region.accounts_base)
            info[f"reach_source_{key}"] = reach(hass, region.source_base)
    if sites := [entry for entry in entries if entry.data.get(CONF_NIGHTSCOUT_URL)]:
        info["reach_nightscout"] = _reach_sites(hass, sites)
    info["newest_event"] = _newest(hass, lambda data: data.state.newest)
    info["newest_upload"] = _newest(hass, lambda data: data.last_upload)
    return info


async def _reach_sites(
    hass: HomeAssistant, entries: list[ConfigEntry]
) -> str | dict[str, str]:
    """Return "ok", or the error of the first site that cannot be reached."""
    for entry in entries:
        session = async_get_clientsession(
            hass, verify_ssl=entry.data.get(CONF_VERIFY_SSL, True)
        )
        try:
            async with session.get(
                entry.data[CONF_NIGHTSCOUT_URL], timeout=TIMEOUT, allow_redirects=False
            ):
                pass
        except TimeoutError:
            return {"type": "failed", "error": "timeout"}
        except aiohttp.ClientError:
            return {"type": "failed", "error": "unreachable"}
    return "ok"


def _newest(
    hass: HomeAssistant, instant_fn: Callable[[PumpData], datetime | None]
) -> datetime | str | None:
    """Return the instant of the only loaded account, or those of all by number, as titles are names of persons."""
    entries: list[TconnectsyncConfigEntry] = hass.config_entries.async_entries(DOMAIN)
    instants = {
        number: instant_fn(entry.runtime_data.coordinator.data)
        for number, entry in enumerate(entries, 1)
        if entry.state is ConfigEntryState.LOADED
    }
    if len(instants) == 1:
        return next(iter(instants.values()))
    return ", ".join(
        f"account {number}: {instant.isoformat(timespec='seconds') if instant else 'none'}"
        for number, instant in instants.items()
    )
