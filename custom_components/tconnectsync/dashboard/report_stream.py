"""A report for a page: first the progress of reading, then the figures."""

import asyncio

from custom_components.tconnectsync.const import LOGGER
from custom_components.tconnectsync.error_texts import translation_key_for
from custom_components.tconnectsync.glucose_unit import glucose_unit
from custom_components.tconnectsync.queries.record_json import Json
from custom_components.tconnectsync.queries.report_json import report_json
from custom_components.tconnectsync.queries.report_query import (
    OnProgress,
    ReportData,
    report_of,
)
from custom_components.tconnectsync.runtime import TconnectsyncConfigEntry
from custom_components.tconnectsync.tandem import TandemError
from homeassistant.components.websocket_api import ActiveConnection, event_message
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.json import json_bytes

NOTHING = "nothing_recorded"
UNLOADED = "unloaded"


async def async_send_report(
    hass: HomeAssistant,
    connection: ActiveConnection,
    message_id: int,
    entry: TconnectsyncConfigEntry,
    *,
    days: int,
) -> None:
    """Send `progress` from 0 to 1 while days are read, then `report`, or `error` with the key of its text."""

    @callback
    def send_progress(share: float) -> None:
        connection.send_event(message_id, {"progress": round(share, 3)})

    try:
        message = await _message(hass, message_id, entry, days, send_progress)
    except TandemError as error:
        connection.send_event(message_id, {"error": translation_key_for(error)})
    except HomeAssistantError as error:
        LOGGER.debug("The report ended with its account: %s", error)
        connection.send_event(message_id, {"error": UNLOADED})
    except asyncio.CancelledError:
        # A page that has left is no longer subscribed; otherwise the account is being unloaded.
        if message_id in connection.subscriptions:
            connection.send_event(message_id, {"error": UNLOADED})
        raise
    except Exception:  # noqa: BLE001 - logged in full, and the page does not wait forever
        LOGGER.exception("Could not send a report because of an unexpected error")
        connection.send_event(message_id, {"error": "other"})
    else:
        connection.send_message(message)


async def _message(
    hass: HomeAssistant,
    message_id: int,
    entry: TconnectsyncConfigEntry,
    days: int,
    on_progress: OnProgress,
) -> bytes:
    runtime = entry.runtime_data
    data = runtime.coordinator.data
    report = await report_of(
        data,
        runtime.reader,
        runtime.store,
        runtime.zone,
        days=days,
        on_progress=on_progress,
    )
    about: Json = {
        "pump": data.pump.model if data.pump else None,
        "glucose_unit": glucose_unit(entry.options),
    }
    return await hass.async_add_executor_job(_encode, message_id, about, report)


def _encode(message_id: int, about: Json, report: ReportData | None) -> bytes:
    event = about | {"report": report_json(report)} if report else {"error": NOTHING}
    return json_bytes(event_message(message_id, event))
