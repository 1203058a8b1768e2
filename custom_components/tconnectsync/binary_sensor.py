"""Binary sensors: raised alarms, states of the pump, stale data, and the connection to Nightscout."""

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
    """A state of the pump at its newest event."""

    is_on_fn: Callable[[PumpData], bool | None]


@dataclass(frozen=True, kw_only=True)
class DataStaleDescription(PumpEntityDescription, BinarySensorEntityDescription):
    """Stale data, which the entity finds by itself."""


@dataclass(frozen=True, kw_only=True)
class ConnectedDescription(NightscoutEntityDescription, BinarySensorEntityDescription):
    """The connection to Nightscout."""


def _raised(key: str, *kinds: AlarmKind) -> PumpBinarySensorDescription:
    """Describe raised alarms, which keep the sensor on until they are cleared, however old the data is."""

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
    """A state of the pump; stale data turns it unknown, except for "on" of a raised alarm."""

    entity_description: PumpBinarySensorDescription

    @property
    @override
    def is_on(self) -> bool | None:
        """Return the state, None once it is stale."""
        return self.unless_stale(self.entity_description.is_on_fn)


class DataStale(PumpEntity, BinarySensorEntity):
    """Whether the newest pump event is too old for values to be shown as current."""

    entity_description: DataStaleDescription

    @property
    @override
    def is_on(self) -> bool:
        """Return whether the newest event is too old."""
        return not self.is_fresh(self.coordinator.data.state.newest)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Return the age of the data, and the reason if it is stale."""
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
    """Whether Nightscout accepted everything in the last attempt."""

    entity_description: ConnectedDescription

    @property
    @override
    def is_on(self) -> bool | None:
        """Return whether it did, None before the first attempt."""
        return self.forwarder.status.connected
