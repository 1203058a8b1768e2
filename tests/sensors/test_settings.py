"""What is set on the pump, where it is told."""

import pytest

from demo.pump import SimulatedPump
from demo.tandem import SimulatedTandem
from homeassistant.core import HomeAssistant
from tests.entity_states import attributes, has, number, show, unknown

pytestmark = pytest.mark.usefixtures("recorder_mock")


async def test_a_pump_whose_settings_are_not_known(
    hass: HomeAssistant, tandem: SimulatedTandem, pump: SimulatedPump
) -> None:
    """Without settings there is no profile, no limit and no estimate."""
    pump.give_bolus(2.0)
    [account] = tandem.accounts.values()
    account.pumps[0].overrides = {"settings": None}
    await show(hass, tandem)
    for key in (
        "active_profile",
        "max_bolus",
        "control_iq_weight",
        "cgm_high_limit",
        "insulin_on_board_estimate",
        "insulin_on_board_ends",
    ):
        assert unknown(hass, key), key
    assert "schedule" not in attributes(hass, "active_profile")


async def test_a_weight_without_its_unit_is_not_shown(
    hass: HomeAssistant, tandem: SimulatedTandem, pump: SimulatedPump
) -> None:
    """160 of what, pounds or kilograms, would be a guess."""
    [account] = tandem.accounts.values()
    details = {**pump.settings, "controlIqSettings": {"weight": 160}}
    account.pumps[0].overrides = {"settings": {"details": details}}
    await show(hass, tandem)
    assert unknown(hass, "control_iq_weight")
    assert number(hass, "max_bolus") == 25


@pytest.mark.parametrize(
    ("algorithm", "possible"),
    [("Control-IQ", True), ("Control-IQ+", True), (None, True), ("Basal-IQ", False)],
)
async def test_a_pump_without_control_iq_has_no_settings_of_it(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    algorithm: str | None,
    possible: bool,
) -> None:
    """All others it has; where nothing is said of it they may be."""
    [account] = tandem.accounts.values()
    account.pumps[0].overrides = {"algorithm": algorithm}
    await show(hass, tandem)
    for key in ("control_iq_weight", "control_iq_total_daily_insulin"):
        assert has(hass, key) is possible
    assert has(hass, "max_bolus")
