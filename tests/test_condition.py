"""Conditions: true only for states of the pump that are known."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.tconnectsync.condition import CONDITIONS
from custom_components.tconnectsync.const import DOMAIN
from demo.pump import SimulatedPump
from demo.tandem import SimulatedTandem
from homeassistant.core import HomeAssistant
from homeassistant.helpers import condition, config_validation as cv

from .entity_states import pass_time, quiet_pump, show, upload

pytestmark = pytest.mark.usefixtures("recorder_mock")
PUMP = {"entity_id": "binary_sensor.t_slim_x2_alarm"}


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A quiet pump."""
    return quiet_pump(freezer)


@pytest.fixture
async def entry(
    hass: HomeAssistant, tandem: SimulatedTandem, pump: SimulatedPump
) -> MockConfigEntry:
    """The account that has just been set up."""
    return await show(hass, tandem)


async def holds(
    hass: HomeAssistant,
    name: str,
    target: dict[str, Any] | None = None,
    **options: Any,
) -> bool | None:
    """Return whether a condition is true."""
    config = cv.CONDITION_SCHEMA(
        {
            "condition": f"{DOMAIN}.{name}",
            "target": target or PUMP,
            "options": options,
        }
    )
    config = await condition.async_validate_condition_config(hass, config)
    checker = await condition.async_from_config(hass, config)
    try:
        return checker.async_check()
    finally:
        checker.async_unload()


async def test_an_alarm_is_raised_until_it_is_cleared(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    entry: MockConfigEntry,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """An alarm counts until it is cleared, however old it is; other kinds do not count."""
    assert await holds(hass, "alarm_raised") is False
    pump.provoke_alarm(2)
    await pass_time(hass, freezer)
    await upload(hass, entry, tandem)
    assert await holds(hass, "alarm_raised") is True
    assert await holds(hass, "alarm_raised", kinds=["occlusion"]) is True
    assert await holds(hass, "alarm_raised", kinds=["empty_cartridge"]) is False
    await pass_time(hass, freezer, timedelta(hours=5))
    assert await holds(hass, "alarm_raised") is True
    pump.clear_alarm(2)
    await pass_time(hass, freezer)
    await upload(hass, entry, tandem)
    assert await holds(hass, "alarm_raised", kinds=["occlusion"]) is False


async def test_delivery_is_suspended_until_it_is_resumed(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    entry: MockConfigEntry,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A suspension counts until it is resumed, optionally only after a minimum duration."""
    assert await holds(hass, "delivery_suspended") is False
    pump.suspend()
    await pass_time(hass, freezer)
    await upload(hass, entry, tandem)
    long = {"for": {"minutes": 30}}
    assert await holds(hass, "delivery_suspended") is True
    assert await holds(hass, "delivery_suspended", **long) is False
    await pass_time(hass, freezer, timedelta(minutes=30))
    assert await holds(hass, "delivery_suspended", **long) is True
    pump.resume()
    await pass_time(hass, freezer)
    await upload(hass, entry, tandem)
    assert await holds(hass, "delivery_suspended") is False


async def test_old_data_is_told_from_recent(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The limit applies to the pump's newest event, and Control-IQ counts as on only until data is stale."""
    pump.log_event(230, currentPcm=3, previousPcm=1, closedLoopPreferred=1)
    await show(hass, tandem)
    assert await holds(hass, "data_not_older_than", limit={"minutes": 30}) is True
    assert await holds(hass, "control_iq_on") is True
    await pass_time(hass, freezer, timedelta(minutes=31))
    assert await holds(hass, "data_not_older_than", limit={"minutes": 30}) is False
    assert await holds(hass, "data_not_older_than", limit={"hours": 1}) is True
    assert await holds(hass, "control_iq_on") is True
    await pass_time(hass, freezer, timedelta(hours=2))
    assert await holds(hass, "control_iq_on") is False


@pytest.mark.parametrize("name", CONDITIONS)
async def test_nothing_holds_of_what_is_no_pump(
    hass: HomeAssistant, entry: MockConfigEntry, name: str
) -> None:
    """No condition is true for a device that is no pump, or for an account that is not loaded."""
    options = {"limit": {"hours": 1}} if name == "data_not_older_than" else {}
    assert await holds(hass, name, {"entity_id": "sun.sun"}, **options) is False
    await hass.config_entries.async_unload(entry.entry_id)
    assert await holds(hass, name, **options) is False


@pytest.mark.usefixtures("entry")
async def test_what_makes_no_sense_is_refused(hass: HomeAssistant) -> None:
    """Invalid options are refused when the automation is saved."""
    with pytest.raises(vol.Invalid):
        await holds(hass, "data_not_older_than")
    with pytest.raises(vol.Invalid):
        await holds(hass, "alarm_raised", kinds=["unheard_of"])
