"""The visible results of an account."""

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
    """All events of the event entities until the next reset."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Start listening."""
        self._fired: list[tuple[str, Mapping[str, Any]]] = []
        hass.bus.async_listen(EVENT_STATE_CHANGED, self._listen)

    @callback
    def _listen(self, event: Event[EventStateChangedData]) -> None:
        """Record an event of an entity; a state restored after a reload does not count."""
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
        """Return the events of an entity."""
        return [attributes for source, attributes in self._fired if source == entity_id]

    def forget(self) -> None:
        """Forget all events."""
        self._fired.clear()


@dataclass(frozen=True, slots=True)
class Seen:
    """Entities, events, treatments, statistics and repairs."""

    hass: HomeAssistant
    nightscout: SimulatedNightscout
    fired: FiredEvents

    def entity(self, name: str) -> er.RegistryEntry | None:
        """Return the only entity with a case's name `domain.key`."""
        domain, key = name.split(".")
        found = [
            entry
            for entry in er.async_get(self.hass).entities.values()
            if (entry.platform, entry.domain) == (DOMAIN, domain)
            and entry.translation_key == key
        ]
        return found[0] if len(found) == 1 else None

    def treatments(self) -> list[dict[str, Any]]:
        """Return Nightscout's treatments, oldest first."""
        return [dict(one) for one in self.nightscout.documents("treatments")]

    def repairs(self) -> set[str]:
        """Return the keys of the integration's open repairs."""
        return {
            issue.translation_key or issue.issue_id
            for issue in ir.async_get(self.hass).issues.values()
            if issue.domain == DOMAIN and issue.active
        }

    def notifications(self) -> list[str]:
        """Return the notifications shown to the user."""
        return [
            notification["message"]
            for notification in _async_get_or_create_notifications(self.hass).values()
        ]

    async def recorded(self, hours: Hours) -> float | None:
        """Return the sum of the hours, or the mean of their means; None without hours."""
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
        """Return the rows of the hours, in their recorded unit."""
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
    """Return whether an id consists of the account's hash and the name of a series."""
    source, _, name = str(about["statistic_id"]).partition(":")
    return (source, name.partition("_")[2]) == (DOMAIN, series)
