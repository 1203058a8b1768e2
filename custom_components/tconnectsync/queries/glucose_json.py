"""Conversion of JSON records to the requested glucose unit, which their keys name."""

from collections.abc import Iterable
from typing import Any

from custom_components.tconnectsync.glucose_unit import MG_DL
from homeassistant.util.unit_conversion import BloodGlucoseConcentrationConverter

IN_MG_DL, IN_MMOL_L = "mg_dl", "mmol_l"
DIGITS = {"rate_mg_dl_per_minute": 3, "correction_factor_mg_dl_per_unit": 2}
"""The digits of small values; all others have one, as meters show them."""


def in_glucose_unit(
    records: Iterable[dict[str, Any]], glucose_unit: str
) -> list[dict[str, Any]]:
    """Return records with every glucose value in a unit, and with keys that name it."""
    if glucose_unit == MG_DL:
        return list(records)
    convert = BloodGlucoseConcentrationConverter.converter_factory(MG_DL, glucose_unit)
    return [
        {
            key.replace(IN_MG_DL, IN_MMOL_L): round(convert(value), DIGITS.get(key, 1))
            if IN_MG_DL in key and value is not None
            else value
            for key, value in record.items()
        }
        for record in records
    ]
