"""Glucose is shown in either unit, within the sensor's range, and only while it is current."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tconnectsync.const import CONF_GLUCOSE_UNIT
from demo.pump import SimulatedPump
from demo.tandem import SimulatedTandem
from homeassistant.const import (
    ATTR_UNIT_OF_MEASUREMENT,
    UnitOfBloodGlucoseConcentration,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from tests.entity_states import (
    attributes,
    live,
    number,
    pass_time,
    show,
    shown,
    unknown,
    upload,
)

pytestmark = pytest.mark.usefixtures("recorder_mock")
MMOL_L = UnitOfBloodGlucoseConcentration.MILLIMOLE_PER_LITER


@pytest.mark.parametrize(
    ("reading", "state"),
    [
        ((987, 1), "high"),
        ((0, 1), "high"),
        ((17, 2), "low"),
        ((0, 2), "low"),
        ((420, 0), "high"),
        ((30, 0), "low"),
        ((111, 6), "no_reading"),
    ],
)
async def test_no_number_beyond_what_the_sensor_can_measure(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    reading: tuple[int, int],
    state: str,
) -> None:
    """A value that is too low, too high or not displayable is shown as text, and the raw number appears nowhere."""
    raw, status = reading
    pump.read_glucose(120, ago=timedelta(minutes=5))
    pump.read_glucose(raw, status=status)
    await show(hass, tandem)
    assert unknown(hass, "glucose")
    beyond = None if state == "no_reading" else state
    assert attributes(hass, "glucose").get("beyond_range") == beyond
    assert unknown(hass, "glucose_delta")
    assert shown(hass, "sensor.cgm_state").state == state
    assert unknown(hass, "glucose_trend") == (state == "no_reading")
    assert unknown(hass, "glucose_rate") == (state == "no_reading")
    sensors_shown = [str(one.as_dict()) for one in hass.states.async_all("sensor")]
    assert raw == 0 or not any(f"'state': '{raw}'" in text for text in sensors_shown)


async def test_the_change_between_two_readings(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Only readings five minutes apart are compared."""
    pump.read_glucose(150, ago=timedelta(minutes=10))
    pump.read_glucose(140, rate=-20)
    entry = await show(hass, tandem)
    assert unknown(hass, "glucose_delta")
    await live(hass, freezer, pump, timedelta(minutes=5))
    pump.read_glucose(128, rate=-24)
    await upload(hass, entry, tandem)
    assert number(hass, "glucose_delta") == -12
    assert number(hass, "glucose_rate") == -2.4
    assert shown(hass, "sensor.glucose_trend").state == "single_down"


async def test_glucose_far_behind_the_pump_is_not_shown(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """While the pump logs on without readings, the last reading no longer counts as current."""
    pump.read_glucose(120)
    pump.log_event(140, fmr=120, pgv=100, fmrStatus=1, pgvValid=1)
    entry = await show(hass, tandem)
    assert number(hass, "glucose") == 120
    assert number(hass, "predicted_glucose") == 100
    await pass_time(hass, freezer, timedelta(minutes=15))
    await upload(hass, entry, tandem)
    assert number(hass, "glucose") == 120
    await pass_time(hass, freezer, timedelta(minutes=5))
    await upload(hass, entry, tandem)
    for key in ("glucose", "cgm_state", "glucose_trend", "predicted_glucose"):
        assert unknown(hass, key)


async def test_glucose_in_the_other_unit(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    entity_registry: er.EntityRegistry,
) -> None:
    """The unit chosen at set-up is suggested; Home Assistant's own unit setting wins."""
    for place in range(25 * 12, 0, -1):
        pump.read_glucose(108, ago=timedelta(minutes=5 * place))
    pump.read_glucose(126)
    await show(hass, tandem, **{CONF_GLUCOSE_UNIT: MMOL_L})
    assert attributes(hass, "glucose")[ATTR_UNIT_OF_MEASUREMENT] == MMOL_L
    assert number(hass, "glucose") == pytest.approx(7.0, abs=0.05)
    assert number(hass, "glucose_delta") == pytest.approx(1.0, abs=0.05)
    assert number(hass, "average_glucose") == pytest.approx(6.0, abs=0.05)
    assert number(hass, "cgm_high_limit") == pytest.approx(12.2, abs=0.05)
    entity_registry.async_update_entity_options(
        "sensor.t_slim_x2_glucose", "sensor", {"unit_of_measurement": "mg/dL"}
    )
    await hass.async_block_till_done()
    assert number(hass, "glucose") == 126


async def test_mg_dl_unless_told_otherwise(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    entity_registry: er.EntityRegistry,
) -> None:
    """One entity serves both units through Home Assistant's unit setting."""
    pump.read_glucose(126)
    await show(hass, tandem)
    assert number(hass, "glucose") == 126
    entity_registry.async_update_entity_options(
        "sensor.t_slim_x2_glucose", "sensor", {"unit_of_measurement": MMOL_L}
    )
    await hass.async_block_till_done()
    assert number(hass, "glucose") == pytest.approx(7.0, abs=0.05)


async def test_the_unit_of_the_options_is_that_of_every_sensor(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    entity_registry: er.EntityRegistry,
) -> None:
    """A later change of the option applies too; a unit set on an entity by the user stays, and rates follow."""
    pump.read_glucose(180, rate=18)
    entry = await show(hass, tandem, **{CONF_GLUCOSE_UNIT: "mg/dL"})
    entity_registry.async_update_entity_options(
        "sensor.t_slim_x2_average_glucose",
        "sensor",
        {ATTR_UNIT_OF_MEASUREMENT: "mg/dL"},
    )

    async def choose(unit: str) -> dict[str, tuple[float, str]]:
        options = {**entry.options, CONF_GLUCOSE_UNIT: unit}
        hass.config_entries.async_update_entry(entry, options=options)
        assert await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()
        states = {
            key: shown(hass, f"sensor.{key}") for key in ("glucose", "glucose_rate")
        }
        assert attributes(hass, "average_glucose")[ATTR_UNIT_OF_MEASUREMENT] == "mg/dL"
        return {
            key: (
                round(float(state.state), 1),
                state.attributes[ATTR_UNIT_OF_MEASUREMENT],
            )
            for key, state in states.items()
        }

    assert await choose("mmol/L") == {
        "glucose": (10.0, "mmol/L"),
        "glucose_rate": (0.1, "mmol/L/min"),
    }
    assert await choose("mg/dL") == {
        "glucose": (180, "mg/dL"),
        "glucose_rate": (1.8, "mg/dL/min"),
    }
