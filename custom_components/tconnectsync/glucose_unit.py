"""The unit in which glucose is shown, and conversions to it."""

from collections.abc import Mapping
from typing import Any

from homeassistant.const import UnitOfBloodGlucoseConcentration
from homeassistant.util.unit_conversion import BloodGlucoseConcentrationConverter

from .const import CONF_GLUCOSE_UNIT
from .tandem import Pump

MG_DL = UnitOfBloodGlucoseConcentration.MILLIGRAMS_PER_DECILITER
MMOL_L = UnitOfBloodGlucoseConcentration.MILLIMOLE_PER_LITER
MG_DL_PER_MINUTE = f"{MG_DL}/min"
MMOL_L_PER_MINUTE = f"{MMOL_L}/min"

ATTR_GLUCOSE_UNIT = "glucose_unit"
GLUCOSE_DETAILS = {"glucose": 1, "target": 1, "correction_factor": 2}
"""Attributes of entities that are glucose, with their digits in mmol/L."""

# fmt: off
MMOL_L_COUNTRIES = frozenset({
    "AU", "BA", "BG", "CA", "CH", "CN", "CZ", "DK", "EE", "FI", "GB", "HK", "HR", "HU", "IE", "IS", "KZ",
    "LT", "LV", "ME", "MK", "MT", "MY", "NL", "NO", "NZ", "RS", "RU", "SE", "SG", "SI", "SK", "UA", "ZA",
})
# fmt: on
"""Countries where glucose meters show mmol/L."""


def default_glucose_unit(
    pump: Pump | None, country: str | None
) -> UnitOfBloodGlucoseConcentration:
    """Return the unit that the pump shows, or else the one used in the country."""
    settings = pump.settings if pump else None
    for reported in (
        pump.glucose_unit if pump else None,
        settings.glucose_unit if settings else None,
    ):
        if reported:
            return MMOL_L if "mmol" in reported.lower() else MG_DL
    return MMOL_L if country in MMOL_L_COUNTRIES else MG_DL


def glucose_unit(options: Mapping[str, Any]) -> str:
    """Return the glucose unit from the options of an account."""
    unit: str = options.get(CONF_GLUCOSE_UNIT, MG_DL)
    return unit


def in_unit(glucose: float, unit: str) -> float:
    """Convert a glucose value (mg/dL), with as many digits as are usual in the unit."""
    value = BloodGlucoseConcentrationConverter.convert(glucose, MG_DL, unit)
    return round(value) if unit == MG_DL else round(value, 1)


def rate_in_unit(rate: float, unit: str) -> float:
    """Convert a rate of change (mg/dL/min) to a unit of glucose per minute."""
    if unit == MG_DL:
        return rate
    return round(BloodGlucoseConcentrationConverter.convert(rate, MG_DL, unit), 3)


def details_in_unit(details: Mapping[str, Any], unit: str) -> dict[str, Any]:
    """Return an entity's attributes with glucose (mg/dL) converted to a unit, and that unit added."""
    converted = {
        key: [details_in_unit(segment, unit) for segment in value]
        if key == "schedule"
        else round(
            BloodGlucoseConcentrationConverter.convert(value, MG_DL, unit),
            GLUCOSE_DETAILS[key],
        )
        if key in GLUCOSE_DETAILS and value is not None and unit != MG_DL
        else value
        for key, value in details.items()
    }
    has_glucose = GLUCOSE_DETAILS.keys() & details.keys()
    return {**converted, ATTR_GLUCOSE_UNIT: unit} if has_glucose else converted


def in_mg_dl(glucose: float, unit: str) -> int:
    """Convert a glucose value from a unit to whole mg/dL."""
    return round(BloodGlucoseConcentrationConverter.convert(glucose, unit, MG_DL))
