"""Setup, reload, unload and removal of an account."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.tconnectsync.const import CONF_PUMP_TIME_ZONE, DOMAIN
from custom_components.tconnectsync.flows.flow_token import keep_flow_token
from custom_components.tconnectsync.read import create_client
from custom_components.tconnectsync.tandem import TandemClient, TokenProvider, regions
from demo.nightscout import SimulatedNightscout
from demo.pump import SimulatedPump
from demo.tandem import Fault, SimulatedTandem
from demo.tandem.faults import FIREWALL, GATEWAY
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import CONF_NAME, CONF_REGION
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.aiohttp_client import async_create_clientsession
from homeassistant.helpers.translation import async_get_exception_message

from .account import add_entry, poll, settle, start
from .conftest import EMAIL, PASSWORD, sessions_made_in
from .entity_states import pump_after_bolus, shown
from .held import Held

pytestmark = pytest.mark.usefixtures(
    "event_loop_debug", "recorder_mock", "no_pauses_between_reads"
)

ONE_HOUR = timedelta(hours=1)
LOGIN = "/login"


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A quiet pump that gave a bolus an hour ago."""
    return pump_after_bolus(freezer)


@pytest.fixture(autouse=True)
def sessions() -> Iterator[list[aiohttp.ClientSession]]:
    """The sessions of accounts, each of which is closed when its entry is unloaded."""
    with sessions_made_in(create_client) as made:
        yield made


def kept_in(hass: HomeAssistant, entry: MockConfigEntry) -> Path:
    """Return the folder of an account's data."""
    return Path(hass.config.path(".storage", DOMAIN, entry.entry_id))


def reauthentications(hass: HomeAssistant) -> int:
    """Return the number of reauthentication flows in progress."""
    flows = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    return sum(flow["context"]["source"] == SOURCE_REAUTH for flow in flows)


async def test_first_set_up(
    hass: HomeAssistant, tandem: SimulatedTandem, entry: MockConfigEntry
) -> None:
    """The first setup signs in once, reads the last days and provides all values."""
    assert tandem.count(LOGIN) == 1
    assert tandem.count("/pumper/") == 1
    assert shown(hass, "sensor.last_bolus").state == "2.5"
    assert float(shown(hass, "sensor.insulin_on_board").state) > 0
    assert float(shown(hass, "sensor.basal_rate").state) > 0


async def test_a_flow_hands_its_sign_in_over(
    hass: HomeAssistant, tandem: SimulatedTandem
) -> None:
    """A new account uses the sign-in of its config flow."""
    session = async_create_clientsession(hass, cookie_jar=aiohttp.CookieJar())
    tokens = TokenProvider(session, regions()["demo"], EMAIL, PASSWORD)
    await TandemClient(session, tokens).pumper()
    entry = add_entry(hass, tandem)
    keep_flow_token(hass, await tokens.token(), entry.unique_id)
    assert await start(hass, entry)
    assert tandem.count(LOGIN) == 1


async def test_reload_goes_on_with_the_same_sign_in(
    hass: HomeAssistant, tandem: SimulatedTandem, entry: MockConfigEntry
) -> None:
    """The token is stored and used until it expires, so that sign-ins are rare."""
    assert await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    await poll(hass, entry)
    assert tandem.count(LOGIN) == 1


async def test_an_expired_token_is_renewed(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
) -> None:
    """An expired token is renewed once without the password, and the new one is stored."""
    freezer.tick(8 * ONE_HOUR)
    for _ in range(2):
        await hass.config_entries.async_reload(entry.entry_id)
        await settle(hass)
    assert tandem.count("/connect/token") == 2
    assert tandem.count(LOGIN) == 1


async def test_values_are_there_before_tandem_answers(
    hass: HomeAssistant, tandem: SimulatedTandem, entry: MockConfigEntry
) -> None:
    """Stored values are shown after a restart before Tandem answers."""
    await hass.config_entries.async_unload(entry.entry_id)
    tandem.requests.clear()
    held = Held()
    tandem.faults.add(held)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert tandem.requests == []
    assert shown(hass, "sensor.last_bolus").state == "2.5"
    assert float(shown(hass, "sensor.insulin_on_board").state) > 0
    held.let_go.set()
    await settle(hass)
    assert tandem.count("/pumper/") == 1


async def test_values_stay_while_tandem_is_unreachable(
    hass: HomeAssistant, tandem: SimulatedTandem, entry: MockConfigEntry
) -> None:
    """Stored values are shown after a restart during an outage."""
    await hass.config_entries.async_unload(entry.entry_id)
    await tandem.stop()
    assert await start(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    assert not entry.runtime_data.coordinator.last_update_success
    assert shown(hass, "sensor.last_bolus").state == "2.5"
    assert float(shown(hass, "sensor.insulin_on_board").state) > 0


@pytest.mark.parametrize(
    ("fault", "key", "words"),
    [
        (Fault(status=503), "tandem_busy", "temporarily unavailable"),
        (Fault(status=403, body=FIREWALL), "tandem_busy", "unavailable"),
        (Fault(status=429), "tandem_busy", "unavailable"),
        (Fault(path="/pumper/", status=200, body=GATEWAY), "tandem_changed", "changed"),
        (Fault(path="/pumper/", status=404), "tandem_changed", "changed its service"),
        (Fault(path="/pump-logs/", change=list), "tandem_changed", "changed"),
        (Fault(path="/pumper/", truncate=20), "tandem_unreachable", "not connect"),
        (Fault(path="/pumper/", cut=20), "tandem_unreachable", "Could not connect"),
        (None, "tandem_unreachable", "Could not connect"),
    ],
)
async def test_error_at_the_first_start(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    fault: Fault | None,
    key: str,
    words: str,
) -> None:
    """Without stored data, setup is retried with a reason that describes the error."""
    entry = add_entry(hass, tandem)
    if fault:
        tandem.faults.add(replace(fault))
    else:
        await tandem.stop()
    assert not await start(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == key
    message = async_get_exception_message(
        DOMAIN, key, entry.error_reason_translation_placeholders
    )
    assert words in message
    assert "{" not in message
    assert reauthentications(hass) == 0


async def test_error_at_the_first_start_goes_by(
    hass: HomeAssistant, tandem: SimulatedTandem, freezer: FrozenDateTimeFactory
) -> None:
    """A setup that failed first succeeds with a later retry."""
    entry = add_entry(hass, tandem)
    tandem.faults.add(Fault(path="/pump-logs/", status=503))
    await start(hass, entry)
    freezer.tick(ONE_HOUR)
    async_fire_time_changed(hass)
    await settle(hass)
    assert entry.state is ConfigEntryState.LOADED
    assert shown(hass, "sensor.last_bolus").state == "2.5"


async def test_a_wrong_clock_at_the_first_start(
    hass: HomeAssistant, tandem: SimulatedTandem
) -> None:
    """Tokens with a time far from the machine's are refused, and the reason names the clock."""
    tandem.token_clock = lambda: datetime.now(UTC) + 24 * ONE_HOUR
    entry = add_entry(hass, tandem)
    await start(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "identity_not_verified"


async def test_refused_sign_in_of_a_new_entry(
    hass: HomeAssistant, tandem: SimulatedTandem
) -> None:
    """Reauthentication starts once, and the sign-in is not tried again."""
    tandem.accounts[EMAIL.lower()].password = "another"
    entry = add_entry(hass, tandem)
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "password": PASSWORD}
    )
    assert not await start(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "sign_in_refused"
    assert reauthentications(hass) == 1
    assert tandem.count(LOGIN) == 1


async def test_refused_sign_in_of_a_restored_entry(
    hass: HomeAssistant, tandem: SimulatedTandem, entry: MockConfigEntry
) -> None:
    """Stored values are shown, and reauthentication starts once."""
    await hass.config_entries.async_unload(entry.entry_id)
    tandem.accounts[EMAIL.lower()].password = "another"
    tandem.sign_in.expire_tokens()
    tandem.sign_in.end_sessions()
    assert await start(hass, entry)
    assert reauthentications(hass) == 1
    assert shown(hass, "sensor.last_bolus").state == "2.5"
    assert tandem.count(LOGIN) == 2
    await poll(hass, entry, times=3)
    assert reauthentications(hass) == 1
    assert tandem.count(LOGIN) == 2


async def test_account_without_pumps(
    hass: HomeAssistant, tandem: SimulatedTandem
) -> None:
    """An account without pumps is set up and shows the first pump that is added."""
    account = tandem.accounts[EMAIL.lower()]
    pumps, account.pumps = account.pumps, []
    entry = add_entry(hass, tandem)
    assert await start(hass, entry)
    states = [state for state in hass.states.async_all() if "tandem" in state.entity_id]
    assert states
    assert {state.state for state in states} <= {"unknown", "on", "off"}
    assert hass.states.is_state("sensor.tandem_pump_last_bolus", "unknown")
    account.pumps = pumps
    await poll(hass, entry)
    assert hass.states.is_state("sensor.tandem_pump_last_bolus", "2.5")


async def test_a_pump_that_never_uploaded(
    hass: HomeAssistant, tandem: SimulatedTandem, pump: SimulatedPump
) -> None:
    """A pump without uploads is set up and shows its first upload."""
    account = tandem.accounts[EMAIL.lower()]
    account.pumps.clear()
    listed = account.add_pump(pump)
    entry = add_entry(hass, tandem)
    assert await start(hass, entry)
    assert tandem.count("/pump-logs/") == 0
    assert hass.states.is_state("sensor.tandem_pump_last_bolus", "unknown")
    listed.upload()
    await poll(hass, entry)
    assert hass.states.is_state("sensor.tandem_pump_last_bolus", "2.5")


@pytest.mark.parametrize("restored", [False, True])
async def test_unknown_time_zone(
    hass: HomeAssistant, tandem: SimulatedTandem, restored: bool
) -> None:
    """Setup fails for an unknown time zone, because the pump's events cannot be dated without it."""
    entry = add_entry(hass, tandem)
    if restored:
        await start(hass, entry)
        await hass.config_entries.async_unload(entry.entry_id)
    options = {**entry.options, CONF_PUMP_TIME_ZONE: "Mars/Olympus"}
    hass.config_entries.async_update_entry(entry, options=options)
    assert not await start(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "time_zone_unknown"


async def test_unknown_region(hass: HomeAssistant, tandem: SimulatedTandem) -> None:
    """Setup fails for an unknown region, like that of the demo when the demo does not run."""
    entry = add_entry(hass, tandem)
    data = {**entry.data, CONF_REGION: "mars"}
    hass.config_entries.async_update_entry(entry, data=data)
    assert not await start(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "region_unknown"


async def test_unloading_leaves_nothing_behind(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    nightscout: SimulatedNightscout,
    sessions: list[aiohttp.ClientSession],
    freezer: FrozenDateTimeFactory,
    *,
    forwarded: MockConfigEntry,
) -> None:
    """Unloading during a read ends all tasks, timers and sessions."""
    held = Held()
    tandem.faults.add(held)
    freezer.tick(ONE_HOUR)
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert await hass.config_entries.async_unload(forwarded.entry_id)
    held.let_go.set()
    await settle(hass)
    assert forwarded.state is ConfigEntryState.NOT_LOADED
    assert all(session.closed for session in sessions)
    asked = len(tandem.requests) + len(nightscout.requests)
    for _ in range(3):
        freezer.tick(ONE_HOUR)
        async_fire_time_changed(hass)
        await settle(hass)
    assert len(tandem.requests) + len(nightscout.requests) == asked


async def test_a_sync_that_a_reload_overtakes_changes_nothing(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    entry: MockConfigEntry,
) -> None:
    """A sync interrupted by a reload fails without writing data, and the next poll reads it again."""
    [listed] = tandem.accounts[EMAIL.lower()].pumps
    pump.run_for(hours=1)
    listed.upload(at=pump.now)
    held = Held(path="/pump-logs/")
    tandem.faults.add(held)
    syncing = asyncio.create_task(entry.runtime_data.follow_ups.async_sync())
    await held.asked.wait()
    tandem.faults.clear()
    assert await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    folder = Path(hass.config.path(".storage", DOMAIN, entry.entry_id))
    before = {
        path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()
    }
    held.let_go.set()
    with pytest.raises(HomeAssistantError) as refused:
        await syncing
    assert refused.value.translation_key == "unloaded"
    await settle(hass)
    after = {path: path.stat().st_mtime_ns for path in before}
    assert after == before


async def test_devices_carry_the_name_of_the_account(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    nightscout: SimulatedNightscout,
    device_registry: dr.DeviceRegistry,
) -> None:
    """Devices include the name of the account, so that those of two children can be distinguished."""
    entry = add_entry(hass, tandem, nightscout=nightscout)
    hass.config_entries.async_update_entry(
        entry, title="Ada", data={**entry.data, CONF_NAME: "Ada"}
    )
    assert await start(hass, entry)
    devices = dr.async_entries_for_config_entry(device_registry, entry.entry_id)
    assert {device.name for device in devices} == {"Ada t:slim X2", "Ada Nightscout"}


async def test_removal_deletes_what_was_kept(
    hass: HomeAssistant, nightscout: SimulatedNightscout, forwarded: MockConfigEntry
) -> None:
    """Removal deletes all stored files of the account, but no documents in Nightscout."""
    folder = kept_in(hass, forwarded)
    assert [path for path in folder.rglob("*.json") if "ledger" in path.parts]
    sent = nightscout.documents("treatments")
    await hass.config_entries.async_remove(forwarded.entry_id)
    await settle(hass)
    assert not folder.exists()
    assert nightscout.documents("treatments") == sent


async def test_removal_of_an_entry_that_never_loaded(
    hass: HomeAssistant, tandem: SimulatedTandem
) -> None:
    """Removal deletes the files of an account that never loaded, like its token."""
    entry = add_entry(hass, tandem)
    tandem.faults.add(Fault(path="/pumper/", status=404))
    await start(hass, entry)
    assert kept_in(hass, entry).exists()
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    assert not kept_in(hass, entry).exists()


async def test_files_are_private_and_name_nobody(
    hass: HomeAssistant, pump: SimulatedPump, forwarded: MockConfigEntry
) -> None:
    """Files and folders are only accessible to their owner, and no path has the serial number."""
    found = [kept_in(hass, forwarded), *kept_in(hass, forwarded).rglob("*")]
    files = [path for path in found if path.is_file()]
    assert len(files) > 3
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    folders = {path for path in found if path.is_dir()}
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}
    assert not [path for path in found if pump.serial_number in str(path)]


@pytest.mark.parametrize("content", ["", "{", '{"version":3,"data":[]}'])
async def test_a_damaged_day_is_read_again(
    hass: HomeAssistant, content: str, entry: MockConfigEntry
) -> None:
    """A damaged file is moved aside, and its day is read again."""
    held = entry.runtime_data.coordinator.data.history
    await hass.config_entries.async_unload(entry.entry_id)
    days = sorted(kept_in(hass, entry).glob("events/*/*.json"))
    days[0].write_text(content)
    assert await start(hass, entry)
    assert days[0].with_suffix(".aside").read_text() == content
    assert entry.runtime_data.coordinator.data.history == held


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "7", '{"version":2}', '{"version":"2","data":{}}']
)
async def test_damaged_state(
    hass: HomeAssistant, content: str, entry: MockConfigEntry
) -> None:
    """A damaged state leads to a new first read, which fires no events."""
    held = entry.runtime_data.coordinator.data.history
    await hass.config_entries.async_unload(entry.entry_id)
    state = kept_in(hass, entry) / "account.json"
    state.write_text(content)
    assert await start(hass, entry)
    assert content in [
        path.read_text() for path in kept_in(hass, entry).glob("account.*")
    ]
    assert entry.runtime_data.coordinator.data.history == held
    assert hass.states.is_state("event.t_slim_x2_bolus", "unknown")


async def test_a_state_that_cannot_be_read(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """A disk error is no damage: setup is retried with this reason, and no data is lost."""
    await hass.config_entries.async_unload(entry.entry_id)
    state = kept_in(hass, entry) / "account.json"
    content = state.read_bytes()
    state.unlink()
    state.mkdir()
    assert not await start(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "cannot_read_store"
    state.rmdir()
    state.write_bytes(content)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert shown(hass, "sensor.last_bolus").state == "2.5"


async def test_kept_pumps_that_can_no_longer_be_read(
    hass: HomeAssistant, tandem: SimulatedTandem, entry: MockConfigEntry
) -> None:
    """A stored list of pumps in an unknown format is read from Tandem again."""
    store = entry.runtime_data.store
    store.state.pumper.answer = {"devices": []}
    await store.async_save()
    await hass.config_entries.async_unload(entry.entry_id)
    tandem.requests.clear()
    assert await start(hass, entry)
    assert tandem.count("/pumper/") == 1
    assert shown(hass, "sensor.last_bolus").state == "2.5"


async def test_two_accounts(hass: HomeAssistant, tandem: SimulatedTandem) -> None:
    """Two accounts are read independently, and removing one does not affect the other."""
    tandem.add_account("grace@example.org", "h0pper")
    first = add_entry(hass, tandem)
    await start(hass, first)
    second = add_entry(hass, tandem, email="grace@example.org", title="Second")
    await start(hass, second)
    assert first.runtime_data.coordinator.data.pump is not None
    assert second.runtime_data.coordinator.data.pump is None
    await hass.config_entries.async_remove(second.entry_id)
    await settle(hass)
    assert not kept_in(hass, second).exists()
    assert kept_in(hass, first).exists()
    await poll(hass, first)
    assert shown(hass, "sensor.last_bolus").state == "2.5"
