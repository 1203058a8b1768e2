"""The Nightscout device: the state of forwarding and the progress of a backfill."""

from datetime import timedelta
import json
from pathlib import Path

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tconnectsync.const import (
    CONF_NIGHTSCOUT_SECRET,
    CONF_NIGHTSCOUT_URL,
)
from custom_components.tconnectsync.device import nightscout_identifier, pump_identifier
from demo.nightscout.faults import Fault
from demo.pump import SimulatedPump
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNKNOWN, EntityCategory
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import device_registry as dr, entity_registry as er
from tests.conftest import NOON, lived
from tests.world import World

pytestmark = pytest.mark.usefixtures(
    "recorder_mock", "no_pauses_between_reads", "no_late_data"
)

TRANSLATIONS = Path("custom_components/tconnectsync/translations/en.json")
KEYS = {
    "connected",
    "last_sync",
    "sent_to_nightscout",
    "waiting_to_be_sent",
    "backfill_progress",
}


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A quiet pump that was in use for ten days."""
    freezer.move_to(NOON)
    return lived(10, now=NOON, quiet=True)


def shown(hass: HomeAssistant, key: str) -> State:
    """Return the state of an entity of the device."""
    platform = "binary_sensor" if key == "connected" else "sensor"
    state = hass.states.get(f"{platform}.nightscout_{key}")
    assert state is not None, key
    return state


def named_attributes(key: str) -> set[str]:
    """Return the named attributes of a sensor."""
    entities = json.loads(TRANSLATIONS.read_text())["entity"]["sensor"]
    return set(entities[key]["state_attributes"])


def states(hass: HomeAssistant) -> dict[str, str]:
    """Return the states of all its entities."""
    return {key: shown(hass, key).state for key in KEYS}


def device(world: World) -> dr.DeviceEntry | None:
    """Return the device."""
    identifier = nightscout_identifier(world.entry)
    devices = dr.async_get(world.hass)
    return devices.async_get_device_by_identifier(identifier, world.entry.entry_id)


async def test_everything_goes_well(world: World, hass: HomeAssistant) -> None:
    """All sent documents are counted, and none is pending."""
    await world.begin()
    assert states(hass) == {
        "connected": STATE_ON,
        "last_sync": "2026-05-20T19:00:00+00:00",
        "sent_to_nightscout": str(world.nightscout.counters.total()),
        "waiting_to_be_sent": "0",
        "backfill_progress": STATE_UNKNOWN,
    }
    await world.reload()
    assert shown(hass, "sent_to_nightscout").state == str(
        world.nightscout.counters.total()
    )


async def test_nightscout_is_away(world: World, hass: HomeAssistant) -> None:
    """Pending documents are counted, and the time of the last sync stays."""
    await world.begin()
    await world.nightscout.stop()
    await world.upload()
    states_shown = states(hass)
    assert states_shown["connected"] == STATE_OFF
    assert int(states_shown["waiting_to_be_sent"]) > 0
    assert states_shown["last_sync"] == "2026-05-20T19:00:00+00:00"


async def test_before_the_first_contact(world: World, hass: HomeAssistant) -> None:
    """All entities are unknown."""
    await world.begin()
    world.tandem.faults.clear()
    await world.tandem.stop()
    await world.reload()
    assert shown(hass, "connected").state == STATE_UNKNOWN
    await world.tandem.start()


async def test_a_backfill(world: World, hass: HomeAssistant) -> None:
    """Progress, phase and error of a backfill are shown."""
    await world.begin()
    days = {
        "start_date": (world.today() - timedelta(days=8)).isoformat(),
        "end_date": (world.today() - timedelta(days=4)).isoformat(),
    }
    await world.call("backfill", **days)
    running = shown(hass, "backfill_progress")
    assert float(running.state) == 0
    assert running.attributes["phase"] == "running"
    assert named_attributes("backfill_progress") <= running.attributes.keys()
    await world.settle()
    done = shown(hass, "backfill_progress")
    assert float(done.state) == 100
    assert done.attributes["phase"] == "done"
    assert done.attributes["error"] is None
    world.nightscout.faults.add(Fault(status=413, times=None))
    await world.call("backfill", **days, resend=True)
    await world.settle()
    failed = shown(hass, "backfill_progress")
    assert failed.attributes["phase"] == "failed"
    assert failed.attributes["error"] == "too large for the site"


async def test_the_device_stands_behind_the_pump(world: World) -> None:
    """The device is connected through the pump, links to the site, and its entities are all diagnostic."""
    await world.begin()
    found = device(world)
    assert found
    assert found.name == "Nightscout"
    assert found.configuration_url == world.nightscout.url
    pumps = dr.async_get(world.hass).async_get_device_by_identifier(
        pump_identifier(world.entry), world.entry.entry_id
    )
    assert pumps
    assert found.via_device_id == pumps.id
    entities = er.async_entries_for_device(er.async_get(world.hass), found.id)
    assert len(entities) == len(KEYS)
    assert {one.entity_category for one in entities} == {EntityCategory.DIAGNOSTIC}


async def test_it_goes_with_nightscout(world: World, hass: HomeAssistant) -> None:
    """Without forwarding there is no empty Nightscout device."""
    await world.begin()
    gone = (CONF_NIGHTSCOUT_URL, CONF_NIGHTSCOUT_SECRET)
    data = {key: value for key, value in world.entry.data.items() if key not in gone}
    hass.config_entries.async_update_entry(world.entry, data=data)
    await world.reload()
    assert device(world) is None
    assert hass.states.get("sensor.nightscout_last_sync") is None
    assert hass.states.get("sensor.t_slim_x2_last_event")
