"""The accounts that a trigger or condition targets by devices, areas, labels or entities."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from custom_components.tconnectsync.const import DOMAIN
from custom_components.tconnectsync.freshness import is_fresh
from custom_components.tconnectsync.loaded_account import LoadedAccount
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.target import (
    TargetSelection,
    async_extract_referenced_entity_ids,
)
from homeassistant.util import dt as dt_util


@dataclass(frozen=True, slots=True)
class TargetedAccount(LoadedAccount):
    """A loaded account at one moment (UTC)."""

    now: datetime

    @property
    def as_of(self) -> datetime | None:
        """UTC instant up to which the log of the pump in use is known."""
        return self.data.state.newest

    @property
    def has_been_polled(self) -> bool:
        """Whether Tandem was polled since the start; until then the stored data may be hours old."""
        coordinator = self.coordinator
        return coordinator.has_read_everything or not coordinator.last_update_success

    def is_fresh(self, as_of: datetime | None, limit: timedelta | None = None) -> bool:
        """Return whether a value of this instant may be taken as current."""
        return is_fresh(self.coordinator, as_of, limit)


@callback
def async_targeted_accounts(
    hass: HomeAssistant, target: TargetSelection, entry_id: str | None = None
) -> Iterator[TargetedAccount]:
    """Yield the loaded accounts that a target selects; with an entry id only that one.

    Any device or entity of an account selects it.
    """
    selected = async_extract_referenced_entity_ids(
        hass, target, expand_group=False, primary_entities_only=False
    )
    registry = er.async_get(hass)
    selected_entries = {
        entity.config_entry_id
        for entity_id in selected.referenced | selected.indirectly_referenced
        if (entity := registry.async_get(entity_id))
    }
    now = dt_util.utcnow()
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        if entry.entry_id in selected_entries and entry_id in (None, entry.entry_id):
            yield TargetedAccount(entry, now)
