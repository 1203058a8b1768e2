"""The list of accounts, for pages that show all of them."""

from custom_components.tconnectsync.const import CONF_LIVE_GLUCOSE, DOMAIN
from custom_components.tconnectsync.device import async_pump_device
from custom_components.tconnectsync.freshness import stale_after
from custom_components.tconnectsync.glucose_limits import glucose_limits
from custom_components.tconnectsync.instants import MINUTE
from custom_components.tconnectsync.queries.record_json import Json
from custom_components.tconnectsync.runtime import TconnectsyncConfigEntry
from custom_components.tconnectsync.statistics_import import statistics_prefix
from custom_components.tconnectsync.user_permission import async_require_read
from homeassistant.auth.models import User
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import Unauthorized
from homeassistant.util import dt as dt_util


@callback
def async_accounts(hass: HomeAssistant, user: User) -> list[Json]:
    """Return the accounts that have a device and that a user may read, in the order of being added."""
    return [
        account
        for entry in hass.config_entries.async_entries(DOMAIN)
        if _may_read(hass, user, entry) and (account := _account(hass, entry))
    ]


def _may_read(hass: HomeAssistant, user: User, entry: TconnectsyncConfigEntry) -> bool:
    try:
        async_require_read(hass, user, entry.entry_id)
    except Unauthorized:
        return False
    return True


def _account(hass: HomeAssistant, entry: TconnectsyncConfigEntry) -> Json | None:
    """Return the details of an account that pages need, None before it has a device."""
    device = async_pump_device(hass, entry)
    if device is None:
        return None
    loaded = entry.state is ConfigEntryState.LOADED
    pumper = entry.runtime_data.coordinator.data.pumper if loaded else None
    low, high = glucose_limits(entry.options, pumper)
    return {
        "config_entry_id": entry.entry_id,
        "device_id": device.id,
        "name": device.name_by_user or device.name,
        "statistics": f"{DOMAIN}:{statistics_prefix(str(entry.unique_id))}",
        "live_glucose": entry.options.get(CONF_LIVE_GLUCOSE),
        "now": dt_util.utcnow().isoformat(),
        "stale_after_minutes": stale_after(entry.options) // MINUTE,
        "low_mg_dl": low,
        "high_mg_dl": high,
    }
