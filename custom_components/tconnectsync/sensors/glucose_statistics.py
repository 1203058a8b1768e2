"""Glucose statistics over seven and fourteen days, as clinics use them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from custom_components.tconnectsync.entity import newest_event
from custom_components.tconnectsync.glucose_unit import MG_DL
from custom_components.tconnectsync.read.pump_data import PumpData
from custom_components.tconnectsync.therapy.glucose_statistics import GlucoseStatistics
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import PERCENTAGE

from .description import PumpSensorDescription

FORTNIGHT_KEY: Final = "_14_days"
ENABLED_BY_DEFAULT: Final = "time_in_range"
"""The one figure that most people look at; users can enable the others."""

type Statistics = Callable[[PumpData], GlucoseStatistics | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure of glucose, over seven or fourteen days."""

    key: str
    value: Callable[[GlucoseStatistics], float]
    unit: str | None = PERCENTAGE
    device_class: SensorDeviceClass | None = None
    precision: int | None = 0
    always: bool = False
    """Whether it is also shown for less than a day of readings."""


FIGURES = (
    Figure(
        key="time_very_low",
        value=lambda days: days.very_low,
        precision=1,
    ),
    Figure(key="time_low", value=lambda days: days.low, precision=1),
    Figure(key="time_in_range", value=lambda days: days.in_range),
    Figure(key="time_high", value=lambda days: days.high),
    Figure(
        key="time_very_high",
        value=lambda days: days.very_high,
        precision=1,
    ),
    Figure(
        key="time_below_range",
        value=lambda days: days.below_range,
        precision=1,
    ),
    Figure(key="time_above_range", value=lambda days: days.above_range),
    Figure(key="time_in_tight_range", value=lambda days: days.in_tight_range),
    Figure(
        key="glucose_cv",
        value=lambda days: days.coefficient_of_variation,
    ),
    Figure(
        key="gmi",
        value=lambda days: days.glucose_management_indicator,
        precision=1,
    ),
    Figure(key="cgm_usage", value=lambda days: days.usage, always=True),
    Figure(key="low_events", value=lambda days: days.low_events, unit=None),
    Figure(
        key="average_glucose",
        value=lambda days: days.average,
        unit=MG_DL,
        device_class=SensorDeviceClass.BLOOD_GLUCOSE_CONCENTRATION,
        precision=None,
    ),
    Figure(
        key="glucose_sd",
        value=lambda days: days.standard_deviation,
        unit=MG_DL,
        device_class=SensorDeviceClass.BLOOD_GLUCOSE_CONCENTRATION,
        precision=None,
    ),
)


def _sensor(
    figure: Figure, statistics_fn: Statistics, key: str
) -> PumpSensorDescription:
    def value(data: PumpData) -> float | None:
        days = statistics_fn(data)
        if days is None or not (figure.always or days.says_something):
            return None
        return round(figure.value(days), 2)

    def attributes(data: PumpData) -> Mapping[str, Any]:
        days = statistics_fn(data)
        return {"sufficient": bool(days and days.sufficient)}

    return PumpSensorDescription(
        key=key,
        entity_registry_enabled_default=key == ENABLED_BY_DEFAULT,
        device_class=figure.device_class,
        native_unit_of_measurement=figure.unit,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=figure.precision,
        value_fn=value,
        attributes_fn=attributes,
        as_of_fn=newest_event,
    )


def _sensors() -> Iterator[PumpSensorDescription]:
    """Yield the figures over seven days, then those over fourteen."""
    for figure in FIGURES:
        yield _sensor(
            figure,
            lambda data: data.figures.glucose,
            figure.key,
        )
    for figure in FIGURES:
        yield _sensor(
            figure,
            lambda data: data.figures.glucose_fortnight,
            figure.key + FORTNIGHT_KEY,
        )


SENSORS = tuple(_sensors())
