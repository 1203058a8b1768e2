"""The unit in which a user reads glucose, and conversions to it."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.tconnectsync.glucose_unit import (
    default_glucose_unit,
    details_in_unit,
    in_mg_dl,
    in_unit,
    rate_in_unit,
)
from custom_components.tconnectsync.tandem import Pump
from custom_components.tconnectsync.tandem.pumper import read_pumper
from demo.pump import SimulatedPump
from demo.tandem import SimulatedTandem


@pytest.fixture
def listed(pump: SimulatedPump) -> Pump:
    """A pump as Tandem lists it, with settings in mg/dL."""
    tandem = SimulatedTandem()
    account = tandem.add_account("ada@example.org", "a password")
    account.add_pump(pump).upload()
    return read_pumper(account.pumper()).pumps[0]


@pytest.mark.parametrize(
    ("pump_unit", "unit"),
    [("MmolPerL", "mmol/L"), ("mmol/L", "mmol/L"), ("MgPerDl", "mg/dL")],
)
def test_the_pump_decides(listed: Pump, pump_unit: str, unit: str) -> None:
    """The pump's own unit has priority over the country and over its settings."""
    for country in ("US", "GB"):
        assert (
            default_glucose_unit(replace(listed, glucose_unit=pump_unit), country)
            == unit
        )


def test_its_settings_decide_when_the_pump_does_not_tell(listed: Pump) -> None:
    """The pump's settings decide if Tandem leaves out the pump's own unit."""
    assert default_glucose_unit(replace(listed, glucose_unit=None), "GB") == "mg/dL"


@pytest.mark.parametrize("without", [{"settings": None}, None])
@pytest.mark.parametrize(
    ("country", "unit"), [("GB", "mmol/L"), ("US", "mg/dL"), (None, "mg/dL")]
)
def test_the_country_decides_last(
    listed: Pump, without: dict[str, Any] | None, country: str | None, unit: str
) -> None:
    """The country decides for an account without a pump or an upload."""
    pump = without and replace(listed, glucose_unit=None, **without)
    assert default_glucose_unit(pump or None, country) == unit


@pytest.mark.parametrize("unit", ["mg/dL", "mmol/L"])
def test_what_is_read_comes_back_as_written(unit: str) -> None:
    """Converting to mg/dL and back does not change a value."""
    steps = [count / 10 for count in range(22, 223)]
    written = steps if unit == "mmol/L" else [round(18 * step) for step in steps]
    assert [in_unit(in_mg_dl(value, unit), unit) for value in written] == written


def test_a_rate_is_read_as_fast_as_it_is() -> None:
    """Rates in mmol/L have three decimals, since they are eighteen times smaller than in mg/dL."""
    assert rate_in_unit(1.8, "mg/dL") == 1.8
    assert rate_in_unit(1.8, "mmol/L") == 0.1


def test_details_name_the_unit_they_are_in() -> None:
    """Glucose, targets and factors are converted with their unit; all other values stay."""
    details = {
        "glucose": 180,
        "target": None,
        "correction": 1.8,
        "schedule": [{"correction_factor": 45, "basal_rate": 0.9}],
    }
    assert details_in_unit(details, "mmol/L") == {
        "glucose": 10.0,
        "target": None,
        "correction": 1.8,
        "schedule": [
            {"correction_factor": 2.5, "basal_rate": 0.9, "glucose_unit": "mmol/L"}
        ],
        "glucose_unit": "mmol/L",
    }
    assert details_in_unit({"glucose": 180}, "mg/dL") == {
        "glucose": 180,
        "glucose_unit": "mg/dL",
    }
    assert details_in_unit({"since": "noon"}, "mmol/L") == {"since": "noon"}
