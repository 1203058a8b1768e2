"""The pump itself: battery, modes, profile, and the age of its data."""

from typing import Any

from custom_components.tconnectsync.entity import newest_event_with
from custom_components.tconnectsync.instants import iso
from custom_components.tconnectsync.read.pump_data import PumpData
from custom_components.tconnectsync.tandem.enums import (
    ControlMode,
    SluggedEnum,
    UserMode,
)
from custom_components.tconnectsync.tandem.settings import Profile
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import PERCENTAGE, EntityCategory

from .description import PumpSensorDescription


def _active_profile(data: PumpData) -> Profile | None:
    settings = data.pump.settings if data.pump else None
    return settings.active_profile if settings else None


def _profile_attributes(data: PumpData) -> dict[str, Any]:
    profile = _active_profile(data)
    return {
        "insulin_duration": profile.insulin_duration if profile else None,
        "max_bolus": profile.max_bolus if profile else None,
        "schedule": [
            {
                "start": f"{segment.start // 60:02}:{segment.start % 60:02}",
                "basal_rate": segment.basal_rate,
                "carb_ratio": segment.carb_ratio,
                "correction_factor": segment.insulin_sensitivity,
                "target": segment.target_glucose,
            }
            for segment in (profile.segments if profile else ())
        ],
    }


def _activity_attributes(data: PumpData) -> dict[str, Any]:
    return {"since": iso(data.state.activity.start)} if data.state.activity else {}


def _slug(mode: SluggedEnum | None) -> str | None:
    return None if mode is None else mode.slug


def _control_attributes(data: PumpData) -> dict[str, Any]:
    return {"since": iso(data.state.control.start)} if data.state.control else {}


SENSORS = (
    PumpSensorDescription(
        key="battery",
        device_class=SensorDeviceClass.BATTERY,
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda data: (
            data.state.battery.percent if data.state.battery else None
        ),
        as_of_fn=lambda data: data.state.battery.start if data.state.battery else None,
    ),
    PumpSensorDescription(
        key="activity_mode",
        entity_registry_enabled_default=False,
        device_class=SensorDeviceClass.ENUM,
        options=[mode.slug for mode in UserMode],
        value_fn=lambda data: (
            _slug(data.state.activity.mode) if data.state.activity else None
        ),
        as_of_fn=newest_event_with(lambda data: data.state.activity),
        attributes_fn=_activity_attributes,
    ),
    PumpSensorDescription(
        key="control_mode",
        entity_registry_enabled_default=False,
        device_class=SensorDeviceClass.ENUM,
        options=[mode.slug for mode in ControlMode],
        value_fn=lambda data: (
            _slug(data.state.control.mode) if data.state.control else None
        ),
        as_of_fn=newest_event_with(lambda data: data.state.control),
        attributes_fn=_control_attributes,
    ),
    PumpSensorDescription(
        key="active_profile",
        entity_registry_enabled_default=False,
        value_fn=lambda data: (
            profile.name if (profile := _active_profile(data)) else None
        ),
        as_of_fn=lambda data: data.last_upload if _active_profile(data) else None,
        attributes_fn=_profile_attributes,
    ),
    PumpSensorDescription(
        key="last_event",
        entity_category=EntityCategory.DIAGNOSTIC,
        device_class=SensorDeviceClass.TIMESTAMP,
        by_pump_clock=True,
        value_fn=lambda data: data.state.newest,
    ),
    PumpSensorDescription(
        key="last_upload",
        entity_registry_enabled_default=False,
        entity_category=EntityCategory.DIAGNOSTIC,
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda data: data.last_upload,
    ),
)
