"""Events: alarms, alerts, CGM alerts and boluses, each fired once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.const import Platform
from homeassistant.core import CoreState, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .coordinator import TconnectsyncCoordinator
from .device import account_id
from .entity import PumpEntity, PumpEntityDescription
from .glucose_unit import details_in_unit
from .occurrences import Occurrence, Occurrences, Topic
from .runtime import TconnectsyncConfigEntry
from .tandem import alarm_names
from .tandem.enums import AlarmKind
from .therapy.records import Alarm, Bolus, BolusKind

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class PumpEventDescription(PumpEntityDescription, EventEntityDescription):
    """The occurrences that an entity fires, with their event types and details."""

    topic: Topic
    type_fn: Callable[[Occurrence], str]
    details_fn: Callable[[Occurrence], Mapping[str, Any]]


def _alarm_type(occurrence: Occurrence) -> str:
    return cast(Alarm, occurrence.record).slug


def _alarm_details(occurrence: Occurrence) -> Mapping[str, Any]:
    alarm = cast(Alarm, occurrence.record)
    return {
        "kind": alarm.kind,
        "number": alarm.number,
        "meaning": alarm.meaning,
        "cleared": alarm.cleared is not None,
    }


def _bolus_type(occurrence: Occurrence) -> str:
    return cast(Bolus, occurrence.record).kind


def _bolus_details(occurrence: Occurrence) -> Mapping[str, Any]:
    bolus = cast(Bolus, occurrence.record)
    return {
        "insulin": bolus.delivered,
        "requested": bolus.requested,
        "carbs": bolus.carbs,
        "glucose": bolus.glucose,
        "in_progress": bolus.in_progress,
    }


EVENTS = (
    PumpEventDescription(
        key="alarm",
        event_types=alarm_names.alarm_slugs(),
        topic=Topic.ALARM,
        type_fn=_alarm_type,
        details_fn=_alarm_details,
    ),
    PumpEventDescription(
        key="alert",
        event_types=alarm_names.slugs(AlarmKind.ALERT),
        topic=Topic.ALERT,
        type_fn=_alarm_type,
        details_fn=_alarm_details,
    ),
    PumpEventDescription(
        key="cgm_alert",
        entity_registry_enabled_default=False,
        event_types=alarm_names.slugs(AlarmKind.CGM_ALERT),
        topic=Topic.CGM_ALERT,
        type_fn=_alarm_type,
        details_fn=_alarm_details,
    ),
    PumpEventDescription(
        key="bolus",
        event_types=list(BolusKind),
        topic=Topic.BOLUS,
        type_fn=_bolus_type,
        details_fn=_bolus_details,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TconnectsyncConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the events of an account."""
    runtime = entry.runtime_data
    async_add_entities(
        PumpEvents(runtime.coordinator, description, runtime.occurrences)
        for description in EVENTS
    )

    @callback
    def pass_over() -> None:
        """Note the occurrences of disabled entities as fired, or enabling one would fire those of a day at once."""
        registry = er.async_get(hass)
        ids = {
            description.topic: registry.async_get_entity_id(
                Platform.EVENT, DOMAIN, f"{account_id(entry)}_{description.key}"
            )
            for description in EVENTS
        }
        passed = [
            occurrence
            for topic, entity_id in ids.items()
            if entity_id and registry.entities[entity_id].disabled
            for occurrence in runtime.occurrences.pending(topic)
        ]
        if passed:
            entry.async_create_task(
                hass,
                runtime.occurrences.mark_fired(*passed),
                "note what was passed over",
            )

    entry.async_on_unload(runtime.coordinator.async_add_listener(pass_over))


class PumpEvents(PumpEntity, EventEntity):
    """Fires the occurrences of a topic as soon as an upload contains them."""

    entity_description: PumpEventDescription

    def __init__(
        self,
        coordinator: TconnectsyncCoordinator,
        description: PumpEventDescription,
        occurrences: Occurrences,
    ) -> None:
        """Take the occurrences of the account."""
        super().__init__(coordinator, description)
        self._occurrences = occurrences

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Fire nothing before automations are set up."""
        if self.hass.state is CoreState.running:
            self._fire_pending()

    @callback
    def _fire_pending(self) -> None:
        """Fire each pending occurrence by a state of its own, then save that they were fired."""
        pending = self._occurrences.pending(self.entity_description.topic)
        for occurrence in pending:
            self._trigger_event(
                self.entity_description.type_fn(occurrence),
                self._attributes(occurrence),
            )
            self.async_write_ha_state()
        if pending:
            self.coordinator.config_entry.async_create_task(
                self.hass, self._occurrences.mark_fired(*pending), "note what was fired"
            )

    def _attributes(self, occurrence: Occurrence) -> dict[str, Any]:
        record = occurrence.record
        late = dt_util.utcnow() - occurrence.age_since
        return {
            "pump_time": record.pump_time.isoformat(),
            "occurred_at": occurrence.happened.isoformat(),
            "sequence": record.key[1],
            "sequence_group": record.key[0],
            "late_seconds": max(0, round(late.total_seconds())),
            **details_in_unit(
                self.entity_description.details_fn(occurrence), self.glucose_unit
            ),
        }
