"""The newest glucose reading, its trend, and the pump's prediction."""

from typing import Any

from custom_components.tconnectsync.entity import ATTR_BEYOND_RANGE, newest_reading
from custom_components.tconnectsync.glucose_unit import MG_DL, MG_DL_PER_MINUTE
from custom_components.tconnectsync.read.pump_data import PumpData
from custom_components.tconnectsync.therapy.records import (
    CgmReading,
    GlucoseState,
    Trend,
)
from homeassistant.components.sensor import SensorDeviceClass

from .description import PumpSensorDescription


def _reading(data: PumpData) -> CgmReading | None:
    """Return the newest reading, None if the sensor could not read glucose."""
    reading = data.state.reading
    return reading if reading and reading.state != GlucoseState.NO_READING else None


def _beyond_range(data: PumpData) -> dict[str, Any]:
    """Return whether glucose is below or above the sensor's range, where the reading has no number."""
    reading = data.state.reading
    if reading is None or reading.state not in (GlucoseState.LOW, GlucoseState.HIGH):
        return {}
    return {ATTR_BEYOND_RANGE: reading.state}


SENSORS = (
    PumpSensorDescription(
        key="glucose",
        device_class=SensorDeviceClass.BLOOD_GLUCOSE_CONCENTRATION,
        native_unit_of_measurement=MG_DL,
        value_fn=lambda data: data.state.reading.value if data.state.reading else None,
        as_of_fn=newest_reading,
        attributes_fn=_beyond_range,
    ),
    PumpSensorDescription(
        key="glucose_delta",
        device_class=SensorDeviceClass.BLOOD_GLUCOSE_CONCENTRATION,
        native_unit_of_measurement=MG_DL,
        value_fn=lambda data: data.state.glucose_delta,
        as_of_fn=newest_reading,
    ),
    PumpSensorDescription(
        key="glucose_rate",
        entity_registry_enabled_default=False,
        native_unit_of_measurement=MG_DL_PER_MINUTE,
        suggested_display_precision=1,
        value_fn=lambda data: reading.rate if (reading := _reading(data)) else None,
        as_of_fn=newest_reading,
    ),
    PumpSensorDescription(
        key="glucose_trend",
        device_class=SensorDeviceClass.ENUM,
        options=list(Trend),
        value_fn=lambda data: reading.trend if (reading := _reading(data)) else None,
        as_of_fn=newest_reading,
    ),
    PumpSensorDescription(
        key="predicted_glucose",
        entity_registry_enabled_default=False,
        device_class=SensorDeviceClass.BLOOD_GLUCOSE_CONCENTRATION,
        native_unit_of_measurement=MG_DL,
        value_fn=lambda data: (
            data.state.prediction.glucose if data.state.prediction else None
        ),
        as_of_fn=lambda data: (
            data.state.prediction.start if data.state.prediction else None
        ),
    ),
)
