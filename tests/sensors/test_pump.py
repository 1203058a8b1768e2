"""The modes and the profile of the pump."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest

from demo.pump import Mode, SimulatedPump
from demo.tandem import SimulatedTandem
from homeassistant.core import HomeAssistant
from tests.entity_states import (
    attributes,
    live,
    pass_time,
    show,
    shown,
    unknown,
    upload,
    utc,
)

pytestmark = pytest.mark.usefixtures("recorder_mock")


async def test_modes_since_they_began(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A mode that midnight repeats did not start at midnight."""
    pump.start_mode(Mode.SLEEP)
    pump.settle_control()
    began = pump.now
    pump.run_for(hours=1)
    pump.log_event(313, pumpControlState=2, usermode=1, sensorType=3)
    pump.run_for(minutes=1)
    freezer.move_to(pump.now)
    await show(hass, tandem)
    assert shown(hass, "sensor.activity_mode").state == "sleep"
    assert attributes(hass, "activity_mode")["since"] == began.isoformat()
    assert shown(hass, "sensor.control_mode").state == "waiting"
    assert attributes(hass, "control_mode")["since"] == began.isoformat()
    assert shown(hass, "sensor.cgm_type").state == "dexcom_g7"


async def test_the_active_profile(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The sensor shows name and schedule as of the last upload, and another profile once it is activated."""
    entry = await show(hass, tandem)
    assert shown(hass, "sensor.active_profile").state == "Everyday"
    assert len(attributes(hass, "active_profile")["schedule"]) == 4
    await live(hass, freezer, pump, timedelta(minutes=20))
    pump.activate_profile(2)
    await upload(hass, entry, tandem)
    assert shown(hass, "sensor.active_profile").state == "Weekend"
    profile = attributes(hass, "active_profile")
    assert profile["as_of"] == utc(pump.now)
    assert [segment["start"] for segment in profile["schedule"]] == ["00:00", "09:00"]
    await pass_time(hass, freezer, timedelta(hours=3))
    assert unknown(hass, "active_profile")
    assert "schedule" not in attributes(hass, "active_profile")
