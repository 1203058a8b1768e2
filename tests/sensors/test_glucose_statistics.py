"""Glucose statistics use the right limits, weight readings by time, and show how much data they use."""

from datetime import timedelta

import pytest

from custom_components.tconnectsync.const import CONF_HIGH_LIMIT, CONF_LOW_LIMIT
from custom_components.tconnectsync.sensors.day_averages import SENSORS as DAY_AVERAGES
from custom_components.tconnectsync.sensors.glucose_statistics import SENSORS
from demo.pump import SimulatedPump
from demo.tandem import SimulatedTandem
from homeassistant.core import HomeAssistant
from tests.entity_states import attributes, number, show, shown, unknown

pytestmark = pytest.mark.usefixtures("recorder_mock")


BANDS = (
    "time_very_low",
    "time_low",
    "time_in_range",
    "time_high",
    "time_very_high",
)


def read(pump: SimulatedPump, *values: int, hours: float = 28) -> None:
    """Log readings of these values, each for its share of the last hours."""
    each = round(hours * 12 / len(values))
    readings = [value for value in values for _ in range(each)]
    for place, value in enumerate(readings):
        ago = timedelta(minutes=5 * (len(readings) - place))
        pump.read_glucose(value, ago=ago)


@pytest.mark.parametrize(
    ("options", "shares"),
    [
        ({}, (25, 25, 50)),
        ({CONF_LOW_LIMIT: 60}, (0, 50, 50)),
        ({CONF_HIGH_LIMIT: 200}, (25, 50, 25)),
    ],
)
async def test_limits_of_the_account_or_of_the_options(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    options: dict[str, int],
    shares: tuple[int, int, int],
) -> None:
    """Time in range uses the limits of the account unless the options set others."""
    [account] = tandem.accounts.values()
    account.low_limit, account.high_limit = 80, 160
    read(pump, 75, 100, 170, 250)
    await show(hass, tandem, **options)
    parts = ("time_below_range", "time_in_range", "time_above_range")
    assert tuple(number(hass, part) for part in parts) == shares


async def test_the_usual_limits_where_the_account_has_none(
    hass: HomeAssistant, tandem: SimulatedTandem, pump: SimulatedPump
) -> None:
    """70 to 180 mg/dL."""
    [account] = tandem.accounts.values()
    account.overrides = {"lowGlucoseThreshold": None, "highGlucoseThreshold": None}
    read(pump, 69, 70, 180, 181)
    await show(hass, tandem)
    assert number(hass, "time_in_range") == 50


async def test_five_bands(
    hass: HomeAssistant, tandem: SimulatedTandem, pump: SimulatedPump
) -> None:
    """The shares of the five bands add up to 100 percent."""
    [account] = tandem.accounts.values()
    account.low_limit, account.high_limit = 70, 180
    read(pump, 53, 54, 70, 180, 181, 250, 251)
    await show(hass, tandem)
    found = [number(hass, band) for band in BANDS]
    assert found == pytest.approx(
        [100 * part / 7 for part in (1, 1, 2, 2, 1)], abs=0.01
    )
    assert sum(found) == pytest.approx(100, abs=0.03)
    assert attributes(hass, "time_in_range")["sufficient"] is False
    assert number(hass, "cgm_usage") == pytest.approx(100 * 28 / 168, abs=0.1)


async def test_less_than_a_day_says_nothing(
    hass: HomeAssistant, tandem: SimulatedTandem, pump: SimulatedPump
) -> None:
    """The figures are unknown, and an attribute shows how little data there is."""
    read(pump, 120, hours=23)
    await show(hass, tandem)
    for key in (*BANDS, "average_glucose", "gmi", "glucose_cv"):
        assert unknown(hass, key), key
        assert shown(hass, f"sensor.{key}").attributes["sufficient"] is False
    assert number(hass, "cgm_usage") == pytest.approx(100 * 23 / 168, abs=0.1)


async def test_a_week_and_a_fortnight(
    hass: HomeAssistant, tandem: SimulatedTandem, pump: SimulatedPump
) -> None:
    """Each figure exists for a week and a fortnight, and both agree about two days."""
    read(pump, 60, 120, 200, hours=36)
    await show(hass, tandem)
    for key, value in (
        ("time_in_tight_range", 100 / 3),
        ("low_events", 1),
        ("average_glucose", 380 / 3),
    ):
        assert number(hass, key) == pytest.approx(value, abs=0.01)
        assert number(hass, f"{key}_14_days") == pytest.approx(value, abs=0.01)
    week, fortnight = number(hass, "cgm_usage"), number(hass, "cgm_usage_14_days")
    assert week == pytest.approx(2 * fortnight, abs=0.02)


def test_what_is_off_at_first() -> None:
    """The fortnight and all figures of the week but time in range are disabled by default."""
    on = {one.key for one in SENSORS if one.entity_registry_enabled_default}
    assert on == {"time_in_range"}
    assert not any(one.entity_registry_enabled_default for one in DAY_AVERAGES)
