"""The glucose sensor itself: its kind, its session, its transmitter and its signal."""

from datetime import datetime
from typing import Any

from custom_components.tconnectsync.entity import newest_reading
from custom_components.tconnectsync.instants import ONE_DAY, iso
from custom_components.tconnectsync.read.pump_data import PumpData
from custom_components.tconnectsync.tandem.enums import CgmType
from custom_components.tconnectsync.therapy.records import GlucoseState, SensorCondition
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import SIGNAL_STRENGTH_DECIBELS_MILLIWATT, EntityCategory
from homeassistant.util import dt as dt_util

from .description import PumpSensorDescription


def _cgm_type(data: PumpData) -> str | None:
    """Return the type that the pump last reported, at midnight or at the start of a session."""
    reported = [
        record for record in (data.state.sensor_type, data.state.session) if record
    ]
    newest = max(reported, key=lambda record: record.key, default=None)
    if newest is None or newest.cgm_type is None:
        return None
    return newest.cgm_type.slug


def _has_transmitter(data: PumpData) -> bool:
    """Return whether the transmitter outlasts the sensor, as only the G6's does; True while the type is unknown."""
    return _cgm_type(data) in (None, CgmType.DEXCOM_G6.slug)


def _expires(data: PumpData) -> datetime | None:
    """Return when the running session expires, None once it has ended."""
    limits = data.state.session_limits
    return limits.expires if limits else None


def _expires_attributes(data: PumpData) -> dict[str, Any]:
    limits = data.state.session_limits
    if limits is None or limits.expires is None:
        return {}
    left = limits.expires - dt_util.utcnow()
    return {
        "days_left": max(0.0, round(left / ONE_DAY, 1)),
        "grace_ends": iso(limits.grace_ends),
    }


def _ended(data: PumpData) -> datetime | None:
    end = data.state.session_end
    return (end.session_stop or end.start) if end else None


def _end_attributes(data: PumpData) -> dict[str, Any]:
    end, ended = data.state.session_end, _ended(data)
    if end is None or ended is None:
        return {}
    time_in_use = ended - end.session_start if end.session_start else None
    return {
        "cause": end.condition,
        "reason": end.reason,
        "worn_days": round(time_in_use / ONE_DAY, 1) if time_in_use else None,
        "cgm_type": end.cgm_type.slug,
    }


def _transmitter_attributes(data: PumpData) -> dict[str, Any]:
    reported = data.state.transmitter
    return {"started": iso(reported.transmitter_start if reported else None)}


SENSORS = (
    PumpSensorDescription(
        key="cgm_state",
        device_class=SensorDeviceClass.ENUM,
        options=[*GlucoseState, *SensorCondition],
        value_fn=lambda data: data.state.sensor.state if data.state.sensor else None,
        as_of_fn=lambda data: data.state.sensor.as_of if data.state.sensor else None,
    ),
    PumpSensorDescription(
        key="sensor_started",
        device_class=SensorDeviceClass.TIMESTAMP,
        by_pump_clock=True,
        value_fn=lambda data: (
            data.state.session.session_start if data.state.session else None
        ),
    ),
    PumpSensorDescription(
        key="sensor_expires",
        device_class=SensorDeviceClass.TIMESTAMP,
        by_pump_clock=True,
        value_fn=_expires,
        attributes_fn=_expires_attributes,
    ),
    PumpSensorDescription(
        key="sensor_session_ended",
        entity_registry_enabled_default=False,
        device_class=SensorDeviceClass.TIMESTAMP,
        by_pump_clock=True,
        value_fn=_ended,
        attributes_fn=_end_attributes,
    ),
    PumpSensorDescription(
        key="transmitter_expires",
        has_fn=_has_transmitter,
        entity_registry_enabled_default=False,
        device_class=SensorDeviceClass.TIMESTAMP,
        by_pump_clock=True,
        value_fn=lambda data: (
            data.state.transmitter.transmitter_expires
            if data.state.transmitter
            else None
        ),
        attributes_fn=_transmitter_attributes,
    ),
    PumpSensorDescription(
        key="cgm_type",
        entity_category=EntityCategory.DIAGNOSTIC,
        device_class=SensorDeviceClass.ENUM,
        options=[cgm_type.slug for cgm_type in CgmType],
        value_fn=_cgm_type,
    ),
    PumpSensorDescription(
        key="cgm_signal",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        device_class=SensorDeviceClass.SIGNAL_STRENGTH,
        native_unit_of_measurement=SIGNAL_STRENGTH_DECIBELS_MILLIWATT,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda data: data.state.reading.signal if data.state.reading else None,
        as_of_fn=newest_reading,
    ),
)
