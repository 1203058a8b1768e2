"""Reloads and uploads do not look like new events in automations and in the activity view."""

from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from demo.pump import SimulatedPump
from demo.tandem import SimulatedTandem
from homeassistant.components.automation import DOMAIN as AUTOMATION
from homeassistant.components.logbook.helpers import is_sensor_continuous
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import EVENT_STATE_CHANGED, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component

from .entity_states import eventful_pump, show, upload, without_pauses

pytestmark = pytest.mark.usefixtures("recorder_mock")


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A pump with an eventful morning."""
    return eventful_pump(freezer)


async def test_a_reload_raises_no_alarm_again(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """An automation with guards against "unavailable" and "unknown" does not run again after a reload."""
    entry = await show(hass, tandem)
    heard = async_capture_events(hass, "heard")
    nothing = [STATE_UNAVAILABLE, STATE_UNKNOWN]
    guard = {"trigger": "state", "not_from": nothing}
    automation = {
        "triggers": [
            guard | {"entity_id": "event.t_slim_x2_alarm_raised", "not_to": nothing},
            guard | {"entity_id": "binary_sensor.t_slim_x2_alarm", "to": "on"},
            guard | {"entity_id": "sensor.t_slim_x2_last_alarm", "not_to": nothing},
        ],
        "actions": {
            "event": "heard",
            "event_data": {"from": "{{ trigger.from_state.state }}"},
        },
        "mode": "parallel",
    }
    assert await async_setup_component(hass, AUTOMATION, {AUTOMATION: automation})
    freezer.tick(timedelta(minutes=20))
    pump.run_until(datetime.now(UTC) - timedelta(minutes=5))
    pump.provoke_alarm(2)
    await upload(hass, entry, tandem)
    freezer.tick(timedelta(minutes=20))
    pump.run_until(datetime.now(UTC) - timedelta(minutes=5))
    pump.provoke_alarm(8)
    await upload(hass, entry, tandem)
    before = [event.data["from"] for event in heard]
    assert "occlusion" in before
    assert "off" in before
    for _ in range(2):
        with without_pauses():
            assert await hass.config_entries.async_reload(entry.entry_id)
            await hass.async_block_till_done(wait_background_tasks=True)
    assert [event.data["from"] for event in heard] == before


async def test_instants_are_no_news(
    hass: HomeAssistant, tandem: SimulatedTandem, entity_registry: er.EntityRegistry
) -> None:
    """Home Assistant leaves timestamps out of the activity view, but shows states in words."""
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
    """The activity view identifies entities by name only."""
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
    """A new alarm is shown after a reload as before it."""
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
