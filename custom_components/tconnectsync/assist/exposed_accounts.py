"""The accounts that an assistant may answer about, by the entities that the user exposed to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from custom_components.tconnectsync.account_names import numbered
from custom_components.tconnectsync.const import DOMAIN
from custom_components.tconnectsync.device import account_id, async_pump_device
from custom_components.tconnectsync.freshness import is_fresh, stale_reason
from custom_components.tconnectsync.loaded_account import LoadedAccount
from custom_components.tconnectsync.queries.record_json import Json
from custom_components.tconnectsync.runtime import TconnectsyncConfigEntry
from homeassistant.components.homeassistant import async_should_expose
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .times_in_answers import age, local

PLATFORMS = (Platform.SENSOR, Platform.BINARY_SENSOR)
WHY_STALE = {
    "tandem_not_answering": "Tandem Source does not answer",
    "sign_in_refused": "Tandem Source rejects the password, which has to be entered again in Home Assistant",
    "reading_failed": "an error keeps Home Assistant from reading: its repairs or its log say which",
    "clock_wrong": "the pump's clock contradicts its uploads, so nobody knows when anything was",
    "pump_not_uploading": "the phone has not uploaded the pump's log since the last upload",
    "upload_not_shown": "Tandem Source does not show what was uploaded last",
    "upload_without_new_events": "the last upload held nothing new",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposedAccount(LoadedAccount):
    """A loaded account with its exposed entities."""

    name: str
    entities: Mapping[str, str]
    """Entity ids of the exposed sensors and binary sensors, by key."""

    @property
    def known_until(self) -> datetime | None:
        """UTC instant up to which the pump's log is known."""
        return self.data.state.newest

    def exposes(self, keys: Iterable[str]) -> bool:
        """Return whether an entity with one of these keys is exposed."""
        return any(key in self.entities for key in keys)

    def why_stale(self) -> str | None:
        """Return why the state of the pump is not known now, None while its log is recent enough."""
        if is_fresh(self.coordinator, self.known_until):
            return None
        if self.known_until is None:
            return "nothing of the pump's log is known yet"
        return WHY_STALE[stale_reason(self.coordinator)]

    def knowledge(self, now: datetime) -> Json:
        """Return the start of every answer: the account, and how recent its log is."""
        return {
            "account": self.name,
            "asked_at": local(now),
            "log_known_until": local(self.known_until),
            "log_age": age(self.known_until, now),
            "last_upload": local(self.data.last_upload),
            "too_old_for_now_because": self.why_stale(),
        }


@callback
def async_exposed_accounts(
    hass: HomeAssistant, assistant: str
) -> dict[str, ExposedAccount]:
    """Return the loaded accounts with an entity that is exposed to an assistant, by name."""
    accounts: dict[str, ExposedAccount] = {}
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        device = async_pump_device(hass, entry)
        entities = _exposed_entities(hass, entry, assistant)
        if device is None or not entities:
            continue
        device_name = device.name_by_user or device.name or entry.title
        number = 1
        while (name := numbered(device_name, number)) in accounts:
            number += 1
        accounts[name] = ExposedAccount(name=name, entry=entry, entities=entities)
    return accounts


def _exposed_entities(
    hass: HomeAssistant, entry: TconnectsyncConfigEntry, assistant: str
) -> dict[str, str]:
    prefix = f"{account_id(entry)}_"
    return {
        entity.unique_id.removeprefix(prefix): entity.entity_id
        for entity in er.async_entries_for_config_entry(
            er.async_get(hass), entry.entry_id
        )
        if entity.domain in PLATFORMS
        and not entity.disabled
        and async_should_expose(hass, assistant, entity.entity_id)
    }
