"""An automation runs once for each occurrence of an upload, whatever its mode and the length of its runs."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tconnectsync.automations import one_run_at_a_time
from custom_components.tconnectsync.const import DOMAIN
from custom_components.tconnectsync.device import async_pump_device
from demo.pump import SimulatedPump
from homeassistant.components.automation import DOMAIN as AUTOMATION
from homeassistant.core import CoreState, ServiceCall
from homeassistant.setup import async_setup_component

from .account import add_entry, poll, settle, start
from .automated import FIRED, VARIABLES, Life
from .conftest import EMAIL
from .entity_states import quiet_pump

pytestmark = pytest.mark.usefixtures("recorder_mock", "real_seconds")
OCCLUSION, AUTO_OFF, EMPTY_CARTRIDGE = 2, 7, 8
MESSAGE = "{{ trigger.get('kind') }}{{ ' over' if trigger.raised_at is defined }}"
MODES = ["single", "restart", "queued", "parallel"]


class Phone:
    """A phone on which each notification takes some time, or blocks until a test releases it."""

    def __init__(self, life: Life) -> None:
        """Register the action that notifies the phone."""
        self.life = life
        self.seconds = 0.01
        self.begun: list[str] = []
        self.notified: list[str] = []
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        life.hass.services.async_register("phone", "notify", self._notify)

    async def _notify(self, call: ServiceCall) -> None:
        self.begun.append(call.data["message"])
        await asyncio.sleep(self.seconds)
        await self.goes_on.wait()
        self.notified.append(call.data["message"])

    async def automate(
        self,
        *triggers: str,
        mode: str = "single",
        most: dict[str, int] | None = None,
        **more: Any,
    ) -> None:
        """Add one automation that notifies the phone for these triggers, and a second one like it."""
        notify = {
            "id": "notify",
            "alias": "Notify",
            "triggers": [
                {
                    "trigger": f"{DOMAIN}.{trigger}",
                    "target": {"device_id": self.life.device_id},
                    **more,
                }
                for trigger in triggers
            ],
            "actions": {
                "action": "phone.notify",
                "data": {"message": MESSAGE},
            },
            "mode": mode,
            **(most or {}),
        }
        other = notify | {
            "id": "other",
            "alias": "Other",
            "actions": {"event": FIRED, "event_data": {"trigger": VARIABLES}},
        }
        assert await async_setup_component(
            self.life.hass, AUTOMATION, {AUTOMATION: [notify, other]}
        )
        await settle(self.life.hass)

    async def begins(self, number: int) -> None:
        """Wait until this many notifications have started."""
        async with asyncio.timeout(10):
            while len(self.begun) < number:
                await asyncio.sleep(0.01)

    async def is_held_by_the_first(self) -> asyncio.Task[None]:
        """Block the phone and upload; return the task of the upload and all that follows."""
        self.goes_on.clear()
        upload = asyncio.create_task(self.life.upload(minutes=5))
        await self.begins(1)
        return upload

    async def is_held_by_the_first_of_two(self) -> asyncio.Task[None]:
        """Block the phone and upload two alarms; return the task of the upload and all that follows."""
        raise_two(self.life)
        return await self.is_held_by_the_first()

    async def let_go_on(self, upload: asyncio.Task[None]) -> None:
        """Release the phone, and wait for all that follows the upload."""
        self.goes_on.set()
        await upload
        await settle(self.life.hass)


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A quiet pump."""
    return quiet_pump(freezer)


@pytest.fixture
def phone(life: Life) -> Phone:
    """The user's phone."""
    return Phone(life)


@pytest.fixture
def short_wait() -> Iterator[None]:
    """Shorten the longest wait for a run."""
    moment = timedelta(seconds=0.05)
    with patch.object(one_run_at_a_time, "WAIT_AT_MOST", moment):
        yield


def raise_two(life: Life) -> None:
    """Let two alarms be in the next upload."""
    life.pump.provoke_alarm(OCCLUSION)
    life.pump.run_for(minutes=2)
    life.pump.provoke_alarm(EMPTY_CARTRIDGE)


@pytest.mark.parametrize("mode", MODES)
async def test_two_alarms_of_one_upload_are_both_notified(
    life: Life, phone: Phone, mode: str
) -> None:
    """Both alarms are notified in order, although Home Assistant drops triggers during a run in single mode."""
    await phone.automate("alarm_raised", mode=mode)
    raise_two(life)
    await life.upload(minutes=5)
    assert phone.notified == ["occlusion", "empty_cartridge"]
    await life.upload(minutes=5)
    assert len(phone.notified) == 2


async def test_more_than_a_queue_holds_are_all_notified(
    life: Life, phone: Phone
) -> None:
    """All twelve are notified, although Home Assistant queues only ten runs."""
    await phone.automate("bolus_given", mode="queued")
    for _ in range(12):
        life.pump.give_bolus(1.0)
        life.pump.run_for(minutes=5)
    await life.upload(minutes=65)
    assert phone.notified == ["correction"] * 12


async def test_two_triggers_of_one_automation_take_turns(
    life: Life, phone: Phone
) -> None:
    """Several triggers of an automation do not drop each other's occurrences."""
    await phone.automate("alarm_raised", "bolus_given", "alert_raised")
    life.pump.give_bolus(1.0)
    life.pump.provoke_alert(0)
    life.pump.run_for(minutes=10)
    raise_two(life)
    await life.upload(minutes=15)
    assert sorted(phone.notified) == [
        *("correction", "empty_cartridge", "insulin_low", "occlusion")
    ]


@pytest.mark.parametrize("mode", MODES)
async def test_all_triggers_of_one_automation_run_in_the_order_of_what_happened(
    life: Life, phone: Phone, mode: str
) -> None:
    """Occurrences run in the order of their times, and an alarm before its own end."""
    await phone.automate("alarm_over", "alert_raised", "alarm_raised", mode=mode)
    life.pump.provoke_alarm(OCCLUSION)
    life.pump.clear_alarm(OCCLUSION)
    life.pump.run_for(minutes=2)
    life.pump.provoke_alert(0)
    life.pump.run_for(minutes=2)
    life.pump.provoke_alarm(AUTO_OFF)
    life.pump.run_for(minutes=2)
    life.pump.clear_alarm(AUTO_OFF)
    life.pump.run_for(minutes=2)
    life.pump.provoke_alarm(EMPTY_CARTRIDGE)
    await life.upload(minutes=10)
    assert phone.notified == [
        "occlusion",
        "occlusion over",
        "insulin_low",
        "auto_off",
        "auto_off over",
        "empty_cartridge",
    ]


async def test_in_mode_parallel_none_waits(life: Life, phone: Phone) -> None:
    """In parallel mode a new alarm is notified at once, although earlier runs wait for a button."""
    await phone.automate("alarm_over", "alert_raised", "alarm_raised", mode="parallel")
    life.pump.provoke_alert(0)
    raise_two(life)
    life.pump.clear_alarm(OCCLUSION)
    upload = await phone.is_held_by_the_first()
    await asyncio.sleep(0)
    assert phone.begun[0] == "insulin_low"
    assert phone.begun[1:] == ["occlusion", "empty_cartridge", "occlusion over"]
    await phone.let_go_on(upload)


async def test_in_mode_parallel_what_exceeds_its_maximum_waits(
    life: Life, phone: Phone
) -> None:
    """Runs beyond the maximum of parallel mode wait, although Home Assistant would drop them."""
    await phone.automate("bolus_given", mode="parallel", most={"max": 2})
    for _ in range(5):
        life.pump.give_bolus(1.0)
        life.pump.run_for(minutes=5)
    await life.upload(minutes=30)
    assert phone.notified == ["correction"] * 5


@pytest.mark.usefixtures("no_pauses_between_reads")
async def test_two_accounts_of_one_automation_take_turns(
    life: Life, phone: Phone
) -> None:
    """Occurrences of two accounts in one automation do not drop each other."""
    account = life.tandem.add_account("grace@example.org", "h0pper")
    pump = quiet_pump(life.freezer, serial_number="90000002")
    listed = account.add_pump(pump)
    listed.upload()
    entry = add_entry(life.hass, life.tandem, email="grace@example.org", title="B")
    assert await start(life.hass, entry)
    device = async_pump_device(life.hass, entry)
    assert device
    both = {"device_id": [life.device_id, device.id]}
    await phone.automate("alarm_raised", target=both)
    pump.provoke_alarm(OCCLUSION)
    raise_two(life)
    life.freezer.tick(timedelta(minutes=5))
    listed.upload()
    life.tandem.accounts[EMAIL.lower()].pumps[0].upload()
    await asyncio.gather(poll(life.hass, entry), poll(life.hass, life.entry))
    assert sorted(phone.notified) == ["empty_cartridge", "occlusion", "occlusion"]


@pytest.mark.usefixtures("short_wait")
async def test_an_action_that_does_not_end_delays_the_next_run_a_little(
    life: Life, phone: Phone
) -> None:
    """An endless action delays the next run only up to the longest wait."""
    await phone.automate("alarm_raised", mode="restart")
    upload = await phone.is_held_by_the_first_of_two()
    await phone.begins(2)
    assert phone.begun == ["occlusion", "empty_cartridge"]
    await phone.let_go_on(upload)


async def test_other_automations_do_not_wait(life: Life, phone: Phone) -> None:
    """A blocked automation does not delay others."""
    await phone.automate("alarm_raised")
    upload = await phone.is_held_by_the_first_of_two()
    await asyncio.sleep(0.01)
    assert [one["kind"] for one in life.fired()] == ["occlusion", "empty_cartridge"]
    await phone.let_go_on(upload)


async def test_an_account_unloaded_meanwhile_is_notified_of_the_rest_when_it_is_back(
    life: Life, phone: Phone
) -> None:
    """The remaining occurrences are notified when the account is loaded again."""
    await phone.automate("alarm_raised")
    upload = await phone.is_held_by_the_first_of_two()
    assert await life.hass.config_entries.async_unload(life.entry.entry_id)
    await phone.let_go_on(upload)
    assert phone.notified == ["occlusion"]
    assert await life.hass.config_entries.async_setup(life.entry.entry_id)
    await poll(life.hass, life.entry)
    assert phone.notified == ["occlusion", "empty_cartridge"]


async def test_an_account_reloaded_meanwhile_loses_and_repeats_nothing(
    life: Life, phone: Phone
) -> None:
    """A reload, as after a change of options, neither loses nor repeats an occurrence."""
    await phone.automate("alarm_raised")
    upload = await phone.is_held_by_the_first_of_two()
    assert await life.hass.config_entries.async_reload(life.entry.entry_id)
    await phone.let_go_on(upload)
    await poll(life.hass, life.entry)
    assert phone.notified == ["occlusion", "empty_cartridge"]


async def test_a_home_assistant_that_stops_keeps_the_rest_for_its_start(
    life: Life, phone: Phone
) -> None:
    """Occurrences that wait when Home Assistant stops are not stored as fired, and run after its start."""
    await phone.automate("alarm_raised")
    upload = await phone.is_held_by_the_first_of_two()
    life.hass.set_state(CoreState.stopping)
    await phone.let_go_on(upload)
    assert phone.notified == ["occlusion"]
    fired = life.entry.runtime_data.store.state.fired_triggers.triggers
    assert [len(one.occurrences) for one in fired.values()] == [1]
    life.hass.set_state(CoreState.running)
    await poll(life.hass, life.entry)
    assert phone.notified == ["occlusion", "empty_cartridge"]


async def test_an_automation_turned_off_meanwhile_runs_no_more(
    life: Life, phone: Phone
) -> None:
    """Occurrences that wait when an automation is turned off run if it is turned on again soon."""
    await phone.automate("alarm_raised")
    upload = await phone.is_held_by_the_first_of_two()
    await life.turn("off")
    await phone.let_go_on(upload)
    assert phone.begun == ["occlusion"]
    await life.turn("on")
    await settle(life.hass)
    assert phone.begun == ["occlusion", "empty_cartridge"]


@pytest.mark.parametrize(
    ("state", "stored"), [(CoreState.running, 2), (CoreState.stopping, 1)]
)
async def test_what_another_automation_ran_for_is_stored_when_this_one_is_turned_off(
    life: Life, phone: Phone, state: CoreState, stored: int
) -> None:
    """The runs of the other automation are stored, unless Home Assistant stops and this one still has to run."""
    await phone.automate("alarm_raised")
    upload = await phone.is_held_by_the_first_of_two()
    await asyncio.sleep(0.01)
    life.hass.set_state(state)
    this = {"entity_id": "automation.notify"}
    await life.hass.services.async_call(AUTOMATION, "turn_off", this, blocking=True)
    await phone.let_go_on(upload)
    fired = life.entry.runtime_data.store.state.fired_triggers.triggers
    assert [len(one.occurrences) for one in fired.values()] == [stored]
    life.hass.set_state(CoreState.running)
    await life.hass.services.async_call(AUTOMATION, "turn_on", this, blocking=True)
    await settle(life.hass)
    assert phone.begun == ["occlusion", "empty_cartridge"]
    assert len(life.fired()) == 2


async def test_a_template_that_fails_for_one_hides_no_other(
    life: Life, phone: Phone
) -> None:
    """A failing template for one occurrence does not affect the next."""
    fails = "{{ 1 // (0 if trigger.kind == 'occlusion' else 1) }}"
    await phone.automate("alarm_raised", variables={"number": fails})
    raise_two(life)
    await life.upload(minutes=5)
    assert phone.notified == ["empty_cartridge"]
