"""The websocket command behind the card: what happened, at the time it happened, then what is new."""

from typing import Any

import voluptuous as vol

from custom_components.tconnectsync.access import async_require_read
from custom_components.tconnectsync.const import DOMAIN
from custom_components.tconnectsync.runtime import TconnectsyncConfigEntry
from homeassistant.components import websocket_api
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import (
    config_validation as cv,
    device_registry as dr,
    entity_registry as er,
)
from homeassistant.util import dt as dt_util

from .history_json import KINDS
from .subscription import Span, Subscription


@callback
def async_register_commands(hass: HomeAssistant) -> None:
    """Register the command, once for all accounts."""
    websocket_api.async_register_command(hass, subscribe_history)


@websocket_api.websocket_command(
    {
        vol.Required("type"): f"{DOMAIN}/subscribe_history",
        vol.Exclusive("config_entry_id", "account"): str,
        vol.Exclusive("device_id", "account"): str,
        vol.Exclusive("entity_id", "account"): str,
        vol.Required("start"): cv.datetime,
        vol.Optional("end"): cv.datetime,
        vol.Optional("kinds", default=list(KINDS)): [vol.In(KINDS)],
    }
)
@callback
def subscribe_history(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Tell what happened to an account's pump in a span, and again whenever that changes."""
    entry = _chosen_account(hass, msg)
    async_require_read(hass, connection.user, entry.entry_id)
    span = Span(
        start=dt_util.as_utc(msg["start"]),
        end=dt_util.as_utc(msg["end"]) if "end" in msg else None,
        kinds=frozenset(msg["kinds"]),
    )
    subscription = Subscription(hass, connection, msg["id"], entry, span)
    connection.send_result(msg["id"])
    connection.subscriptions[msg["id"]] = subscription.end
    subscription.begin()


def _chosen_account(
    hass: HomeAssistant, named: dict[str, Any]
) -> TconnectsyncConfigEntry:
    """Return the account that is named by its entry, a device or an entity, or the only one."""
    entries = hass.config_entries.async_entries(DOMAIN)
    if "config_entry_id" in named:
        chosen = named["config_entry_id"]
    elif "device_id" in named:
        device = dr.async_get(hass).async_get(named["device_id"])
        chosen = device.config_entry_id if device else None
    elif "entity_id" in named:
        entity = er.async_get(hass).async_get(named["entity_id"])
        chosen = entity.config_entry_id if entity else None
    elif len(entries) > 1:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="account_not_chosen"
        )
    else:
        chosen = entries[0].entry_id if entries else None
    for entry in entries:
        if entry.entry_id == chosen:
            return entry
    raise ServiceValidationError(
        translation_domain=DOMAIN, translation_key="account_not_found"
    )
