"""Event entities: each occurrence is fired once for automations, and old ones are not fired."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.tconnectsync.const import CONF_GLUCOSE_UNIT
from custom_components.tconnectsync.event import EVENTS
from custom_components.tconnectsync.occurrences import TOPIC_OF_KIND
from custom_components.tconnectsync.tandem import alarm_names
from custom_components.tconnectsync.tandem.enums import AlarmKind
from demo.pump import SimulatedPump
from demo.tandem import Fault, SimulatedTandem
from homeassistant.components.automation import DOMAIN as AUTOMATION_DOMAIN
from homeassistant.components.event import ATTR_EVENT_TYPE
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED, STATE_UNKNOWN
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component

from .account import add_entry, settle, start
from .conftest import NOON
from .entity_states import (
    live,
    pass_time,
    quiet_pump,
    show,
    shown,
    upload,
    without_pauses,
)

pytestmark = pytest.mark.usefixtures("recorder_mock")
HEARD = "heard"
A_WHILE = timedelta(minutes=20)
TOPICS = ("alarm", "alert", "cgm_alert", "bolus")


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A quiet pump."""
    return quiet_pump(freezer)


def name_of(topic: str) -> str:
    """Return the event entity of a topic, named as `sensor.glucose`."""
    return f"event.{topic}" if topic == "bolus" else f"event.{topic}_raised"


async def listen(hass: HomeAssistant, topic: str, *types: str) -> list[Any]:
    """Add an automation as a user would write it, and return the list of its runs."""
    heard = async_capture_events(hass, HEARD)
    automation = {
        "triggers": {
            "trigger": "event.received",
            "target": {"entity_id": name_of(topic).replace(".", ".t_slim_x2_")},
            "options": {"event_type": list(types)},
        },
        "actions": {
            "event": HEARD,
            "event_data": {
                "type": "{{ trigger.to_state.attributes.event_type }}",
                "number": "{{ trigger.to_state.attributes.get('number') }}",
                "sequence": "{{ trigger.to_state.attributes.sequence }}",
            },
        },
        "mode": "queued",
    }
    assert await async_setup_component(
        hass, AUTOMATION_DOMAIN, {AUTOMATION_DOMAIN: automation}
    )
    await hass.async_block_till_done()
    return heard


def fired_entities(hass: HomeAssistant) -> set[str]:
    """Return the topics of the event entities that have fired."""
    return {
        topic for topic in TOPICS if shown(hass, name_of(topic)).state != STATE_UNKNOWN
    }


async def restart(
    hass: HomeAssistant, entry: MockConfigEntry, *, starting: bool = False
) -> None:
    """Set up the account again, optionally while Home Assistant is still starting."""
    if starting:
        hass.set_state(CoreState.starting)
    with without_pauses():
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)


async def test_what_was_there_before_is_not_fired(
    hass: HomeAssistant, tandem: SimulatedTandem, pump: SimulatedPump
) -> None:
    """Events from before the installation are not fired."""
    pump.give_bolus(2.0)
    pump.provoke_alert(0)
    pump.provoke_cgm_alert(2)
    pump.run_for(minutes=10)
    pump.provoke_alarm(2)
    await show(hass, tandem)
    assert fired_entities(hass) == set()


async def test_an_alarm_reaches_automations_once(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The event has the pump's own time and its delay, and reading it again does not fire it again."""
    entry = await show(hass, tandem)
    heard = await listen(hass, "alarm", "occlusion", "empty_cartridge")
    await live(hass, freezer, pump, A_WHILE)
    pump.provoke_alarm(2)
    alarm = next(raw for raw in reversed(pump.events) if raw["eventCode"] == 5)
    await pass_time(hass, freezer, timedelta(minutes=3))
    await upload(hass, entry, tandem)
    assert [event.data["type"] for event in heard] == ["occlusion"]
    assert heard[0].data["sequence"] == alarm["sequenceNumber"]
    details = shown(hass, "event.alarm_raised").attributes
    assert details["pump_time"] == "2026-05-20T12:20:00"
    assert details["occurred_at"] == "2026-05-20T19:20:00+00:00"
    assert details["late_seconds"] == 180
    assert (details["sequence_group"], details["number"]) == (0, 2)
    assert (details["kind"], details["meaning"]) == ("alarm", "Occlusion")
    assert details["cleared"] is False
    for _ in range(3):
        await pass_time(hass, freezer, timedelta(minutes=6))
        await upload(hass, entry, tandem)
    assert len(heard) == 1


async def test_several_in_one_upload_are_fired_one_by_one(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Several events of one upload are fired one by one, even those of the same second."""
    entry = await show(hass, tandem)
    heard = await listen(
        hass, "alert", "insulin_low", "battery_low", "other", "bluetooth_crash"
    )
    await live(hass, freezer, pump, A_WHILE)
    for number in (0, 2, 251, 252):
        pump.provoke_alert(number)
    await upload(hass, entry, tandem)
    assert [event.data["type"] for event in heard] == [
        "insulin_low",
        "battery_low",
        "other",
        "other",
    ]
    assert [event.data["number"] for event in heard] == [0, 2, 251, 252]
    assert fired_entities(hass) == {"alert"}


async def test_a_malfunction_is_an_alarm(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A malfunction is fired as an alarm with a type of its own and its number."""
    entry = await show(hass, tandem)
    await live(hass, freezer, pump, A_WHILE)
    pump.provoke_malfunction(9)
    await upload(hass, entry, tandem)
    details = shown(hass, "event.alarm_raised").attributes
    assert details[ATTR_EVENT_TYPE] == "malfunction"
    assert details["number"] == 9


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ({"units": 2.0}, "correction"),
        ({"units": 2.0, "carbs": 20, "glucose": 140}, "meal"),
        ({"units": 2.0, "by": "algorithm"}, "automatic"),
        ({"units": 2.0, "extended_minutes": 60, "now_percent": 50}, "extended"),
    ],
)
async def test_boluses_are_fired_by_kind(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    freezer: FrozenDateTimeFactory,
    asked: dict[str, Any],
    kind: str,
) -> None:
    """A bolus is fired as soon as its delivered amount, or the plan for the rest of it, is known."""
    [account] = tandem.accounts.values()
    pump = account.pumps[0].pump
    assert isinstance(pump, SimulatedPump)
    entry = await show(hass, tandem)
    await live(hass, freezer, pump, A_WHILE)
    pump.give_bolus(**asked)
    await pass_time(hass, freezer, timedelta(minutes=3))
    await upload(hass, entry, tandem)
    details = shown(hass, "event.bolus").attributes
    assert details[ATTR_EVENT_TYPE] == kind
    flowed = pytest.approx(1.0, abs=0.1) if kind == "extended" else 2.0
    assert (details["insulin"], details["requested"]) == (flowed, 2.0)
    assert details["carbs"] == asked.get("carbs", 0)
    assert details["glucose"] == asked.get("glucose")
    assert details["in_progress"] == (kind == "extended")


async def test_a_bolus_is_fired_in_the_unit_of_the_options(
    hass: HomeAssistant, tandem: SimulatedTandem, freezer: FrozenDateTimeFactory
) -> None:
    """Both the event and the sensor show glucose in the configured unit, and name the unit."""
    [account] = tandem.accounts.values()
    pump = account.pumps[0].pump
    assert isinstance(pump, SimulatedPump)
    entry = await show(hass, tandem, **{CONF_GLUCOSE_UNIT: "mmol/L"})
    await live(hass, freezer, pump, A_WHILE)
    pump.give_bolus(2.0, 20, glucose=180)
    await pass_time(hass, freezer, timedelta(minutes=3))
    await upload(hass, entry, tandem)
    for entity in ("event.bolus", "sensor.last_bolus"):
        details = shown(hass, entity).attributes
        assert (details["glucose"], details["glucose_unit"]) == (10.0, "mmol/L")
    sensor = shown(hass, "sensor.last_bolus").attributes
    assert 0 < sensor["correction_factor"] < 10
    assert 3 < sensor["target"] < 10


async def test_what_came_while_home_assistant_was_down_is_fired_after_it(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A restart neither loses nor repeats an event."""
    entry = await show(hass, tandem)
    heard = await listen(hass, "alarm", "occlusion", "empty_cartridge")
    await live(hass, freezer, pump, A_WHILE)
    pump.provoke_alarm(2)
    await upload(hass, entry, tandem)
    await hass.config_entries.async_unload(entry.entry_id)
    await live(hass, freezer, pump, A_WHILE)
    pump.resume()
    pump.provoke_alarm(8)
    tandem.accounts[next(iter(tandem.accounts))].pumps[0].upload()
    await restart(hass, entry)
    assert [event.data["type"] for event in heard] == ["occlusion", "empty_cartridge"]
    await hass.config_entries.async_unload(entry.entry_id)
    await restart(hass, entry)
    assert len(heard) == 2


async def test_what_was_read_before_tandem_failed_is_fired_once(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """An alarm on the first page is fired at once, and not again after a reload."""
    entry = await show(hass, tandem)
    heard = await listen(hass, "alarm", "occlusion")
    await live(hass, freezer, pump, timedelta(minutes=3))
    pump.provoke_alarm(2)
    tandem.faults.add(Fault(path="/pump-logs/", status=500, skip=1))
    await upload(hass, entry, tandem)
    assert [event.data["type"] for event in heard] == ["occlusion"]
    await tandem.stop()
    assert await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert [event.data["type"] for event in heard] == ["occlusion"]


async def test_an_entity_that_is_turned_on_later_tells_what_comes_from_then_on(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """An entity enabled later starts with new events; entities already enabled fire those of the downtime."""
    entry = add_entry(hass, tandem)
    tandem.accounts[next(iter(tandem.accounts))].pumps[0].upload()
    with without_pauses():
        assert await start(hass, entry)
    await live(hass, freezer, pump, A_WHILE)
    pump.provoke_cgm_alert(2)
    await upload(hass, entry, tandem)
    await hass.config_entries.async_unload(entry.entry_id)
    await live(hass, freezer, pump, A_WHILE)
    pump.provoke_cgm_alert(3)
    pump.provoke_alert(0)
    tandem.accounts[next(iter(tandem.accounts))].pumps[0].upload()
    await restart(hass, entry)
    assert shown(hass, "event.alert_raised").state != STATE_UNKNOWN
    er.async_get(hass).async_update_entity(
        "event.t_slim_x2_cgm_alert_raised", disabled_by=None
    )
    await hass.config_entries.async_unload(entry.entry_id)
    await restart(hass, entry)
    await pass_time(hass, freezer, timedelta(minutes=2))
    assert shown(hass, "event.cgm_alert_raised").state == STATE_UNKNOWN
    await live(hass, freezer, pump, A_WHILE)
    pump.provoke_cgm_alert(4)
    await upload(hass, entry, tandem)
    alert = shown(hass, "event.cgm_alert_raised")
    assert alert.attributes[ATTR_EVENT_TYPE] == alarm_names.slug(AlarmKind.CGM_ALERT, 4)


async def test_nothing_is_fired_before_automations_listen(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Events are held back until Home Assistant has started and automations listen."""
    entry = await show(hass, tandem)
    await hass.config_entries.async_unload(entry.entry_id)
    await live(hass, freezer, pump, A_WHILE)
    pump.provoke_alert(0)
    tandem.accounts[next(iter(tandem.accounts))].pumps[0].upload()
    await restart(hass, entry, starting=True)
    assert shown(hass, "event.alert_raised").state == STATE_UNKNOWN
    entry.runtime_data.coordinator.async_update_listeners()
    assert shown(hass, "event.alert_raised").state == STATE_UNKNOWN
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await hass.async_block_till_done()
    assert (
        shown(hass, "event.alert_raised").attributes[ATTR_EVENT_TYPE] == "insulin_low"
    )


async def test_what_comes_a_day_late_is_not_fired(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """An event that is a day late is shown in the history and as the last alert, but not fired."""
    entry = await show(hass, tandem)
    await live(hass, freezer, pump, A_WHILE)
    pump.provoke_cgm_alert(2)
    pump.run_for(hours=24)
    await pass_time(hass, freezer, timedelta(hours=3), until=NOON + timedelta(hours=25))
    await upload(hass, entry, tandem)
    assert fired_entities(hass) == set()
    assert shown(hass, "sensor.last_cgm_alert").state == "high"


async def test_what_was_fired_last_survives_staleness(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Event entities never become unavailable, because the return would hide the next event."""
    entry = await show(hass, tandem)
    await live(hass, freezer, pump, A_WHILE)
    pump.provoke_alert(0)
    await upload(hass, entry, tandem)
    before = shown(hass, "event.alert_raised").state
    await tandem.stop()
    await pass_time(hass, freezer, timedelta(hours=1), until=NOON + timedelta(hours=9))
    assert shown(hass, "event.alert_raised").state == before
    assert shown(hass, "event.alarm_raised").state == STATE_UNKNOWN


@pytest.mark.parametrize("kind", AlarmKind)
def test_every_number_has_a_type(kind: AlarmKind) -> None:
    """Any number of an alarm or alert leads to an event type that the entity has."""
    [event] = [one for one in EVENTS if one.topic == TOPIC_OF_KIND[kind]]
    types = {alarm_names.slug(kind, number) for number in range(1000)}
    assert types <= set(event.event_types or ())
