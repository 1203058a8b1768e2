"""The accounts that a trigger or a condition is about, by the devices, areas, labels or entities it names."""

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
    """What is known of a loaded account at one moment."""

    now: datetime

    @property
    def as_of(self) -> datetime | None:
        """UTC instant up to which the log of the pump in use is known."""
        return self.data.state.newest

    @property
    def has_been_polled(self) -> bool:
        """Whether Tandem was asked since the start: what was kept may be hours old before."""
        coordinator = self.coordinator
        return coordinator.has_read_everything or not coordinator.last_update_success

    def is_fresh(self, as_of: datetime | None, limit: timedelta | None = None) -> bool:
        """Return whether what held at an instant may be taken for present."""
        return is_fresh(self.coordinator, as_of, limit)


@callback
def async_targeted_accounts(
    hass: HomeAssistant, target: TargetSelection, only: str | None = None
) -> Iterator[TargetedAccount]:
    """Yield the loaded accounts that are meant, of all or of one entry.

    Any device or entity of an account stands for it.
    """
    selected = async_extract_referenced_entity_ids(
        hass, target, expand_group=False, primary_entities_only=False
    )
    entities = er.async_get(hass)
    meant = {
        entity.config_entry_id
        for entity_id in selected.referenced | selected.indirectly_referenced
        if (entity := entities.async_get(entity_id))
    }
    now = dt_util.utcnow()
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        if entry.entry_id in meant and only in (None, entry.entry_id):
            yield TargetedAccount(entry, now)
