"""CGM sensor sessions from start to end."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest

from demo.pump import SimulatedPump
from demo.tandem import SimulatedTandem
from homeassistant.core import HomeAssistant
from tests.conftest import NOON
from tests.entity_states import attributes, has, live, show, shown, unknown, upload, utc

pytestmark = pytest.mark.usefixtures("recorder_mock")


async def test_a_sensor_session(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """An ended session has no expiry, and its duration is known."""
    day = 86400
    session = {"sessionStartTime": 5 * day, "sessionDuration": 10}
    pump.log_event(213, currentTransmitterTime=13 * day, **session)
    entry = await show(hass, tandem)
    started = NOON - timedelta(days=8)
    assert shown(hass, "sensor.sensor_started").state == utc(started)
    assert shown(hass, "sensor.sensor_expires").state == utc(NOON + timedelta(days=2))
    assert shown(hass, "sensor.transmitter_expires").state == utc(
        NOON + timedelta(days=77)
    )
    assert shown(hass, "sensor.cgm_type").state == "dexcom_g6"
    assert unknown(hass, "sensor_session_ended")
    await live(hass, freezer, pump, timedelta(hours=12))
    clock = 13 * day + day // 2
    pump.log_event(
        214,
        **session,
        currentTransmitterTime=clock,
        sessionStopTime=clock,
        sessionStopReason=5,
    )
    await upload(hass, entry, tandem)
    assert unknown(hass, "sensor_expires")
    assert shown(hass, "sensor.sensor_session_ended").state == utc(pump.now)
    assert attributes(hass, "transmitter_expires")["started"] == utc(
        NOON - timedelta(days=13)
    )
    ended = attributes(hass, "sensor_session_ended")
    assert (ended["reason"], ended["worn_days"]) == (5, 8.5)


async def test_a_sensor_without_a_transmitter_has_no_end_of_one(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The expiry of the transmitter appears with the first CGM sensor that has one."""
    pump.log_event(313, sensorType=3)
    entry = await show(hass, tandem)
    assert shown(hass, "sensor.cgm_type").state == "dexcom_g7"
    assert not has(hass, "transmitter_expires")
    await live(hass, freezer, pump, timedelta(hours=1))
    pump.log_event(313, sensorType=1)
    await upload(hass, entry, tandem)
    assert shown(hass, "sensor.cgm_type").state == "dexcom_g6"
    assert has(hass, "transmitter_expires")
