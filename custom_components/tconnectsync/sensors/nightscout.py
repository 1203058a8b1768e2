"""Sensors of forwarding to Nightscout, and of backfills."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from custom_components.tconnectsync.entity import NightscoutEntityDescription
from custom_components.tconnectsync.forward.backfill import Backfill
from custom_components.tconnectsync.forward.backfill_request import BackfillPhase
from custom_components.tconnectsync.forward.forwarding_status import ForwardingStatus
from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE
from homeassistant.helpers.typing import StateType


@dataclass(frozen=True, kw_only=True)
class ForwardingSensorDescription(NightscoutEntityDescription, SensorEntityDescription):
    """A value of the state of forwarding."""

    value_fn: Callable[[ForwardingStatus], StateType | datetime]


@dataclass(frozen=True, kw_only=True)
class BackfillSensorDescription(NightscoutEntityDescription, SensorEntityDescription):
    """The progress of a backfill."""

    value_fn: Callable[[Backfill], StateType]


FORWARDING_SENSORS = (
    ForwardingSensorDescription(
        key="last_sync",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda status: status.last_sync,
    ),
    ForwardingSensorDescription(
        key="documents_sent",
        state_class=SensorStateClass.TOTAL_INCREASING,
        value_fn=lambda status: status.sent,
    ),
    ForwardingSensorDescription(
        key="documents_pending",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda status: status.pending,
    ),
)
BACKFILL_PROGRESS = BackfillSensorDescription(
    key="backfill_progress",
    native_unit_of_measurement=PERCENTAGE,
    suggested_display_precision=0,
    value_fn=lambda backfill: (
        None if backfill.phase is BackfillPhase.IDLE else backfill.progress
    ),
)
