"""The activity view: it shows what happens, not that the account was reloaded or an upload came."""

from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from demo.pump import SimulatedPump
from demo.tandem import SimulatedTandem
from homeassistant.components.logbook.helpers import is_sensor_continuous
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import EVENT_STATE_CHANGED, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .entity_states import eventful_pump, show, shown, upload, without_pauses

pytestmark = pytest.mark.usefixtures("recorder_mock")


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A pump with an eventful morning."""
    return eventful_pump(freezer)


async def test_a_reload_tells_nothing(
    hass: HomeAssistant, tandem: SimulatedTandem
) -> None:
    """What held before and holds after is no change from "unavailable", which would be shown as one."""
    entry = await show(hass, tandem)
    last_alarm = shown(hass, "sensor.last_alarm").state
    changes = async_capture_events(hass, EVENT_STATE_CHANGED)
    with without_pauses():
        assert await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
    assert shown(hass, "sensor.last_alarm").state == last_alarm
    assert [
        change.data["entity_id"]
        for change in changes
        if (old := change.data["old_state"])
        and (new := change.data["new_state"])
        and new.state not in (old.state, STATE_UNAVAILABLE)
    ] == []


async def test_instants_are_no_news(
    hass: HomeAssistant, tandem: SimulatedTandem, entity_registry: er.EntityRegistry
) -> None:
    """Home Assistant leaves them out of the activity view, and all other words in."""
    entry = await show(hass, tandem)
    entities = er.async_entries_for_config_entry(entity_registry, entry.entry_id)
    instants = {
        one.entity_id: is_sensor_continuous(hass, entity_registry, one.entity_id)
        for one in entities
        if one.original_device_class == SensorDeviceClass.TIMESTAMP
        and one.domain == "sensor"
    }
    assert len(instants) > 10
    assert set(instants.values()) == {True}
    for words in ("last_alarm", "control_mode", "activity_mode"):
        entity_id = f"sensor.t_slim_x2_{words}"
        assert not is_sensor_continuous(hass, entity_registry, entity_id)


async def test_no_two_entities_have_the_same_name(
    hass: HomeAssistant, tandem: SimulatedTandem, entity_registry: er.EntityRegistry
) -> None:
    """In the activity view nothing but the name tells them apart."""
    entry = await show(hass, tandem)
    names = [
        one.original_name
        for one in er.async_entries_for_config_entry(entity_registry, entry.entry_id)
    ]
    assert len(names) == len(set(names))


async def test_a_new_alarm_is_shown(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """After a reload as before it."""
    entry = await show(hass, tandem)
    with without_pauses():
        assert await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
    changes = async_capture_events(hass, EVENT_STATE_CHANGED)
    freezer.tick(timedelta(minutes=20))
    pump.run_until(datetime.now(UTC) - timedelta(minutes=5))
    pump.provoke_alarm(29)
    await upload(hass, entry, tandem)
    raised = [
        change.data["old_state"]
        for change in changes
        if change.data["entity_id"] == "event.t_slim_x2_alarm_raised"
    ]
    assert raised
    assert None not in raised
