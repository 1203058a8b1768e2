"""The button polls Tandem at once."""

from datetime import timedelta
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
import pytest

from demo.pump import SimulatedPump
from demo.tandem import SimulatedTandem
from homeassistant.components.button import DOMAIN as BUTTON_DOMAIN, SERVICE_PRESS
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .entity_states import number, pass_time, quiet_pump, show, without_pauses

pytestmark = pytest.mark.usefixtures("recorder_mock")


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A quiet pump."""
    return quiet_pump(freezer)


async def press(hass: HomeAssistant) -> None:
    """Press the button and wait for the work that follows."""
    with without_pauses():
        await hass.services.async_call(
            BUTTON_DOMAIN,
            SERVICE_PRESS,
            {ATTR_ENTITY_ID: "button.t_slim_x2_sync_now"},
            blocking=True,
        )
        await hass.async_block_till_done(wait_background_tasks=True)


async def test_what_was_just_uploaded_is_there_at_once(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A recent upload is shown without waiting for the next poll."""
    await show(hass, tandem)
    await pass_time(hass, freezer, timedelta(minutes=2))
    pump.run_for(minutes=1)
    pump.read_glucose(133)
    [account] = tandem.accounts.values()
    account.pumps[0].upload()
    await press(hass)
    assert number(hass, "glucose") == 133


async def test_error_is_raised_to_who_pressed_it(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A failed press raises an error, and the next press may succeed."""
    await show(hass, tandem)
    await pass_time(hass, freezer, timedelta(minutes=2))
    await tandem.stop()
    with pytest.raises(HomeAssistantError, match="Could not connect"):
        await press(hass)
    await tandem.start()
    await pass_time(hass, freezer, timedelta(seconds=30))
    await press(hass)


async def test_what_nobody_foresaw_is_raised_as_well(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    freezer: FrozenDateTimeFactory,
) -> None:
    """An unexpected error is raised as well, so that a failure never looks like a success."""
    entry = await show(hass, tandem)
    await pass_time(hass, freezer, timedelta(minutes=2))
    reader = entry.runtime_data.reader
    with (
        patch.object(reader, "poll", side_effect=ValueError("what is this")),
        pytest.raises(HomeAssistantError, match="Unexpected error"),
    ):
        await press(hass)
