"""The websocket commands of the card: history and its changes, figures, reports, accounts."""

from functools import partial
from typing import Any

import voluptuous as vol

from custom_components.tconnectsync.const import DOMAIN
from custom_components.tconnectsync.date_validators import point_in_time
from custom_components.tconnectsync.queries.record_json import KINDS
from custom_components.tconnectsync.queries.report_query import DAYS
from custom_components.tconnectsync.queries.span_figures import span_figures
from custom_components.tconnectsync.runtime import TconnectsyncConfigEntry
from custom_components.tconnectsync.user_permission import async_require_read
from homeassistant.components import websocket_api
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import (
    config_validation as cv,
    device_registry as dr,
    entity_registry as er,
)
from homeassistant.helpers.typing import VolDictType
from homeassistant.util import dt as dt_util

from .account_list import async_accounts
from .report_stream import async_send_report
from .subscription import CardRequest, Subscription


@callback
def async_register_commands(hass: HomeAssistant) -> None:
    """Register the commands, once for all accounts."""
    websocket_api.async_register_command(hass, subscribe_history)
    websocket_api.async_register_command(hass, get_span_figures)
    websocket_api.async_register_command(hass, subscribe_report)
    websocket_api.async_register_command(hass, list_accounts)


ACCOUNT: VolDictType = {
    vol.Exclusive("config_entry_id", "account"): str,
    vol.Exclusive("device_id", "account"): str,
    vol.Exclusive("entity_id", "account"): str,
}
"""The ways to name an account; the only one need not be named."""


@websocket_api.websocket_command(
    {
        vol.Required("type"): f"{DOMAIN}/subscribe_history",
        **ACCOUNT,
        vol.Required("start"): point_in_time,
        vol.Optional("end"): point_in_time,
        vol.Optional("kinds", default=list(KINDS)): [vol.In(KINDS)],
        vol.Optional("columns", default=False): bool,
    }
)
@callback
def subscribe_history(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Send the history of an account's pump in a span, and again whenever it changes."""
    entry = _chosen_account(hass, msg)
    async_require_read(hass, connection.user, entry.entry_id)
    request = CardRequest(
        start=dt_util.as_utc(msg["start"]),
        end=dt_util.as_utc(msg["end"]) if "end" in msg else None,
        kinds=frozenset(msg["kinds"]),
        columns=msg["columns"],
    )
    subscription = Subscription(hass, connection, msg["id"], entry, request)
    connection.send_result(msg["id"])
    connection.subscriptions[msg["id"]] = subscription.end
    subscription.begin()


@websocket_api.websocket_command(
    {
        vol.Required("type"): f"{DOMAIN}/report",
        **ACCOUNT,
        vol.Optional("days", default=DAYS[0]): vol.In(DAYS),
    }
)
@callback
def subscribe_report(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Send the progress of reading a report, and then the report."""
    entry = _loaded_account(hass, connection, msg)
    connection.send_result(msg["id"])
    task = entry.async_create_background_task(
        hass,
        async_send_report(hass, connection, msg["id"], entry, days=msg["days"]),
        "send a report",
    )
    connection.subscriptions[msg["id"]] = task.cancel


@websocket_api.websocket_command(
    {
        vol.Required("type"): f"{DOMAIN}/span_figures",
        **ACCOUNT,
        vol.Required("start"): point_in_time,
        vol.Required("end"): point_in_time,
        vol.Optional("low_mg_dl"): cv.positive_float,
        vol.Optional("high_mg_dl"): cv.positive_float,
    }
)
@websocket_api.async_response
async def get_span_figures(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Return the figures of a span of an account's pump."""
    entry = _loaded_account(hass, connection, msg)
    figures = await hass.async_add_executor_job(
        partial(
            span_figures,
            entry.runtime_data.coordinator.data,
            dt_util.as_utc(msg["start"]),
            dt_util.as_utc(msg["end"]),
            low=msg.get("low_mg_dl"),
            high=msg.get("high_mg_dl"),
        )
    )
    connection.send_result(msg["id"], figures)


@websocket_api.websocket_command({vol.Required("type"): f"{DOMAIN}/accounts"})
@callback
def list_accounts(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Return the accounts that the user may read."""
    connection.send_result(msg["id"], async_accounts(hass, connection.user))


def _loaded_account(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> TconnectsyncConfigEntry:
    """Return the named account; raise ServiceValidationError if it is not loaded, Unauthorized if the user may not read it."""
    entry = _readable_account(hass, connection, msg)
    if entry.state is not ConfigEntryState.LOADED:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="unloaded"
        )
    return entry


def _readable_account(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> TconnectsyncConfigEntry:
    """Return the named account; raise Unauthorized if the user may not read it."""
    entry = _chosen_account(hass, msg)
    async_require_read(hass, connection.user, entry.entry_id)
    return entry


def _chosen_account(
    hass: HomeAssistant, msg: dict[str, Any]
) -> TconnectsyncConfigEntry:
    """Return the account named by its entry, a device or an entity, or the only one; raise ServiceValidationError without one."""
    entries = hass.config_entries.async_entries(DOMAIN)
    if "config_entry_id" in msg:
        entry_id = msg["config_entry_id"]
    elif "device_id" in msg:
        device = dr.async_get(hass).async_get(msg["device_id"])
        entry_id = device.config_entry_id if device else None
    elif "entity_id" in msg:
        entity = er.async_get(hass).async_get(msg["entity_id"])
        entry_id = entity.config_entry_id if entity else None
    elif len(entries) > 1:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="account_not_chosen"
        )
    else:
        entry_id = entries[0].entry_id if entries else None
    for entry in entries:
        if entry.entry_id == entry_id:
            return entry
    raise ServiceValidationError(
        translation_domain=DOMAIN, translation_key="account_not_found"
    )
