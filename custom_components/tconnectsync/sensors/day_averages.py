"""Averages of insulin, carbs and modes over seven and fourteen days."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from custom_components.tconnectsync.entity import newest_event
from custom_components.tconnectsync.read.pump_data import PumpData
from custom_components.tconnectsync.therapy.day_averages import DayAverages
from homeassistant.components.sensor import SensorStateClass
from homeassistant.const import PERCENTAGE

from .description import GRAMS, UNITS, PumpSensorDescription
from .glucose_statistics import FORTNIGHT_KEY

type Value = Callable[[DayAverages], float | None]
type Averages = Callable[[PumpData], DayAverages | None]

FIGURES: dict[str, tuple[Value, str, int]] = {
    "time_in_control_iq": (lambda days: days.in_control_iq, PERCENTAGE, 0),
    "time_in_sleep": (lambda days: days.in_sleep, PERCENTAGE, 0),
    "time_in_exercise": (lambda days: days.in_exercise, PERCENTAGE, 0),
    "insulin_per_day": (lambda days: days.insulin, UNITS, 1),
    "basal_share": (lambda days: days.basal_share, PERCENTAGE, 0),
    "automatic_corrections_per_day": (
        lambda days: days.automatic_corrections,
        UNITS,
        1,
    ),
    "carbs_per_day": (lambda days: days.carbs, GRAMS, 0),
}
"""Value, unit and precision, by the key of the sensor over seven days."""


def _sensor(
    key: str, averages_fn: Averages, figure_fn: Value, unit: str, precision: int
) -> PumpSensorDescription:
    def value(data: PumpData) -> float | None:
        days = averages_fn(data)
        average = figure_fn(days) if days and days.says_something else None
        return None if average is None else round(average, 2)

    def attributes(data: PumpData) -> Mapping[str, Any]:
        days = averages_fn(data)
        return {"sufficient": bool(days and days.sufficient)}

    return PumpSensorDescription(
        key=key,
        entity_registry_enabled_default=False,
        native_unit_of_measurement=unit,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=precision,
        value_fn=value,
        attributes_fn=attributes,
        as_of_fn=newest_event,
    )


def _sensors() -> Iterator[PumpSensorDescription]:
    """Yield the averages over seven days, then those over fourteen."""
    for key, figure in FIGURES.items():
        yield _sensor(key, lambda data: data.figures.averages, *figure)
    for key, figure in FIGURES.items():
        yield _sensor(
            key + FORTNIGHT_KEY, lambda data: data.figures.averages_fortnight, *figure
        )


SENSORS = tuple(_sensors())
