"""Blueprints: Home Assistant loads each one, and events of a pump trigger its actions."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
import re
from shutil import copytree
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
    async_mock_service,
)

from custom_components.tconnectsync.automations import one_run_at_a_time
from custom_components.tconnectsync.automations.trigger_options import ALARM_SLUGS
from demo.pump import SimulatedPump
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.template import Template
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml_dict

from .account import settle
from .automated import Life
from .entity_states import DAY, quiet_pump

FOLDER = Path("blueprints/automation/tconnectsync")
RUNS = ("AutomationEntity.", "Script", "_ScriptRun", "_async_attach_trigger")
SPINS = 200
"""Steps of the event loop in which an automation reaches its next wait."""
OVER_AT_ONCE = timedelta(seconds=-1)
"""A wait that is over at once, although time is stopped."""
PRESSED = "mobile_app_notification_action"
pytestmark = pytest.mark.usefixtures("recorder_mock")


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A quiet pump."""
    return quiet_pump(freezer)


def start_sensor(pump: SimulatedPump, day: float) -> None:
    """Let the pump join its fortieth sensor, a ten-day sensor whose transmitter started on this day."""
    pump.log_event(
        213,
        currentTransmitterTime=40 * DAY,
        sessionStartTime=round(day * DAY),
        sessionDuration=10,
        sessionJoinReason=8,
    )


class Home:
    """The phones, and the automation created from a blueprint."""

    def __init__(self, life: Life) -> None:
        """Start with two phones."""
        self.life, self.hass = life, life.hass
        self.said: list[ServiceCall] = []
        self.phones = [self.phone("Ada's phone"), self.phone("Tablet")]

    def phone(self, name: str, state: str = STATE_UNKNOWN) -> str:
        """Add a phone; its entity is unavailable if the app cannot be notified."""
        entry = MockConfigEntry(domain="mobile_app", title=name)
        entry.add_to_hass(self.hass)
        device = dr.async_get(self.hass).async_get_or_create(
            config_entry_id=entry.entry_id,
            identifiers={("mobile_app", name)},
            name=name,
        )
        entity = er.async_get(self.hass).async_get_or_create(
            "notify",
            "mobile_app",
            name,
            config_entry=entry,
            device_id=device.id,
        )
        self.hass.states.async_set(entity.entity_id, state)
        return device.id

    async def automate(self, blueprint: str, **inputs: Any) -> None:
        """Create an automation from a blueprint."""
        hass = self.hass
        self.said = async_mock_service(hass, "notify", "mobile_app_ada_s_phone")
        self.other = async_mock_service(hass, "notify", "mobile_app_tablet")
        await hass.async_add_executor_job(
            copytree, "blueprints", hass.config.path("blueprints")
        )
        inputs = {"pump": self.life.device_id, "phones": self.phones, **inputs}
        inputs = {name: given for name, given in inputs.items() if given is not None}
        config = {
            "use_blueprint": {"path": f"tconnectsync/{blueprint}.yaml", "input": inputs}
        }
        assert await async_setup_component(hass, "automation", {"automation": config})
        await hass.async_block_till_done()
        [automation] = hass.states.async_all("automation")
        assert automation.state == "on"

    def words(self) -> list[str]:
        """Return the texts of the notifications on the phone."""
        return [call.data["message"] for call in self.said]

    def button(self, title: str, nth: int = -1) -> str:
        """Return the action of a notification's button."""
        actions = self.said[nth].data["data"]["actions"]
        return next(str(one["action"]) for one in actions if one["title"] == title)

    async def press(self, title: str) -> None:
        """Press a button of the last notification."""
        self.hass.bus.async_fire(PRESSED, {"action": self.button(title)})
        await settle(self.hass)

    async def let_pass(self, **time: float) -> None:
        """Let this much time pass and delays end."""
        self.life.freezer.tick(timedelta(**time))
        async_fire_time_changed(self.hass)
        await settle(self.hass)


@pytest.fixture
def home(life: Life) -> Iterator[Home]:
    """Two phones and a running account; settling does not wait for automation runs that wait for a button."""
    hass = life.hass

    def waits(task: asyncio.Future[Any]) -> bool:
        coroutine = task.get_coro() if isinstance(task, asyncio.Task) else None
        name = getattr(coroutine, "__qualname__", "")
        return name.startswith(RUNS)

    async def settled(wait_background_tasks: bool = False) -> None:
        for _ in range(SPINS):
            await asyncio.sleep(0)
            tasks = hass._tasks | hass._background_tasks  # noqa: SLF001 - there is no other way to leave some out
            if working := [task for task in tasks if not waits(task)]:
                await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)

    with (
        patch.object(hass, "async_block_till_done", settled),
        patch.object(one_run_at_a_time, "WAIT_AT_MOST", OVER_AT_ONCE),
    ):
        yield Home(life)


@pytest.mark.parametrize(
    "path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem
)
def test_every_blueprint_says_where_it_comes_from(path: Path) -> None:
    """The source URL leads to the file, and the description names the age limit."""
    about = load_yaml_dict(str(path))["blueprint"]
    assert isinstance(about, dict)
    assert about["source_url"].endswith(path.as_posix())
    assert "hour" in about["description"]


@pytest.mark.parametrize("name", ["pump_alarm", "light_and_speaker"])
def test_every_alarm_can_be_chosen_and_is_at_first(name: str) -> None:
    """All alarms are selected by default, except the pump's reminders and obsolete ones."""
    about = load_yaml_dict(str(FOLDER / f"{name}.yaml"))["blueprint"]
    assert isinstance(about, dict)
    chosen = about["input"]["alarm_kinds"]
    offered = [one["value"] for one in chosen["selector"]["select"]["options"]]
    assert sorted(offered) == sorted(ALARM_SLUGS)
    assert set(offered) - set(chosen["default"]) == {"resume_pump_reminder", "obsolete"}


PHONES = sorted(
    path.stem for path in FOLDER.glob("*.yaml") if "mobile_app" in path.read_text()
)


@pytest.mark.parametrize("name", PHONES)
def test_only_phones_that_can_be_notified_are_offered(name: str) -> None:
    """The selector offers phones with a notify entity, and the blueprint leaves out phones that lost theirs."""
    blueprint = load_yaml_dict(str(FOLDER / f"{name}.yaml"))
    about, variables = blueprint["blueprint"], blueprint["variables"]
    assert isinstance(about, dict)
    assert isinstance(variables, dict)
    offered = about["input"]["phones"]["selector"]["device"]
    assert offered["filter"] == [{"integration": "mobile_app"}]
    assert offered["entity"] == [{"domain": "notify"}]
    assert variables["phones"] != variables["chosen_phones"]


async def test_what_home_assistant_says_of_a_phone_is_what_it_can(
    hass: HomeAssistant,
) -> None:
    """A phone of the mobile app is notified if it has the notify action, and left out if that is gone."""
    assert await async_setup_component(hass, "mobile_app", {})
    devices = []
    for name, app in (
        ("New phone", {"push_token": "token", "push_url": "http://localhost/push"}),
        ("Without push", {}),
    ):
        entry = MockConfigEntry(
            domain="mobile_app",
            title=name,
            data={
                "app_data": app,
                "app_id": "app",
                "app_name": "App",
                "app_version": "1",
                "device_id": name,
                "device_name": name,
                "manufacturer": "Example",
                "model": "Phone",
                "os_name": "Android",
                "os_version": "16",
                "supports_encryption": False,
                "user_id": name,
                "webhook_id": name,
            },
        )
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        [device] = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
        devices.append(device.id)
    variables = load_yaml_dict(str(FOLDER / "pump_alarm.yaml"))["variables"]
    assert isinstance(variables, dict)
    able = Template(variables["phones"], hass)
    chosen = {"chosen_phones": devices}
    assert hass.services.has_service("notify", "mobile_app_new_phone")
    assert not hass.services.has_service("notify", "mobile_app_without_push")
    assert able.async_render(chosen) == devices[:1]
    able_entry, _ = hass.config_entries.async_entries("mobile_app")
    assert await hass.config_entries.async_unload(able_entry.entry_id)
    assert not hass.services.has_service("notify", "mobile_app_new_phone")
    assert able.async_render(chosen) == []


async def test_a_phone_without_the_app_silences_no_other(home: Home) -> None:
    """A missing phone is skipped with a persistent notification; other phones and buttons still work."""
    gone = home.phone("Old phone", STATE_UNAVAILABLE)
    shown = async_mock_service(home.hass, "persistent_notification", "create")
    added = async_mock_service(home.hass, "test", "added")
    await home.automate(
        "pump_alarm", phones=[gone, *home.phones], actions=[{"action": "test.added"}]
    )
    home.life.pump.provoke_alarm(2)
    await home.life.upload(minutes=5)
    assert len(home.said) == len(home.other) == len(shown) == len(added) == 1
    assert shown[0].data["message"] == home.words()[0]
    await home.press("Remind in 15 minutes")
    await home.let_pass(minutes=15)
    assert len(home.said) == len(home.other) == 2


async def test_a_chosen_alarm_reaches_every_phone(home: Home) -> None:
    """The notification has the pump's time and the age, is critical and opens the dashboard."""
    await home.automate(
        "pump_alarm", dashboard="/lovelace/pump", channel="alarm_stream"
    )
    await home.life.live(minutes=20)
    home.life.pump.provoke_alarm(2)
    await home.life.upload(minutes=60)
    assert len(home.other) == 1
    [call] = home.said
    assert call.data["title"] == "t:slim X2: Occlusion"
    assert call.data["message"] == (
        "Occlusion at 12:20 by the pump's clock, 60 minutes ago."
    )
    data = call.data["data"]
    assert data["tag"].endswith("-occlusion")
    assert data["url"] == data["clickAction"] == "/lovelace/pump"
    assert data["channel"] == "alarm_stream"
    assert data["push"]["sound"]["critical"] == 1
    assert [one["title"] for one in data["actions"]] == ["Seen", "Remind in 15 minutes"]


async def test_seen_ends_it_everywhere(home: Home) -> None:
    """Pressing "Seen" clears the notification on the other phone too and ends the reminders."""
    await home.automate("pump_alarm", critical=False)
    home.life.pump.provoke_alarm(2)
    await home.life.upload(minutes=5)
    assert "push" not in home.said[0].data["data"]
    tag = home.said[0].data["data"]["tag"]
    await home.press("Seen")
    assert [call.data["message"] for call in home.other][1:] == ["clear_notification"]
    assert home.other[-1].data["data"] == {"tag": tag}
    await home.let_pass(hours=3)
    assert len(home.said) == 2


async def test_a_reminder_says_how_old_it_is_by_then(home: Home) -> None:
    """The reminder comes fifteen minutes later with the new age and replaces the first notification."""
    await home.automate("pump_alarm")
    home.life.pump.provoke_alarm(2)
    await home.life.upload(minutes=5)
    await home.press("Remind in 15 minutes")
    assert len(home.said) == 1
    await home.let_pass(minutes=15)
    assert home.words() == [
        "Occlusion at 12:00 by the pump's clock, 5 minutes ago.",
        "Occlusion at 12:00 by the pump's clock, 20 minutes ago.",
    ]
    assert home.said[0].data["data"]["tag"] == home.said[1].data["data"]["tag"]


async def test_an_alarm_that_is_over_takes_its_place(home: Home) -> None:
    """The cleared notification replaces the alarm and ends the reminders."""
    await home.automate("pump_alarm")
    home.life.pump.provoke_alarm(2)
    await home.life.upload(minutes=5)
    await home.press("Remind in 15 minutes")
    home.life.pump.clear_alarm(2)
    home.life.pump.resume()
    await home.life.upload(minutes=4)
    assert home.words()[1:] == ["Cleared at 12:05, 4 minutes ago."]
    assert home.said[0].data["data"]["tag"] == home.said[1].data["data"]["tag"]
    assert "actions" not in home.said[1].data["data"]
    await home.let_pass(minutes=15)
    assert len(home.said) == 2


async def test_an_alarm_that_is_only_repeated_is_not_over(home: Home) -> None:
    """Repeated reminders of a suspension are not shown as cleared, and its end is not a critical notification."""
    await home.automate("pump_alarm", channel="alarm_stream")
    home.life.pump.suspend()
    for _ in range(3):
        home.life.pump.provoke_alarm(18)
        await home.life.live(minutes=15)
    await home.life.upload(minutes=1)
    assert [one.split(" by")[0] for one in home.words()] == [
        f"Insulin still suspended: resume pump at 12:{minute}"
        for minute in ("00", "15", "30")
    ]
    assert all("cleared" not in one for one in home.words())
    home.life.pump.resume()
    await home.life.upload(minutes=4)
    assert home.words()[3:] == ["Cleared at 12:46, 4 minutes ago."]
    over = home.said[3].data["data"]
    assert over["tag"] == home.said[2].data["data"]["tag"]
    assert over["channel"] == "Insulin pump"
    assert "push" not in over


async def test_the_end_of_an_alarm_hides_no_later_one(home: Home) -> None:
    """The end of an earlier alarm does not replace the notification of a later one."""
    await home.automate("pump_alarm")
    home.life.pump.provoke_alarm(2)
    await home.life.live(minutes=10)
    home.life.pump.clear_alarm(2)
    home.life.pump.resume()
    await home.life.live(minutes=5)
    home.life.pump.provoke_alarm(2)
    await home.life.upload(minutes=35)
    shown = {call.data["data"]["tag"]: call.data["message"] for call in home.said}
    assert sorted(shown.values()) == [
        "Occlusion at 12:00 by the pump's clock, 50 minutes ago (cleared since then).",
        "Occlusion at 12:15 by the pump's clock, 35 minutes ago.",
    ]


async def test_alarms_of_one_upload_are_shown_in_their_order(home: Home) -> None:
    """Alarms of one upload are notified in the order in which they were raised, ends included."""
    await home.automate("pump_alarm")
    home.life.pump.provoke_alarm(8)
    await home.life.live(minutes=1)
    home.life.pump.provoke_alarm(2)
    await home.life.live(minutes=5)
    home.life.pump.clear_alarm(2)
    await home.life.live(minutes=5)
    home.life.pump.provoke_alert(0)
    await home.life.upload(minutes=1)
    assert [call.data["title"] for call in home.said] == [
        "t:slim X2: Empty cartridge",
        "t:slim X2: Occlusion",
        "t:slim X2: Occlusion",
        "t:slim X2: Insulin low",
    ]
    assert home.words()[2] == "Cleared at 12:06, 6 minutes ago."


async def test_an_alert_does_not_hide_an_alarm_of_its_name(home: Home) -> None:
    """Alarms and alerts of the same name, and different unnamed alarms, have notifications of their own."""
    await home.automate("pump_alarm", alert_kinds=["auto_off"])
    home.life.pump.provoke_alarm(7)
    home.life.pump.provoke_alarm(47)
    home.life.pump.provoke_alarm(48)
    home.life.pump.provoke_alert(5)
    await home.life.upload(minutes=5)
    assert len({call.data["data"]["tag"] for call in home.said}) == 4


async def test_an_end_that_comes_too_late_is_not_notified(home: Home) -> None:
    """The end of an alarm is not notified if it is older than the limit."""
    await home.automate("pump_alarm", oldest=30)
    home.life.pump.provoke_alarm(2)
    await home.life.live(minutes=5)
    home.life.pump.clear_alarm(2)
    home.life.pump.resume()
    await home.life.upload(minutes=31)
    assert home.said == []


async def test_it_reminds_while_nobody_knows(home: Home) -> None:
    """Reminders continue while the account is not loaded, because the alarm may still be raised."""
    await home.automate("pump_alarm")
    home.life.pump.provoke_alarm(2)
    await home.life.upload(minutes=5)
    await home.press("Remind in 15 minutes")
    assert await home.hass.config_entries.async_unload(home.life.entry.entry_id)
    await home.let_pass(minutes=15)
    assert len(home.said) == 2


@pytest.mark.parametrize(("alert", "late"), [(2, 1), (0, 181)])
async def test_other_and_old_alerts_are_not_notified(
    home: Home, alert: int, late: float
) -> None:
    """Alerts that are not selected, like high glucose by default, and old alerts are not notified."""
    await home.automate("pump_alarm")
    if alert:
        home.life.pump.provoke_cgm_alert(alert)
    else:
        home.life.pump.provoke_alert(alert)
    await home.life.upload(minutes=late)
    assert home.said == []


async def test_without_a_phone_home_assistant_shows_it(home: Home) -> None:
    """Without a phone, a persistent notification is shown, and the user's own actions run as well."""
    await home.automate(
        "pump_alarm",
        phones=[],
        actions=[{"event": "added", "event_data": {"it": "{{ message }}"}}],
    )
    added: list[str] = []
    home.hass.bus.async_listen("added", lambda event: added.append(event.data["it"]))
    shown = async_mock_service(home.hass, "persistent_notification", "create")
    home.life.pump.provoke_alert(0)
    await home.life.upload(minutes=5)
    [call] = shown
    assert call.data["title"] == "t:slim X2: Insulin low"
    assert added == [call.data["message"]]


async def test_insulin_site_and_sensor_run_out_once(home: Home) -> None:
    """Each reminder is sent once with the age of its data, despite reloads and gaps in the data."""
    life = home.life
    life.pump.change_site(100)
    start_sensor(life.pump, 32)
    await life.upload(minutes=10)
    await home.automate("running_out", site_days=1, reservoir_limit=60)
    assert home.said == []
    life.pump.give_bolus(25)
    await life.upload(hours=1)
    await life.upload(minutes=5)
    [message] = home.words()
    assert message.endswith("units of insulin are left, as of 13:10.")
    home.said.clear()
    await life.live(hours=23)
    assert home.words() == ["The infusion site is 1 day old, as of 13:15 on Wednesday."]
    await life.turn("off")
    await life.turn("on")
    assert await home.hass.config_entries.async_reload(life.entry.entry_id)
    await life.upload(hours=4)
    assert len(home.said) == 1
    await life.upload(hours=8)
    assert home.words()[1:] == [
        "The sensor expires at 12:00 on Friday, as of 16:15 on Thursday."
    ]


async def test_only_what_is_chosen_is_reminded_of(home: Home) -> None:
    """No reminder is sent if none is selected."""
    home.life.pump.change_site(100)
    await home.life.upload(minutes=10)
    await home.automate("running_out", what=[], site_days=1, reservoir_limit=150)
    await home.life.live(days=2)
    assert home.said == []


async def test_a_stalled_upload_is_notified_with_its_reason_and_its_end(
    home: Home,
) -> None:
    """The notification gives the reason, and another one follows when data arrives again."""
    await home.automate("upload_stalled")
    await home.life.live(hours=2, minutes=20)
    assert home.said == []
    await home.life.live(minutes=12)
    [message] = home.words()
    assert message.startswith(
        "No pump data since 12:00 on Wednesday. The phone is not uploading."
    )
    assert message.endswith("Home Assistant and Nightscout show old data.")
    await home.life.upload()
    assert home.words()[1].startswith("Pump data is arriving again. Data until 14:")
    assert home.said[0].data["data"]["tag"] == home.said[1].data["data"]["tag"]


async def test_a_tandem_that_does_not_answer_is_named(home: Home) -> None:
    """The notification names Tandem as the reason instead of the phone."""
    await home.automate("upload_stalled")
    await home.life.tandem.stop()
    await home.life.live(hours=2)
    await home.life.live(minutes=31)
    [message] = home.words()
    assert "Tandem Source is not responding" in message


async def test_a_long_suspension_is_notified_once_and_its_end(home: Home) -> None:
    """The duration counts from the stop of delivery, and the notification includes the age of the data."""
    await home.automate("delivery_suspended")
    home.life.pump.suspend()
    await home.life.upload(minutes=40)
    assert home.said == []
    await home.life.live(minutes=21)
    await home.life.live(minutes=5)
    [message] = home.words()
    assert message == ("Insulin delivery has been suspended since 12:00, as of 12:40.")
    home.life.pump.resume()
    await home.life.upload(minutes=5)
    assert home.words()[1:] == ["Insulin delivery resumed at 13:06, after 66 minutes."]


async def test_a_suspension_that_turns_out_to_be_short_is_taken_back(
    home: Home,
) -> None:
    """A resumption that a later upload reveals is notified after the notification of the suspension."""
    await home.automate("delivery_suspended", channel="alarm_stream")
    home.life.pump.suspend()
    await home.life.upload(minutes=10)
    await home.life.live(minutes=20)
    home.life.pump.resume()
    await home.life.live(minutes=31)
    assert home.words() == [
        "Insulin delivery has been suspended since 12:00, as of 12:10."
    ]
    await home.press("Seen")
    await home.life.upload(minutes=10)
    assert home.words()[2:] == ["Insulin delivery resumed at 12:30, after 30 minutes."]
    over = home.said[2].data["data"]
    assert over["tag"] == home.said[0].data["data"]["tag"]
    assert over["channel"] == "Insulin pump"
    assert "push" not in over


@pytest.mark.parametrize("name", ["delivery_suspended", "upload_stalled"])
async def test_it_reminds_until_it_is_known_to_be_over(home: Home, name: str) -> None:
    """Reminders continue while the account is not loaded and stop when the problem is over."""
    await home.automate(name)
    home.life.pump.suspend()
    await home.life.upload(minutes=5)
    await home.life.live(hours=2, minutes=35)
    await home.press("Remind in 15 minutes")
    assert await home.hass.config_entries.async_unload(home.life.entry.entry_id)
    await home.let_pass(minutes=15)
    assert len(home.said) == 2
    assert await home.hass.config_entries.async_setup(home.life.entry.entry_id)
    await settle(home.hass)
    await home.press("Remind in 15 minutes")
    home.life.pump.resume()
    await home.life.upload(minutes=5)
    assert len(home.said) == 3
    await home.let_pass(minutes=15)
    assert len(home.said) == 3


async def test_a_short_suspension_is_no_news_when_it_ends(home: Home) -> None:
    """A short suspension, as for a site change, is not notified, and neither is its end."""
    await home.automate("delivery_suspended")
    home.life.pump.suspend()
    await home.life.upload(minutes=40)
    home.life.pump.resume()
    await home.life.upload(minutes=10)
    assert home.said == []


SCHOOL = {"begins": "11:00:00", "ends": "14:00:00", "critical": False}


async def test_a_bolus_at_school_is_notified(home: Home) -> None:
    """The notification includes carbs and age; automatic boluses and boluses at other times are left out."""
    await home.automate("bolus_at_school", **SCHOOL)
    home.life.pump.give_bolus(2.5, carbs=30)
    await home.life.upload(minutes=20)
    home.life.pump.give_bolus(1.0, by="algorithm")
    await home.life.upload(minutes=20)
    [message] = home.words()
    assert message == "2.5 U for 30 g at 12:00, 19 minutes ago."
    home.life.pump.give_bolus(1.5, carbs=10)
    await home.life.live(minutes=10)
    home.life.pump.give_bolus(0.5)
    await home.life.upload(minutes=10)
    assert len({call.data["data"]["tag"] for call in home.said}) == 3
    home.said[1:] = []
    await home.life.live(hours=2)
    home.life.pump.give_bolus(2.5, carbs=30)
    await home.life.upload(minutes=20)
    assert len(home.said) == 1


async def test_a_bolus_at_school_whose_carbs_are_not_known(home: Home) -> None:
    """Unknown carbs are reported as unknown instead of being left out."""
    await home.automate("bolus_at_school", **SCHOOL)
    home.life.pump.give_bolus(2.5, carbs=30)
    request = next(one for one in home.life.pump.events if one["eventCode"] == 64)
    request["eventProperties"] = {}
    await home.life.upload(minutes=20)
    [message] = home.words()
    assert message == "2.5 U, carbs not known, at 12:00, 19 minutes ago."


async def test_a_bolus_on_another_day_is_not_notified(home: Home) -> None:
    """A bolus on a day that is not selected is not notified; the test runs on a Wednesday."""
    await home.automate("bolus_at_school", days=["mon", "sat"], **SCHOOL)
    home.life.pump.give_bolus(2.5, carbs=30)
    await home.life.upload(minutes=20)
    assert home.said == []


async def test_no_bolus_by_a_time_is_notified_and_so_is_one_that_comes_late(
    home: Home,
) -> None:
    """The notification has the time of the data, and a late bolus replaces it."""
    await home.automate("no_bolus_by", since="12:10:00", by="13:00:00")
    await home.life.upload(minutes=30)
    home.life.pump.give_bolus(2.5, carbs=30)
    await home.life.live(minutes=29)
    assert home.said == []
    await home.life.live(minutes=1)
    assert home.words() == [
        "No bolus is known between 12:10 and 13:00. Data until 12:30."
    ]
    await home.life.upload(minutes=10)
    assert home.words()[1:] == ["A bolus was given after all: 2.5 U at 12:30."]
    assert home.said[0].data["data"]["tag"] == home.said[1].data["data"]["tag"]


async def test_a_bolus_after_a_night_without_one_is_notified(home: Home) -> None:
    """A span over midnight works, and a later bolus is notified."""
    await home.automate("no_bolus_by", since="22:00:00", by="02:00:00")
    await home.life.upload(hours=10)
    await home.life.upload(hours=3, minutes=50)
    await home.life.live(minutes=11)
    assert home.words() == [
        "No bolus is known between 22:00 and 02:00. Data until 01:50."
    ]
    await home.press("Seen")
    home.life.pump.give_bolus(2.5, carbs=30)
    await home.life.upload(minutes=10)
    assert home.words()[2:] == ["A bolus was given after all: 2.5 U at 02:01."]


async def test_a_second_bolus_takes_nothing_back(home: Home) -> None:
    """A second bolus is not notified as late if the first one was in time."""
    await home.automate("no_bolus_by", since="12:10:00", by="13:00:00")
    await home.life.live(minutes=20)
    home.life.pump.give_bolus(2.5, carbs=30)
    await home.life.upload(minutes=30)
    home.life.pump.give_bolus(1.5, carbs=20)
    await home.life.live(minutes=15)
    await home.life.upload(minutes=10)
    assert home.said == []


async def test_a_bolus_in_time_is_no_news(home: Home) -> None:
    """A bolus in time is not notified, and neither is a later one."""
    await home.automate("no_bolus_by", since="12:10:00", by="13:00:00")
    await home.life.live(minutes=20)
    home.life.pump.give_bolus(2.5, carbs=30)
    await home.life.upload(minutes=30)
    await home.life.live(minutes=30)
    home.life.pump.give_bolus(2.5, carbs=30)
    await home.life.upload(minutes=30)
    assert home.said == []


EVENING = {
    "reservoir": "sensor.t_slim_x2_reservoir",
    "battery": "sensor.t_slim_x2_battery",
    "site_changed": "sensor.t_slim_x2_site_changed",
    "sensor_expires": "sensor.t_slim_x2_sensor_expires",
    "evening": "13:00:00",
}


async def test_what_does_not_last_the_night_is_notified(home: Home) -> None:
    """Low insulin, low battery, and an upcoming end of site or sensor are listed with the time of the data."""
    pump = home.life.pump
    pump.change_site(50)
    pump.log_event(9, abc=80)
    start_sensor(pump, 30.4)
    await home.automate(
        "evening_check", site_days=0.5, insulin=60, charge=99, **EVENING
    )
    await home.life.upload(minutes=50)
    await home.life.live(minutes=10)
    [message] = home.words()
    assert re.fullmatch(
        r"\d+ U of insulin are left, the battery is at \d+ %, "
        r"the infusion site is due at 00:0\d on Thursday, "
        r"the sensor expires at 21:\d\d on Wednesday, as of 12:50\.",
        message,
    ), message


@pytest.mark.parametrize("has_sensor", [True, False])
async def test_a_sensor_whose_end_nobody_knows(home: Home, *, has_sensor: bool) -> None:
    """An unknown end of the sensor is notified, unless no sensor is selected in the blueprint."""
    home.life.pump.change_site(200)
    home.life.pump.log_event(9, abc=80)
    sensor = EVENING["sensor_expires"] if has_sensor else None
    await home.automate("evening_check", **{**EVENING, "sensor_expires": sensor})
    await home.life.upload(minutes=50)
    await home.life.live(minutes=10)
    unknown = ["it is unknown when the sensor expires, as of 12:50."]
    assert home.words() == unknown * has_sensor


async def test_what_nobody_knows_is_notified(home: Home) -> None:
    """Unknown values are notified; silence would suggest that everything is fine."""
    await home.automate("evening_check", **{**EVENING, "evening": "16:00:00"})
    await home.life.live(hours=3, minutes=59)
    await home.life.live(minutes=1)
    [message] = home.words()
    assert "the remaining insulin is unknown" in message


@pytest.mark.parametrize("when_well", [True, False])
async def test_all_that_lasts_is_notified_only_on_request(
    home: Home, when_well: bool
) -> None:
    """A nightly "all is well" is sent on request only, because people soon ignore it."""
    pump = home.life.pump
    pump.change_site(200)
    pump.log_event(9, abc=80)
    start_sensor(pump, 35)
    await home.automate("evening_check", when_well=when_well, **EVENING)
    await home.life.upload(minutes=50)
    await home.life.live(minutes=10)
    assert home.words() == ["Everything lasts the night, as of 12:50."] * when_well


@pytest.mark.parametrize(
    ("unit", "glucose"),
    [
        ("mg/dL", "Glucose 60 to 180, on average 120"),
        ("mmol/L", "Glucose 3.3 to 10.0, on average 6.7"),
    ],
)
async def test_the_night_is_reported(home: Home, unit: str, glucose: str) -> None:
    """The report has glucose, boluses, alarms and the time of the data."""
    await home.automate(
        "morning_report", morning="13:00:00", evening="12:00:00", unit=unit
    )
    for value in (60, 120, 180):
        await home.life.live(minutes=5)
        home.life.pump.read_glucose(value)
    home.life.pump.give_bolus(2.0)
    await home.life.live(minutes=20)
    home.life.pump.provoke_alarm(8)
    await home.life.upload(minutes=5)
    await home.life.live(minutes=20)
    [message] = home.words()
    assert message == (
        f"{glucose} {unit}, last at 12:15. Known boluses: 2.0 U. Alarms: Empty cartridge. "
        "Data until 12:40."
    )


async def test_a_night_beyond_the_sensors_range(home: Home) -> None:
    """Readings outside the sensor's range are counted, even if there are no others."""
    await home.automate("morning_report", morning="13:00:00", evening="12:00:00")
    for value in (30, 420, 421):
        await home.life.live(minutes=5)
        home.life.pump.read_glucose(value)
    await home.life.upload(minutes=5)
    await home.life.live(minutes=40)
    [message] = home.words()
    assert message.startswith(
        "Glucose: 1 readings below the sensor's range, 2 readings above the sensor's range, "
        "last at 12:15. Known boluses"
    )


async def test_a_night_by_a_wrong_clock(home: Home) -> None:
    """With a wrong clock, the report says that times are uncertain and leaves out the time of the data."""
    await home.automate("morning_report", morning="13:00:00", evening="12:00:00")
    home.life.pump.clock.offset += 3 * 3600
    await home.life.live(minutes=5)
    home.life.pump.read_glucose(120)
    await home.life.upload(minutes=5)
    await home.life.live(minutes=50)
    [message] = home.words()
    assert message.startswith("The pump's clock may be wrong")
    assert "Data until" not in message


async def test_a_night_of_which_nothing_is_known(home: Home) -> None:
    """Without data of the night, the report says so instead of reporting no boluses."""
    await home.automate("morning_report", morning="13:00:00", evening="12:30:00")
    await home.life.live(minutes=60)
    assert home.words() == [
        "Nothing of the night has been uploaded. Data until 12:00 on Wednesday."
    ]


async def test_a_night_without_a_sensor_and_with_a_hole(home: Home) -> None:
    """Repeated alarms are listed once, and missing glucose and gaps in the log are reported."""
    await home.automate("morning_report", morning="13:00:00", evening="12:00:00")
    pump = home.life.pump
    await home.life.live(minutes=5)
    begin = len(pump.events)
    await home.life.live(minutes=20)
    del pump.events[begin:]
    pump.suspend()
    for _ in range(2):
        await home.life.live(minutes=15)
        pump.provoke_alarm(18)
    await home.life.upload(minutes=1)
    await home.life.live(minutes=4)
    [message] = home.words()
    assert re.fullmatch(
        r"No glucose is known for the night\. Known boluses: 0\.0 U\. "
        r"Alarms: Insulin still suspended: resume pump\. "
        r"It is not known what the pump delivered from 12:\d\d to 12:25\. "
        r"Data until 12:55\.",
        message,
    ), message


@pytest.mark.parametrize("disabled", [False, True])
async def test_a_night_that_cannot_be_read(home: Home, *, disabled: bool) -> None:
    """The report is sent even if the account cannot be read, and says so."""
    await home.automate("morning_report", morning="13:00:00", evening="12:00:00")
    entries, entry_id = home.hass.config_entries, home.life.entry.entry_id
    if disabled:
        await entries.async_set_disabled_by(entry_id, ConfigEntryDisabler.USER)
    else:
        assert await entries.async_unload(entry_id)
    await home.let_pass(minutes=60)
    assert home.words() == [
        "Nothing is known of the night, because the pump's data cannot be read."
    ]


async def test_light_and_speaker(home: Home) -> None:
    """Alarms and low glucose turn on the light and are announced with their age."""
    lights = async_mock_service(home.hass, "light", "turn_on")
    spoken = async_mock_service(home.hass, "tts", "speak")
    inputs = {
        "lights": {"entity_id": "light.bedroom"},
        "voice": ["tts.home"],
        "speakers": ["media_player.bedroom"],
    }
    await home.automate("light_and_speaker", phones=None, **inputs)
    home.life.pump.provoke_alarm(2)
    await home.life.upload(minutes=5)
    home.life.pump.clear_alarm(2)
    home.life.pump.provoke_alarm(8)
    home.life.pump.clear_alarm(8)
    await home.life.upload(minutes=4)
    home.life.pump.read_glucose(62)
    await home.life.upload(minutes=3)
    assert [call.data["message"] for call in spoken] == [
        "t:slim X2: Occlusion, 5 minutes ago.",
        "t:slim X2: Empty cartridge, 4 minutes ago, cleared since then.",
        "t:slim X2: Glucose 62, 3 minutes ago.",
    ]
    assert spoken[0].data["media_player_entity_id"] == ["media_player.bedroom"]
    assert [call.data["entity_id"] for call in lights] == [["light.bedroom"]] * 3
    assert lights[0].data["rgb_color"] in ([255, 0, 0], (255, 0, 0))


async def test_by_day_the_light_stays_as_it_is(home: Home) -> None:
    """The light only turns on between the selected times."""
    lights = async_mock_service(home.hass, "light", "turn_on")
    inputs = {"lights": {"entity_id": "light.bedroom"}, "from_time": "22:00:00"}
    await home.automate("light_and_speaker", phones=None, **inputs, to_time="07:00:00")
    home.life.pump.provoke_alarm(2)
    await home.life.upload(minutes=5)
    assert lights == []
