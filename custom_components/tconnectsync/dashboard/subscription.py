"""The subscription of a card to the data of an account."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from custom_components.tconnectsync.background_job import BackgroundJob
from custom_components.tconnectsync.const import CONF_LIVE_GLUCOSE
from custom_components.tconnectsync.device import async_pump_device
from custom_components.tconnectsync.freshness import stale_after
from custom_components.tconnectsync.glucose_unit import glucose_unit
from custom_components.tconnectsync.instants import MINUTE, ONE_DAY, iso
from custom_components.tconnectsync.queries.history_json import histories_json
from custom_components.tconnectsync.queries.record_json import (
    Json,
    alarm_json,
    basal_json,
    glucose_json,
    insulin_on_board_json,
    suspension_json,
)
from custom_components.tconnectsync.read.pump_data import PumpData
from custom_components.tconnectsync.runtime import TconnectsyncConfigEntry
from custom_components.tconnectsync.tandem.enums import ALARM_KINDS
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.records import BasalSegment
from custom_components.tconnectsync.therapy.state import PumpState
from homeassistant.components.websocket_api import ActiveConnection, event_message
from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.json import json_bytes
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .compact_readings import in_columns
from .curve_json import curve_json, estimate_json
from .serve_card import CARD

type Published = DataUpdateCoordinator[PumpData]
"""The coordinator of a loaded account."""

TRANSITIONAL_STATES = (
    ConfigEntryState.SETUP_IN_PROGRESS,
    ConfigEntryState.UNLOAD_IN_PROGRESS,
)
REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRequest:
    """The span (UTC, without an end up to the newest record) and the kinds of records to send."""

    start: datetime
    end: datetime | None
    kinds: frozenset[str]
    columns: bool = False
    """Whether glucose is sent in columns, which is far smaller."""


class Subscription:
    """Sends the published data of an account to one card, across reloads and failures of the account."""

    def __init__(
        self,
        hass: HomeAssistant,
        connection: ActiveConnection,
        message_id: int,
        entry: TconnectsyncConfigEntry,
        request: CardRequest,
    ) -> None:
        """Take the connection and the id of the message to answer, and the requested data."""
        self._hass = hass
        self._connection = connection
        self._id = message_id
        self._entry = entry
        self._request = request
        self._published: Published | None = None
        self._stop: list[Callable[[], None]] = []
        self._leave: Callable[[], None] | None = None
        self._sent: Json = {}
        self._histories: list[History] = []
        self._complete_after: date | None = None
        self._send = BackgroundJob(hass, entry, "update a card", self._async_send)

    @callback
    def begin(self) -> None:
        """Send the current data, and from then on every change."""
        self._stop.append(
            async_dispatcher_connect(
                self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._entry_changed
            )
        )
        self._entry_changed(ConfigEntryChange.UPDATED, self._entry)

    @callback
    def end(self) -> None:
        """Stop sending."""
        while self._stop:
            self._stop.pop()()
        self._follow(None)

    @callback
    def _entry_changed(
        self, change: ConfigEntryChange, entry: TconnectsyncConfigEntry
    ) -> None:
        if entry.entry_id != self._entry.entry_id or entry.state in TRANSITIONAL_STATES:
            return
        if change is ConfigEntryChange.REMOVED:
            self._send_missing(REMOVED)
        elif entry.state is not ConfigEntryState.LOADED:
            self._send_missing(entry.state.value)
        elif (published := entry.runtime_data.coordinator) is not self._published:
            self._follow(published)

    @callback
    def _follow(self, published: Published | None) -> None:
        """Listen to this coordinator, or to none, instead of the previous one."""
        if self._leave:
            self._leave()
        self._published = published
        self._leave, self._histories = None, []
        if published:
            self._leave = published.async_add_listener(self._send.request)
            self._send.request()

    @callback
    def _send_missing(self, state: str) -> None:
        """Send that the account is not loaded, and why."""
        self._follow(None)
        about = {"state": state, "error": self._entry.error_reason_translation_key}
        if about != self._sent:
            self._sent = about
            self._connection.send_event(self._id, {"now": _now(), **about})

    async def _async_send(self) -> None:
        """Send data that was not sent yet, records only if they may have changed."""
        if (published := self._published) is None:
            return
        about = about_account(self._hass, self._entry, published)
        data = published.data
        histories, complete_after = (
            [data.history, *data.histories.values()],
            data.complete_after,
        )
        records_changed = complete_after != self._complete_after or [
            *map(id, histories)
        ] != [*map(id, self._histories)]
        if not records_changed and about == self._sent:
            return
        message = await self._hass.async_add_executor_job(
            self._message, about, data if records_changed else None
        )
        if published is self._published:
            self._sent, self._histories, self._complete_after = (
                about,
                histories,
                complete_after,
            )
            self._connection.send_message(message)

    def _message(self, about: Json, data: PumpData | None) -> bytes:
        """Return the message to send; its records are those of `data`, if given."""
        event = {"now": _now(), **about}
        if data:
            request = self._request
            start, end, kinds = request.start, request.end, request.kinds
            event["records"] = histories_json(
                data.history,
                data.histories,
                start,
                end,
                complete_after=data.complete_after,
                kinds=kinds,
            )
            if "insulin_on_board" in kinds:
                event["records"]["insulin_on_board_curve"] = curve_json(
                    data, start, end
                )
            if request.columns and "glucose" in kinds:
                event["records"]["glucose"] = in_columns(event["records"]["glucose"])
        return json_bytes(event_message(self._id, event))


def about_account(
    hass: HomeAssistant, entry: ConfigEntry, published: Published
) -> Json:
    """Return the state of an account without its records; the card judges by age whether it is current."""
    data = published.data
    device = async_pump_device(hass, entry)
    low, high = data.glucose_limits
    complete_after = data.complete_after
    return {
        "state": ConfigEntryState.LOADED,
        "card": hass.data[CARD],
        "error": _error(published),
        "device_id": device.id if device else None,
        "pump": data.pump.model if data.pump else None,
        "first_day": (complete_after + ONE_DAY).isoformat()
        if complete_after < date.max
        else None,
        "newest": iso(data.state.newest),
        "last_upload": iso(data.last_upload),
        "clock_doubtful": data.history.clock_doubtful,
        "stale_after_minutes": stale_after(entry.options) // MINUTE,
        "glucose_unit": glucose_unit(entry.options),
        "live_glucose": entry.options.get(CONF_LIVE_GLUCOSE),
        "low_mg_dl": low,
        "high_mg_dl": high,
        **_current(data.state),
        "insulin_on_board_estimate": estimate_json(data),
    }


def _current(state: PumpState) -> Json:
    """Return the values at the newest event, each with its own instant."""
    on_board, suspended = state.insulin_on_board, state.running_suspension
    running = None if suspended else state.basal
    return {
        "glucose": glucose_json(state.reading) if state.reading else None,
        "insulin_on_board": insulin_on_board_json(on_board) if on_board else None,
        "basal": basal_json(running) if isinstance(running, BasalSegment) else None,
        "suspension": suspension_json(suspended) if suspended else None,
        "raised": [
            {**alarm_json(raised), "time": iso(since)}
            for raised, since in state.raised_with_since(*ALARM_KINDS)
        ],
    }


def _error(published: Published) -> str | None:
    """Return the translation key of the error of the last poll, if it failed."""
    error = published.last_exception
    if published.last_update_success or not isinstance(error, HomeAssistantError):
        return None
    return error.translation_key


def _now() -> str:
    return dt_util.utcnow().isoformat()
