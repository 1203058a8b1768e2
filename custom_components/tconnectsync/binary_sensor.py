"""Binary sensors: what is raised, what runs, and whether the data is stale."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .entity import (
    NightscoutEntity,
    NightscoutEntityDescription,
    PumpEntity,
    PumpEntityDescription,
    newest_event,
)
from .freshness import stale_reason
from .instants import iso
from .read.pump_data import PumpData
from .runtime import TconnectsyncConfigEntry
from .tandem.enums import ALARM_KINDS, AlarmKind, ControlMode
from .therapy.records import BasalGap

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class PumpBinarySensorDescription(PumpEntityDescription, BinarySensorEntityDescription):
    """Whether something is so at the newest pump event."""

    is_on_fn: Callable[[PumpData], bool | None]


@dataclass(frozen=True, kw_only=True)
class DataStaleDescription(PumpEntityDescription, BinarySensorEntityDescription):
    """Whether the data is stale, which only the entity knows."""


@dataclass(frozen=True, kw_only=True)
class ConnectedDescription(NightscoutEntityDescription, BinarySensorEntityDescription):
    """Whether Nightscout takes what is pending."""


def _raised(key: str, *kinds: AlarmKind) -> PumpBinarySensorDescription:
    """Describe what stays on until something clears it, however old that is."""

    def attributes(data: PumpData) -> dict[str, Any]:
        raised = data.state.raised_with_since(*kinds)
        return {
            "raised": [alarm.slug for alarm, _ in raised],
            "since": iso(min((since for _, since in raised), default=None)),
        }

    return PumpBinarySensorDescription(
        key=key,
        device_class=BinarySensorDeviceClass.PROBLEM,
        is_on_fn=lambda data: data.state.is_raised(*kinds),
        as_of_fn=newest_event,
        never_stale_fn=lambda data: bool(data.state.raised_of(*kinds)),
        attributes_fn=attributes,
    )


def _suspension_attributes(data: PumpData) -> dict[str, Any]:
    if suspension := data.state.running_suspension:
        return {"reason": suspension.reason, "since": iso(suspension.start)}
    if isinstance(gap := data.state.basal, BasalGap):
        return {"reason": "not_known", "since": iso(gap.start)}
    return {}


def _closed_loop(data: PumpData) -> bool | None:
    control = data.state.control
    if control is None or control.mode is None:
        return None
    return control.mode is ControlMode.CLOSED_LOOP


def _preferred(data: PumpData) -> dict[str, Any]:
    reported = data.state.closed_loop_preference
    return {"preferred": reported.closed_loop_preferred if reported else None}


BINARY_SENSORS = (
    _raised("alarm", *ALARM_KINDS),
    _raised("alert", AlarmKind.ALERT),
    PumpBinarySensorDescription(
        key="suspended",
        is_on_fn=lambda data: data.state.is_suspended,
        as_of_fn=newest_event,
        never_stale_fn=lambda data: data.state.running_suspension is not None,
        attributes_fn=_suspension_attributes,
    ),
    PumpBinarySensorDescription(
        key="closed_loop",
        is_on_fn=_closed_loop,
        as_of_fn=newest_event,
        attributes_fn=_preferred,
    ),
)
CONNECTED = ConnectedDescription(
    key="connected",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
)
DATA_STALE = DataStaleDescription(
    key="data_stale",
    device_class=BinarySensorDeviceClass.PROBLEM,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TconnectsyncConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the binary sensors of an account."""
    coordinator = entry.runtime_data.coordinator
    await asyncio.sleep(0)  # or all platforms are set up in one turn of the event loop
    async_add_entities(
        [
            *(
                PumpBinarySensor(coordinator, description)
                for description in BINARY_SENSORS
            ),
            DataStale(coordinator, DATA_STALE),
        ]
    )
    if forwarder := entry.runtime_data.forwarder:
        async_add_entities([Connected(coordinator, forwarder, CONNECTED)])


class PumpBinarySensor(PumpEntity, BinarySensorEntity):
    """Whether something is so; what is raised stays raised, its "off" turns unknown."""

    entity_description: PumpBinarySensorDescription

    @property
    @override
    def is_on(self) -> bool | None:
        """Return whether it is so, unknown once that is stale."""
        return self.unless_stale(self.entity_description.is_on_fn)


class DataStale(PumpEntity, BinarySensorEntity):
    """Whether the newest pump event is too old for anything to be shown as present."""

    entity_description: DataStaleDescription

    @property
    @override
    def is_on(self) -> bool:
        """Return whether nothing has come for too long."""
        return not self.is_fresh(self.coordinator.data.state.newest)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Return how old the data is, and why where that is known."""
        data = self.coordinator.data
        newest = None if data.history.clock_doubtful else data.state.newest
        age = dt_util.utcnow() - newest if newest else None
        return {
            "reason": stale_reason(self.coordinator) if self.is_on else None,
            "newest_event": iso(newest),
            "last_upload": iso(data.last_upload),
            "hours": None if age is None else age // timedelta(hours=1),
        }


class Connected(NightscoutEntity, BinarySensorEntity):
    """Whether Nightscout took all of it when it was last written to."""

    entity_description: ConnectedDescription

    @property
    @override
    def is_on(self) -> bool | None:
        """Return whether it did, unknown before it was tried."""
        return self.forwarder.status.connected
