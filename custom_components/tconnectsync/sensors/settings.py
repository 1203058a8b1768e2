"""Settings of the pump, as of its last upload."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from custom_components.tconnectsync.glucose_unit import MG_DL, MG_DL_PER_MINUTE
from custom_components.tconnectsync.read.pump_data import PumpData
from custom_components.tconnectsync.tandem.settings import ControlIq, PumpSettings
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import EntityCategory, UnitOfMass, UnitOfTime
from homeassistant.helpers.typing import StateType
from homeassistant.util.unit_conversion import MassConverter

from .description import UNITS, UNITS_PER_HOUR, PumpSensorDescription

WEIGHT_UNITS = {"pounds": UnitOfMass.POUNDS, "kilograms": UnitOfMass.KILOGRAMS}


def _weight(control_iq: ControlIq) -> float | None:
    """Return the weight in kg, unknown without its unit."""
    unit = WEIGHT_UNITS.get((control_iq.weight_unit or "").lower())
    if unit is None or control_iq.weight is None:
        return None
    weight = MassConverter.convert(control_iq.weight, unit, UnitOfMass.KILOGRAMS)
    return round(weight, 3)


def _has_control_iq(data: PumpData) -> bool:
    """Return whether the pump runs Control-IQ or its successor; True if it does not report its algorithm."""
    algorithm = data.pump.algorithm if data.pump else None
    return algorithm is None or "control" in algorithm.lower()


def _setting(
    key: str,
    setting_fn: Callable[[PumpSettings], StateType],
    unit: str,
    *,
    device_class: SensorDeviceClass | None = None,
    precision: int | None = None,
    enabled_fn: Callable[[PumpSettings], bool | None] | None = None,
    has_fn: Callable[[PumpData], bool] = lambda data: True,
) -> PumpSensorDescription:
    def value(data: PumpData) -> StateType:
        settings = data.pump.settings if data.pump else None
        return setting_fn(settings) if settings else None

    def as_of(data: PumpData) -> datetime | None:
        return None if value(data) is None else data.last_upload

    def enabled(data: PumpData) -> dict[str, Any]:
        settings = data.pump.settings if data.pump else None
        return {"enabled": enabled_fn(settings)} if settings and enabled_fn else {}

    return PumpSensorDescription(
        key=key,
        has_fn=has_fn,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        device_class=device_class,
        native_unit_of_measurement=unit,
        suggested_display_precision=precision,
        value_fn=value,
        as_of_fn=as_of,
        attributes_fn=enabled,
    )


def _glucose_limit(
    key: str,
    setting_fn: Callable[[PumpSettings], StateType],
    enabled_fn: Callable[[PumpSettings], bool | None] | None = None,
) -> PumpSensorDescription:
    return _setting(
        key,
        setting_fn,
        MG_DL,
        device_class=SensorDeviceClass.BLOOD_GLUCOSE_CONCENTRATION,
        enabled_fn=enabled_fn,
    )


SENSORS = (
    _setting(
        "control_iq_weight",
        lambda settings: _weight(settings.control_iq),
        UnitOfMass.KILOGRAMS,
        device_class=SensorDeviceClass.WEIGHT,
        precision=1,
        has_fn=_has_control_iq,
    ),
    _setting(
        "total_daily_insulin",
        lambda settings: settings.control_iq.total_daily_insulin,
        UNITS,
        precision=0,
        has_fn=_has_control_iq,
    ),
    _setting("max_bolus", lambda settings: settings.max_bolus, UNITS, precision=2),
    _setting(
        "basal_limit",
        lambda settings: settings.basal_limit,
        UNITS_PER_HOUR,
        precision=2,
    ),
    _setting(
        "low_insulin_limit",
        lambda settings: settings.low_insulin_threshold,
        UNITS,
        precision=0,
    ),
    _setting(
        "site_reminder",
        lambda settings: settings.reminders.site_change_days,
        UnitOfTime.DAYS,
        device_class=SensorDeviceClass.DURATION,
        precision=0,
    ),
    _glucose_limit(
        "cgm_high_limit",
        lambda settings: settings.cgm_alerts.high_glucose,
        lambda settings: settings.cgm_alerts.high_glucose_enabled,
    ),
    _glucose_limit(
        "cgm_low_limit",
        lambda settings: settings.cgm_alerts.low_glucose,
        lambda settings: settings.cgm_alerts.low_glucose_enabled,
    ),
    _setting(
        "cgm_rise_limit",
        lambda settings: settings.cgm_alerts.rise_rate,
        MG_DL_PER_MINUTE,
        precision=1,
        enabled_fn=lambda settings: settings.cgm_alerts.rise_rate_enabled,
    ),
    _setting(
        "cgm_fall_limit",
        lambda settings: settings.cgm_alerts.fall_rate,
        MG_DL_PER_MINUTE,
        precision=1,
        enabled_fn=lambda settings: settings.cgm_alerts.fall_rate_enabled,
    ),
    _glucose_limit("bg_high_limit", lambda settings: settings.reminders.high_glucose),
    _glucose_limit("bg_low_limit", lambda settings: settings.reminders.low_glucose),
)
