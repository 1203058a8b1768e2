"""Sensors show the pump's true values, and no old value as current."""

from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tconnectsync.const import CONF_STALE_AFTER
from demo.pump import SimulatedPump
from demo.tandem import SimulatedTandem
from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant

from .conftest import NOON
from .entity_states import busy_pump, number, pass_time, quiet_pump, show, shown

pytestmark = pytest.mark.usefixtures("recorder_mock")
MIDNIGHT = NOON.replace(hour=0)


@pytest.fixture
def pump(
    freezer: FrozenDateTimeFactory, request: pytest.FixtureRequest
) -> SimulatedPump:
    """A quiet pump, or one in use if a test gives a seed."""
    if seed := getattr(request, "param", None):
        return busy_pump(freezer, seed=seed)
    return quiet_pump(freezer)


@pytest.mark.parametrize("pump", [3, 4, 5], indirect=True)
async def test_values_are_what_truly_happened(
    hass: HomeAssistant, tandem: SimulatedTandem, pump: SimulatedPump
) -> None:
    """Totals, rates and remaining amounts match the simulated pump."""
    await show(hass, tandem)
    newest = pump.instants[-1]
    basal = pump.basal_delivered(MIDNIGHT, newest)
    bolus = pump.bolus_delivered(MIDNIGHT, newest)
    assert number(hass, "basal_today") == pytest.approx(basal, abs=0.01)
    assert number(hass, "bolus_today") == pytest.approx(bolus, abs=0.01)
    assert number(hass, "insulin_today") == pytest.approx(basal + bolus, abs=0.01)
    share = 100 * basal / (basal + bolus)
    assert number(hass, "basal_share_today") == pytest.approx(share, abs=0.1)
    assert number(hass, "carbs_today") == pump.carbs(MIDNIGHT, newest)
    assert number(hass, "basal_rate") == pump.basal.rates.rate / 1000
    assert number(hass, "reservoir") == pytest.approx(pump.reservoir.left, abs=1.01)
    assert shown(hass, "sensor.last_event").state == newest.isoformat()
    reading = pump.sensor.last
    assert reading is not None
    assert number(hass, "glucose") == reading.value


async def test_each_value_turns_unknown_when_its_own_instant_is_old(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Each value is shown until its own `as_of` reaches the limit, and unknown after it."""
    pump.give_bolus(2.0)
    pump.run_for(minutes=30)
    pump.log_event(9, abc=70)
    pump.run_for(minutes=13)
    pump.read_glucose(120)
    pump.run_for(minutes=7)
    freezer.move_to(pump.now)
    await show(hass, tandem, **{CONF_STALE_AFTER: 60})
    dated = {
        state.entity_id: datetime.fromisoformat(state.attributes["as_of"])
        for state in hass.states.async_all("sensor")
        if state.attributes.get("as_of") and state.state != STATE_UNKNOWN
    }
    assert len(set(dated.values())) > 3
    others = {
        state.entity_id: state.state
        for state in hass.states.async_all("sensor")
        if state.entity_id not in dated
    }
    await tandem.stop()
    turned = set()
    for minutes in range(1, 70):
        await pass_time(hass, freezer)
        for entity, as_of in dated.items():
            state = hass.states.get(entity)
            assert state is not None
            old = datetime.now(UTC) - as_of > timedelta(minutes=60)
            assert (state.state == STATE_UNKNOWN) == old, (entity, minutes)
            assert state.attributes["as_of"] == as_of.isoformat()
            if old:
                turned.add(entity)
        for entity, before in others.items():
            state = hass.states.get(entity)
            assert state is not None
            assert state.state == before, (entity, minutes)
    assert turned == set(dated)


async def test_without_any_data_nothing_is_said(
    hass: HomeAssistant, tandem: SimulatedTandem
) -> None:
    """All sensors of an account without a pump are unknown."""
    [account] = tandem.accounts.values()
    account.pumps.clear()
    await show(hass, tandem)
    states = {state.state for state in hass.states.async_all("sensor")}
    assert states == {STATE_UNKNOWN}
