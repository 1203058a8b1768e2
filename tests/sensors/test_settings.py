"""Settings of the pump, where Tandem reports them."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest

from demo.pump import SimulatedPump
from demo.tandem import SimulatedTandem
from homeassistant.core import HomeAssistant
from tests.conftest import NOON
from tests.entity_states import (
    attributes,
    has,
    number,
    pass_time,
    show,
    unknown,
    upload,
    utc,
)

pytestmark = pytest.mark.usefixtures("recorder_mock")


async def test_a_pump_whose_settings_are_not_known(
    hass: HomeAssistant, tandem: SimulatedTandem, pump: SimulatedPump
) -> None:
    """Without settings the profile, the limits and the estimate are unavailable."""
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
    """160 without a unit could be pounds or kilograms."""
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
    """Other settings are shown; if the algorithm is unknown, those of Control-IQ may exist."""
    [account] = tandem.accounts.values()
    account.pumps[0].overrides = {"algorithm": algorithm}
    await show(hass, tandem)
    for key in ("control_iq_weight", "control_iq_total_daily_insulin"):
        assert has(hass, key) is possible
    assert has(hass, "max_bolus")


async def test_settings_of_an_old_upload_are_not_shown(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Old settings, like the active profile, may have changed since; the next upload shows them again."""
    entry = await show(hass, tandem)
    keys = [
        *("active_profile", "max_bolus", "basal_limit", "low_insulin_limit"),
        *("site_reminder", "cgm_low_limit", "cgm_high_limit", "bg_low_limit"),
        *("control_iq_weight", "control_iq_total_daily_insulin"),
    ]
    for key in keys:
        assert not unknown(hass, key), key
        assert attributes(hass, key)["as_of"] == utc(NOON), key
    await pass_time(hass, freezer, timedelta(hours=2))
    assert not unknown(hass, "max_bolus")
    await pass_time(hass, freezer)
    for key in keys:
        assert unknown(hass, key), key
        assert attributes(hass, key)["as_of"] == utc(NOON), key
    assert "enabled" not in attributes(hass, "cgm_low_limit")
    await upload(hass, entry, tandem)
    for key in keys:
        assert not unknown(hass, key), key
    assert attributes(hass, "cgm_low_limit")["enabled"] is True
