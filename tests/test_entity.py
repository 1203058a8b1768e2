"""All entities: ids, defaults, and behaviour when Tandem fails or the pump changes."""

from datetime import timedelta
import json

from freezegun.api import FrozenDateTimeFactory
import pytest
from syrupy.assertion import SnapshotAssertion

from custom_components.tconnectsync.const import DOMAIN
from demo.pump import SimulatedPump
from demo.tandem import SimulatedTandem
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.entity_platform import async_get_platforms
from homeassistant.helpers.json import json_dumps

from .account import add_entry, start
from .conftest import NOON
from .entity_states import (
    eventful_pump,
    object_id,
    pass_time,
    show,
    shown,
    upload,
    without_pauses,
)

pytestmark = pytest.mark.usefixtures("recorder_mock")


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A pump with an eventful morning."""
    return eventful_pump(freezer)


def instants_shown(hass: HomeAssistant) -> list[str]:
    """Return the ids of all sensors that show a timestamp."""
    return sorted(
        state.entity_id
        for state in hass.states.async_all("sensor")
        if state.attributes.get("device_class") == "timestamp"
        and state.state != STATE_UNKNOWN
    )


async def test_everything_that_is_shown(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    entity_registry: er.EntityRegistry,
    snapshot: SnapshotAssertion,
) -> None:
    """All entities of a pump in use match the snapshot."""
    entry = await show(hass, tandem)
    hidden = {"device_class", "event_types", "friendly_name", "options"}
    found = {}
    for entity in er.async_entries_for_config_entry(entity_registry, entry.entry_id):
        state = hass.states.get(entity.entity_id)
        assert state is not None
        details = json.loads(json_dumps(state.attributes))
        found[entity.entity_id] = {"state": state.state} | {
            key: value for key, value in details.items() if key not in hidden
        }
    assert found == snapshot


async def test_entity_ids_are_the_keys(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    entity_registry: er.EntityRegistry,
) -> None:
    """English entity ids match the keys of the entities, with few exceptions."""
    entry = await show(hass, tandem)
    entities = er.async_entries_for_config_entry(entity_registry, entry.entry_id)
    assert entities
    for entity in entities:
        key = entity.unique_id.removeprefix(f"{entry.unique_id}_")
        named = object_id(entity.domain, key)
        assert entity.entity_id == f"{entity.domain}.t_slim_x2_{named}"


async def test_ids_are_made_of_plain_letters(
    hass: HomeAssistant, tandem: SimulatedTandem
) -> None:
    """Suggested entity ids are plain ASCII: other characters make Home Assistant load a table of 3 MB."""
    await show(hass, tandem)
    entities = [
        entity
        for platform in async_get_platforms(hass, DOMAIN)
        for entity in platform.entities.values()
    ]
    ids = [entity.suggested_object_id or "" for entity in entities]
    assert "Insulin on board (estimate)" in ids
    assert all(map(str.isascii, ids))
    assert "Insulin on board (≈ estimate)" in [entity.name for entity in entities]


async def test_what_is_off_at_first(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    entity_registry: er.EntityRegistry,
    snapshot: SnapshotAssertion,
) -> None:
    """A new account enables the entities that most people need; all others are disabled by default."""
    entry = add_entry(hass, tandem)
    with without_pauses():
        assert await start(hass, entry)
    entities = er.async_entries_for_config_entry(entity_registry, entry.entry_id)
    assert {
        str(category or "everyday"): {
            "on": sorted(
                one.entity_id.replace("t_slim_x2_", "")
                for one in entities
                if one.entity_category == category and not one.disabled_by
            ),
            "off": sorted(
                one.entity_id.replace("t_slim_x2_", "")
                for one in entities
                if one.entity_category == category and one.disabled_by
            ),
        }
        for category in {one.entity_category for one in entities}
    } == snapshot


async def test_what_is_on_stays_on(
    hass: HomeAssistant, tandem: SimulatedTandem, entity_registry: er.EntityRegistry
) -> None:
    """Existing entities stay enabled or disabled when defaults change."""
    entry = add_entry(hass, tandem)
    known = {
        key: entity_registry.async_get_or_create(
            "sensor",
            DOMAIN,
            f"{entry.unique_id}_{key}",
            config_entry=entry,
            suggested_object_id=f"t_slim_x2_{key}",
            disabled_by=disabled_by,
        ).entity_id
        for key, disabled_by in (
            ("gmi", None),
            ("glucose", er.RegistryEntryDisabler.USER),
        )
    }
    with without_pauses():
        assert await start(hass, entry)
    assert hass.states.get(known["gmi"])
    assert hass.states.get(known["glucose"]) is None


async def test_error_at_tandem_changes_nothing_until_the_data_is_old(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    freezer: FrozenDateTimeFactory,
) -> None:
    """An hour without Tandem changes no fresh value, and entities never become unavailable."""
    await show(hass, tandem)
    before = {state.entity_id: state.state for state in hass.states.async_all()}
    await tandem.stop()
    await pass_time(
        hass, freezer, timedelta(minutes=5), until=NOON + timedelta(hours=1)
    )
    after = {state.entity_id: state.state for state in hass.states.async_all()}
    changed = {
        entity: (before[entity], state)
        for entity, state in after.items()
        if state != before[entity]
    }
    assert set(changed) <= {
        "sensor.t_slim_x2_battery",
        "sensor.t_slim_x2_insulin_on_board",
    }
    await pass_time(
        hass, freezer, timedelta(minutes=30), until=NOON + timedelta(days=1)
    )
    states = [state.state for state in hass.states.async_all()]
    assert STATE_UNAVAILABLE not in states
    assert STATE_UNKNOWN in states


async def test_a_new_pump_takes_the_entities_over(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    freezer: FrozenDateTimeFactory,
    entity_registry: er.EntityRegistry,
    device_registry: dr.DeviceRegistry,
) -> None:
    """A replacement pump uses the existing entities and device."""
    entry = await show(hass, tandem)
    entities = er.async_entries_for_config_entry(entity_registry, entry.entry_id)
    ids = {entity.entity_id for entity in entities}
    [account] = tandem.accounts.values()
    await pass_time(hass, freezer, timedelta(hours=1))
    mobi = SimulatedPump(
        start=NOON + timedelta(minutes=10),
        time_zone=account.pumps[0].pump.clock.zone,  # type: ignore[attr-defined]  # a simulated pump
        serial_number="99887766",
        model="Mobi",
        seed=9,
    )
    mobi.run_until(NOON + timedelta(minutes=59))
    account.add_pump(mobi).upload()
    await pass_time(hass, freezer, timedelta(minutes=6))
    entities = er.async_entries_for_config_entry(entity_registry, entry.entry_id)
    assert {entity.entity_id for entity in entities} == ids
    reading = mobi.sensor.last
    shown = hass.states.get("sensor.t_slim_x2_glucose")
    assert reading is not None
    assert shown is not None
    assert shown.state == str(reading.value)
    devices = dr.async_entries_for_config_entry(device_registry, entry.entry_id)
    assert [device.serial_number for device in devices] == ["99887766"]


async def test_by_a_clock_that_may_be_wrong_nobody_knows_when_anything_was(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """With a doubtful clock only the upload has a time, and alarms are shown without one."""
    entry = await show(hass, tandem)
    before = instants_shown(hass)
    assert {"site_changed", "sensor_expires", "last_alarm_time", "last_event"} <= {
        name.removeprefix("sensor.t_slim_x2_") for name in before
    }
    raised = shown(hass, "sensor.last_alarm")
    assert raised.attributes["time"]
    pump.clock.offset += 3 * 3600
    await pass_time(hass, freezer, timedelta(minutes=20))
    await upload(hass, entry, tandem)
    assert instants_shown(hass) == ["sensor.t_slim_x2_last_upload"]
    alarm = shown(hass, "sensor.last_alarm")
    assert alarm.state == raised.state
    assert (alarm.attributes["time"], alarm.attributes["cleared"]) == (None, None)
    stale = shown(hass, "binary_sensor.data_out_of_date")
    assert stale.attributes["reason"] == "clock_wrong"
    assert stale.attributes["newest_event"] is None
    assert stale.attributes["hours"] is None
