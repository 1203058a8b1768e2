"""What can be seen of an account from outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
import math
from typing import Any

from custom_components.tconnectsync.const import DOMAIN
from demo.nightscout import SimulatedNightscout
from homeassistant.components.event import ATTR_EVENT_TYPE
from homeassistant.components.persistent_notification import (
    _async_get_or_create_notifications,
)
from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import (
    list_statistic_ids,
    statistics_during_period,
)
from homeassistant.const import EVENT_STATE_CHANGED, STATE_UNAVAILABLE
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er, issue_registry as ir

from .expectation import Hours


class FiredEvents:
    """Everything that the event entities tell, until it is forgotten."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Listen from now on."""
        self._fired: list[tuple[str, Mapping[str, Any]]] = []
        hass.bus.async_listen(EVENT_STATE_CHANGED, self._listen)

    @callback
    def _listen(self, event: Event[EventStateChangedData]) -> None:
        """Note what an event entity tells; what it says when it comes back is no news."""
        old, new = event.data["old_state"], event.data["new_state"]
        if (
            new is None
            or new.domain != "event"
            or ATTR_EVENT_TYPE not in new.attributes
        ):
            return
        if old is None or old.state == STATE_UNAVAILABLE:
            return
        if new.attributes[ATTR_EVENT_TYPE] is not None:
            self._fired.append((new.entity_id, new.attributes))

    def by(self, entity_id: str) -> list[Mapping[str, Any]]:
        """Return what an entity told."""
        return [attributes for source, attributes in self._fired if source == entity_id]

    def forget(self) -> None:
        """Begin anew."""
        self._fired.clear()


@dataclass(frozen=True, slots=True)
class Seen:
    """Entities, events, treatments, statistics and repairs."""

    hass: HomeAssistant
    nightscout: SimulatedNightscout
    fired: FiredEvents

    def entity(self, name: str) -> er.RegistryEntry | None:
        """Return the one entity that a case calls `domain.key`."""
        domain, key = name.split(".")
        found = [
            entry
            for entry in er.async_get(self.hass).entities.values()
            if (entry.platform, entry.domain) == (DOMAIN, domain)
            and entry.translation_key == key
        ]
        return found[0] if len(found) == 1 else None

    def treatments(self) -> list[dict[str, Any]]:
        """Return what Nightscout holds, oldest first."""
        return [dict(one) for one in self.nightscout.documents("treatments")]

    def repairs(self) -> set[str]:
        """Return the keys of the repairs that the integration raises."""
        return {
            issue.translation_key or issue.issue_id
            for issue in ir.async_get(self.hass).issues.values()
            if issue.domain == DOMAIN and issue.active
        }

    def notifications(self) -> list[str]:
        """Return the notifications that are shown to the person."""
        return [
            notification["message"]
            for notification in _async_get_or_create_notifications(self.hass).values()
        ]

    async def recorded(self, hours: Hours) -> float | None:
        """Return what the hours add up to, or the mean of their means; None where nothing is."""
        recorder = get_instance(self.hass)
        await recorder.async_block_till_done()
        series = await recorder.async_add_executor_job(list_statistic_ids, self.hass)
        about = [one for one in series if _is_series(one, hours.series)]
        if len(about) != 1:
            return None
        rows = await recorder.async_add_executor_job(self._rows, about[0], hours)
        if about[0]["has_sum"]:
            return math.fsum(row["change"] for row in rows)
        means: list[float] = [row["mean"] for row in rows if row["mean"] is not None]
        return sum(means) / len(means) if means else None

    def _rows(self, about: Mapping[str, Any], hours: Hours) -> list[Mapping[str, Any]]:
        """Return the rows of the hours, in the unit that they were recorded in."""
        key = about["statistic_id"]
        rows = statistics_during_period(
            self.hass,
            hours.start.astimezone(UTC),
            hours.end.astimezone(UTC),
            {key},
            "hour",
            None,
            {"mean", "change"},
        )
        return [dict(row) for row in rows.get(key, ())]


def _is_series(about: Mapping[str, Any], series: str) -> bool:
    """Tell whether an id is made of the account's hash and the name of a series."""
    source, _, name = str(about["statistic_id"]).partition(":")
    return (source, name.partition("_")[2]) == (DOMAIN, series)
