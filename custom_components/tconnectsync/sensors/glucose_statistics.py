"""Seven days of glucose in the figures that clinics use."""

from collections.abc import Callable

from custom_components.tconnectsync.read.pump_data import PumpData
from custom_components.tconnectsync.therapy.glucose_statistics import GlucoseStatistics
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import PERCENTAGE

from .description import MG_DL, PumpSensorDescription


def _of_week(
    value: Callable[[GlucoseStatistics], float | None],
) -> Callable[[PumpData], float | None]:
    def value_fn(data: PumpData) -> float | None:
        figure = value(data.figures.glucose) if data.figures.glucose else None
        return None if figure is None else round(figure, 2)

    return value_fn


def _share(
    key: str, value: Callable[[GlucoseStatistics], float | None], precision: int = 0
) -> PumpSensorDescription:
    return PumpSensorDescription(
        key=key,
        translation_key=key,
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=precision,
        value_fn=_of_week(value),
        as_of_fn=lambda data: data.state.newest,
    )


SENSORS = (
    _share("time_in_range", lambda week: week.in_range),
    _share("time_below_range", lambda week: week.below_range, precision=1),
    _share("time_above_range", lambda week: week.above_range),
    _share("glucose_cv", lambda week: week.coefficient_of_variation),
    _share("gmi", lambda week: week.glucose_management_indicator, precision=1),
    _share("cgm_usage", lambda week: week.usage),
    PumpSensorDescription(
        key="average_glucose",
        translation_key="average_glucose",
        device_class=SensorDeviceClass.BLOOD_GLUCOSE_CONCENTRATION,
        native_unit_of_measurement=MG_DL,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=_of_week(lambda week: week.average),
        as_of_fn=lambda data: data.state.newest,
    ),
    PumpSensorDescription(
        key="glucose_sd",
        translation_key="glucose_sd",
        entity_registry_enabled_default=False,
        device_class=SensorDeviceClass.BLOOD_GLUCOSE_CONCENTRATION,
        native_unit_of_measurement=MG_DL,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=_of_week(lambda week: week.standard_deviation),
        as_of_fn=lambda data: data.state.newest,
    ),
)
