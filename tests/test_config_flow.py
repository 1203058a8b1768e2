"""The config flow: adding an account, signing in again, and reconfiguring it."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
import logging
from pathlib import Path
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tconnectsync import config_flow
from custom_components.tconnectsync.const import (
    AUTOMATIC_PUMP,
    CONF_FEATURES,
    CONF_FIRST_DAYS,
    CONF_GLUCOSE_UNIT,
    CONF_NIGHTSCOUT_SECRET,
    CONF_NIGHTSCOUT_URL,
    CONF_NUMBER,
    CONF_PUMP,
    CONF_PUMP_TIME_ZONE,
    CONF_STALE_AFTER,
    DOMAIN,
)
from custom_components.tconnectsync.flows import account_checks
from custom_components.tconnectsync.flows.flow_token import take_flow_token
from custom_components.tconnectsync.nightscout.client import NightscoutClient
from custom_components.tconnectsync.tandem import TandemClient
from demo.nightscout import READABLE, SimulatedNightscout
from demo.nightscout.faults import Fault as NightscoutFault, proxy_error, redirect
from demo.pump import SimulatedPump
from demo.tandem import Fault, SimulatedTandem
from demo.tandem.certificate import make_certificate
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntryDisabler,
    ConfigFlowResult,
)
from homeassistant.const import (
    CONF_EMAIL,
    CONF_NAME,
    CONF_PASSWORD,
    CONF_REGION,
    CONF_VERIFY_SSL,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from .account import add_entry
from .conftest import API_SECRET, EMAIL, PASSWORD, TIME_ZONE, lived, sessions_made_in
from .flow_texts import suggested

pytestmark = pytest.mark.usefixtures("recorder_mock", "flow_texts", "set_up")

ACCOUNT = {CONF_EMAIL: EMAIL, CONF_PASSWORD: PASSWORD, CONF_REGION: "demo"}
PUMP = {CONF_PUMP: AUTOMATIC_PUMP, CONF_PUMP_TIME_ZONE: TIME_ZONE}
ANOTHER = {
    CONF_EMAIL: "grace@example.org",
    CONF_PASSWORD: "h0pper",
    CONF_REGION: "demo",
}


@pytest.fixture(autouse=True)
def sessions() -> Iterator[list[aiohttp.ClientSession]]:
    """The sessions that flows create; each is closed at the end of its step."""
    with sessions_made_in(account_checks) as made:
        yield made
    assert all(session.closed for session in made)


@pytest.fixture(autouse=True)
def nothing_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Check that no password or secret is logged at any level."""
    for speaker in ("aiohttp", "custom_components", "homeassistant.config_entries"):
        caplog.set_level(logging.DEBUG, speaker)
    yield
    assert not [secret for secret in (PASSWORD, API_SECRET) if secret in caplog.text]


@pytest.fixture(autouse=True)
async def reloads_end(hass: HomeAssistant) -> AsyncIterator[None]:
    """Wait until entries that a flow set up or reloaded have settled before Home Assistant stops."""
    yield
    await hass.async_block_till_done()


@pytest.fixture
def entry(hass: HomeAssistant, tandem: SimulatedTandem) -> MockConfigEntry:
    """The account as added without Nightscout."""
    return add_entry(hass, tandem)


def site(url: str, **changes: Any) -> dict[str, Any]:
    """Return the user's input to forward to a Nightscout."""
    return {
        CONF_NIGHTSCOUT_URL: url,
        CONF_NIGHTSCOUT_SECRET: API_SECRET,
        CONF_FIRST_DAYS: 1,
        "connection": {CONF_VERIFY_SSL: True},
    } | changes


async def begin(hass: HomeAssistant) -> ConfigFlowResult:
    """Open the first form."""
    return await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )


async def submit(
    hass: HomeAssistant, flow: ConfigFlowResult, typed: dict[str, Any]
) -> ConfigFlowResult:
    """Submit a form of a flow."""
    return await hass.config_entries.flow.async_configure(flow["flow_id"], typed)


async def reach_pump(hass: HomeAssistant) -> ConfigFlowResult:
    """Continue to the form of the pump."""
    return await submit(hass, await begin(hass), ACCOUNT)


async def reach_nightscout(hass: HomeAssistant) -> ConfigFlowResult:
    """Continue to the form of Nightscout."""
    return await submit(hass, await reach_pump(hass), PUMP)


async def test_account_with_nightscout(
    hass: HomeAssistant, tandem: SimulatedTandem, nightscout: SimulatedNightscout
) -> None:
    """All steps create an entry with a title that names nobody, with only one sign-in."""
    flow = await begin(hass)
    assert (flow["step_id"], flow["errors"]) == ("user", {})
    flow = await submit(hass, flow, ACCOUNT)
    assert (flow["step_id"], flow["errors"]) == ("pump", {})
    assert suggested(flow) == PUMP
    flow = await submit(hass, flow, PUMP)
    assert (flow["step_id"], flow["errors"]) == ("nightscout", {})
    typed = site(f" {nightscout.url}/api/v1/ ", first_days=7)
    flow = await submit(hass, flow, typed)
    assert flow["errors"] == {CONF_NIGHTSCOUT_URL: "not_encrypted"}
    flow = await submit(hass, flow, typed)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert flow["title"] == "Tandem Source (Demo)"
    assert flow["data"] == {
        **ACCOUNT,
        CONF_NIGHTSCOUT_URL: nightscout.url,
        CONF_NIGHTSCOUT_SECRET: API_SECRET,
        CONF_VERIFY_SSL: True,
        CONF_FIRST_DAYS: 7,
        CONF_NUMBER: 1,
    }
    entry = flow["result"]
    assert entry.unique_id == tandem.accounts[EMAIL.lower()].account_id
    assert (entry.version, entry.minor_version) == (1, 1)
    assert entry.options == {
        **PUMP,
        CONF_FEATURES: ["basal", "bolus", "pump_events", "profiles"],
        CONF_STALE_AFTER: 120,
        CONF_GLUCOSE_UNIT: "mg/dL",
    }
    assert tandem.sign_in.sign_ins == 1
    assert nightscout.counters.total() == 0


async def test_a_flow_that_is_given_up_hands_nothing_over(
    hass: HomeAssistant, tandem: SimulatedTandem
) -> None:
    """Only a completed flow hands its sign-in over to the setup of the entry."""
    flow = await reach_nightscout(hass)
    account_id = tandem.accounts[EMAIL.lower()].account_id
    assert take_flow_token(hass, account_id) is None
    hass.config_entries.flow.async_abort(flow["flow_id"])
    assert take_flow_token(hass, account_id) is None
    typed = {CONF_FIRST_DAYS: 1, "connection": {CONF_VERIFY_SSL: True}}
    await submit(hass, await reach_nightscout(hass), typed)
    assert take_flow_token(hass, account_id)


async def test_a_flow_that_fails_at_its_end_hands_nothing_over(
    hass: HomeAssistant, tandem: SimulatedTandem
) -> None:
    """An error in the last step leaves no sign-in for a later setup."""
    flow = await reach_nightscout(hass)
    typed = {CONF_FIRST_DAYS: 1, "connection": {CONF_VERIFY_SSL: True}}
    with (
        patch(f"{config_flow.__name__}.default_glucose_unit", side_effect=KeyError),
        pytest.raises(KeyError),
    ):
        await submit(hass, flow, typed)
    account_id = tandem.accounts[EMAIL.lower()].account_id
    assert take_flow_token(hass, account_id) is None


async def test_a_disabled_account_is_handed_nothing(
    hass: HomeAssistant, tandem: SimulatedTandem, entry: MockConfigEntry
) -> None:
    """A disabled entry gets no sign-in, because no setup follows."""
    await hass.config_entries.async_set_disabled_by(
        entry.entry_id, ConfigEntryDisabler.USER
    )
    flow = await reconfigure(hass, entry, "tandem")
    flow = await submit(hass, flow, ACCOUNT)
    assert flow["reason"] == "reconfigure_successful"
    assert take_flow_token(hass, entry.unique_id) is None


async def test_a_removed_account_leaves_no_sign_in(
    hass: HomeAssistant, tandem: SimulatedTandem, entry: MockConfigEntry
) -> None:
    """Removing an entry also removes a sign-in that no setup has used."""
    flow = await reconfigure(hass, entry, "tandem")
    await submit(hass, flow, ACCOUNT)
    await hass.config_entries.async_remove(entry.entry_id)
    assert take_flow_token(hass, entry.unique_id) is None


async def test_nightscout_is_skipped_by_an_empty_address(
    hass: HomeAssistant, tandem: SimulatedTandem
) -> None:
    """An empty address skips Nightscout and stores nothing about it."""
    typed = {CONF_FIRST_DAYS: 1, "connection": {CONF_VERIFY_SSL: True}}
    flow = await submit(hass, await reach_nightscout(hass), typed)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert flow["data"] == ACCOUNT | {CONF_NUMBER: 1}


async def test_spaces_around_an_email_do_not_matter(
    hass: HomeAssistant, tandem: SimulatedTandem
) -> None:
    """Spaces around the email address, as from copying, are removed."""
    flow = await submit(hass, await begin(hass), ACCOUNT | {CONF_EMAIL: f" {EMAIL} "})
    assert flow["step_id"] == "pump"


def refuse(tandem: SimulatedTandem) -> None:
    """Change the password of the account."""
    tandem.accounts[EMAIL.lower()].password = "changed"


def break_down(tandem: SimulatedTandem) -> None:
    """Let the sign-in fail as overloaded."""
    tandem.faults.add(Fault(path="/login", status=503, times=None))


def hang_up(tandem: SimulatedTandem) -> None:
    """Let connections to the sign-in break."""
    tandem.faults.add(Fault(path="/login", cut=1, times=None))


def change(tandem: SimulatedTandem) -> None:
    """Let an endpoint disappear."""
    tandem.faults.add(Fault(path="/pumper", status=404, times=None))


def run_late(tandem: SimulatedTandem) -> None:
    """Let tokens be issued by a clock two days behind."""
    tandem.token_clock = lambda: datetime.now(UTC) - timedelta(days=2)


def own_no_pump(tandem: SimulatedTandem) -> None:
    """Remove all pumps from the account."""
    tandem.accounts[EMAIL.lower()].pumps.clear()


def heal(tandem: SimulatedTandem, pump: SimulatedPump) -> None:
    """Undo all of these disturbances."""
    tandem.faults.clear()
    tandem.token_clock = lambda: datetime.now(UTC)
    account = tandem.accounts[EMAIL.lower()]
    account.password = PASSWORD
    if not account.pumps:
        account.add_pump(pump).upload()


@pytest.mark.parametrize(
    ("disturb", "error"),
    [
        (refuse, "sign_in_refused"),
        (break_down, "tandem_busy"),
        (hang_up, "tandem_unreachable"),
        (change, "tandem_changed"),
        (run_late, "identity_not_verified"),
        (own_no_pump, "no_own_pump"),
    ],
)
async def test_error_at_tandem_is_told_apart_and_overcome(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    disturb: Callable[[SimulatedTandem], None],
    error: str,
) -> None:
    """Each error has a message of its own, the input stays in the form, and the next attempt succeeds."""
    disturb(tandem)
    flow = await submit(hass, await begin(hass), ACCOUNT)
    assert (flow["step_id"], flow["errors"]) == ("user", {"base": error})
    assert suggested(flow) == ACCOUNT
    heal(tandem, pump)
    flow = await submit(hass, flow, ACCOUNT)
    assert flow["step_id"] == "pump"


async def test_the_unexpected_is_logged_without_its_words(
    hass: HomeAssistant, tandem: SimulatedTandem, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says where an unexpected error occurred, but not its message, which may identify the user."""
    with patch.object(TandemClient, "pumper_answer", side_effect=RuntimeError(EMAIL)):
        flow = await submit(hass, await begin(hass), ACCOUNT)
    assert flow["errors"] == {"base": "unknown"}
    assert "Unexpected RuntimeError" in caplog.text
    assert "account_checks.py" in caplog.text
    assert EMAIL not in caplog.text


async def test_an_account_is_added_once(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """An account that is already configured cannot be added again."""
    flow = await submit(hass, await begin(hass), ACCOUNT)
    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "already_configured"


async def test_an_account_may_have_a_name(
    hass: HomeAssistant, tandem: SimulatedTandem
) -> None:
    """A name becomes the title, with a number if another account has the same name."""
    flow = await submit(hass, await reach_pump(hass), PUMP | {CONF_NAME: " Ada "})
    flow = await submit(hass, flow, {"connection": {}})
    entry = flow["result"]
    assert (flow["title"], entry.data[CONF_NAME]) == ("Ada", "Ada")
    assert CONF_NAME not in entry.options
    account = tandem.add_account(ANOTHER[CONF_EMAIL], ANOTHER[CONF_PASSWORD])
    account.add_pump(lived(1, seed=2)).upload()
    flow = await submit(hass, await begin(hass), ANOTHER)
    flow = await submit(hass, flow, PUMP | {CONF_NAME: "Ada"})
    flow = await submit(hass, flow, {"connection": {}})
    assert flow["title"] == "Ada 2"


@pytest.mark.parametrize(
    ("typed", "title"),
    [({CONF_NAME: "Grace"}, "Grace"), ({}, "Tandem Source (Demo)")],
)
async def test_an_account_is_named_otherwise(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    typed: dict[str, str],
    title: str,
) -> None:
    """A new or removed name changes the title and nothing else."""
    hass.config_entries.async_update_entry(
        entry, title="Ada", data={**ACCOUNT, CONF_NAME: "Ada"}
    )
    flow = await reconfigure(hass, entry, "name")
    assert suggested(flow) == {CONF_NAME: "Ada"}
    flow = await submit(hass, flow, typed)
    assert flow["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert entry.title == title
    assert entry.data == {**ACCOUNT, **typed, CONF_NUMBER: 1}


async def test_a_second_account_of_a_region_gets_a_number(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    entry: MockConfigEntry,
    pump: SimulatedPump,
) -> None:
    """The title of a second account in a region without a name gets a number."""
    account = tandem.add_account(ANOTHER[CONF_EMAIL], ANOTHER[CONF_PASSWORD])
    account.add_pump(pump).upload()
    flow = await submit(hass, await begin(hass), ANOTHER)
    flow = await submit(hass, flow, PUMP)
    flow = await submit(hass, flow, {"connection": {}})
    assert flow["title"] == "Tandem Source (Demo) 2"
    assert flow["data"][CONF_NUMBER] == 2


async def test_devices_of_accounts_without_a_name_are_told_apart(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    entry: MockConfigEntry,
    pump: SimulatedPump,
) -> None:
    """The number is unique across regions, because the device name includes it without a region."""
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, CONF_REGION: "eu"}
    )
    account = tandem.add_account(ANOTHER[CONF_EMAIL], ANOTHER[CONF_PASSWORD])
    account.add_pump(pump).upload()
    flow = await submit(hass, await begin(hass), ANOTHER)
    flow = await submit(hass, flow, PUMP)
    flow = await submit(hass, flow, {"connection": {}})
    assert flow["data"][CONF_NUMBER] == 2


@pytest.mark.parametrize(
    ("country", "region"), [("US", "us"), ("DE", "eu"), (None, None)]
)
async def test_the_region_follows_the_country(
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    country: str | None,
    region: str | None,
) -> None:
    """The suggested region is "us" in the United States and "eu" in all other countries."""
    monkeypatch.delenv("TCONNECTSYNC_DEMO_URL", raising=False)
    hass.config.country = country
    flow = await begin(hass)
    assert suggested(flow).get(CONF_REGION) == region
    assert flow["data_schema"] is not None
    offered = flow["data_schema"].schema[CONF_REGION].config["options"]
    assert offered == ["us", "eu"]


async def test_pumps_are_named_with_their_last_upload(
    hass: HomeAssistant, tandem: SimulatedTandem, pump: SimulatedPump
) -> None:
    """Pumps are sorted by their last upload, newest first, with those that never uploaded at the end."""
    account = tandem.accounts[EMAIL.lower()]
    tandem.now = lambda: datetime(2025, 7, 1, 20, 30, tzinfo=UTC)
    zone = ZoneInfo(TIME_ZONE)
    start = datetime(2025, 6, 30, tzinfo=UTC)
    for serial_number in ("100", "200"):
        account.add_pump(
            SimulatedPump(
                start=start, time_zone=zone, serial_number=serial_number, model="Mobi"
            )
        )
    account.pumps[2].upload()
    flow = await reach_pump(hass)
    assert flow["data_schema"] is not None
    choices = flow["data_schema"].schema[CONF_PUMP].config["options"]
    assert [choice["value"] for choice in choices] == [
        AUTOMATIC_PUMP,
        pump.serial_number,
        "200",
        "100",
    ]
    assert [choice["label"] for choice in choices[2:]] == [
        "Mobi, 200, last upload 2025-07-01 13:30",
        "Mobi, 100, never uploaded",
    ]


@pytest.mark.parametrize("choice", [AUTOMATIC_PUMP, "11223344"])
async def test_a_pump_that_never_uploaded_can_be_waited_for(
    hass: HomeAssistant, tandem: SimulatedTandem, pump: SimulatedPump, choice: str
) -> None:
    """The form warns about a pump that never uploaded, and accepts it when submitted again."""
    assert pump.serial_number == "11223344"
    account = tandem.accounts[EMAIL.lower()]
    account.pumps.clear()
    account.add_pump(pump)
    typed = PUMP | {CONF_PUMP: choice}
    flow = await submit(hass, await reach_pump(hass), typed)
    assert flow["errors"] == {CONF_PUMP: "never_uploaded"}
    assert suggested(flow) == typed
    flow = await submit(hass, flow, typed)
    assert flow["step_id"] == "nightscout"


async def test_a_zone_the_pump_clock_contradicts_is_doubted_once(
    hass: HomeAssistant, tandem: SimulatedTandem, pump: SimulatedPump
) -> None:
    """The form warns about each doubtful zone once, and accepts it when submitted again."""
    chicago, new_york = (
        PUMP | {CONF_PUMP_TIME_ZONE: f"America/{city}"}
        for city in ("Chicago", "New_York")
    )
    flow = await reach_pump(hass)
    for typed in (chicago, new_york):
        flow = await submit(hass, flow, typed)
        assert flow["errors"] == {CONF_PUMP_TIME_ZONE: "zone_doubtful"}
    flow = await submit(hass, flow, chicago)
    assert flow["step_id"] == "nightscout"


async def test_an_old_upload_tells_nothing_about_the_zone(
    hass: HomeAssistant, tandem: SimulatedTandem
) -> None:
    """An old upload gives no warning, because the pump may have been without its phone."""
    tandem.now = lambda: datetime.now(UTC) - timedelta(days=2)
    tandem.accounts[EMAIL.lower()].pumps[0].upload()
    typed = PUMP | {CONF_PUMP_TIME_ZONE: "Asia/Tokyo"}
    flow = await submit(hass, await reach_pump(hass), typed)
    assert flow["step_id"] == "nightscout"


def without_delete(nightscout: SimulatedNightscout) -> dict[str, Any]:
    """Return a token that may only read and create."""
    rights = (*READABLE, "api:treatments:create")
    return {CONF_NIGHTSCOUT_SECRET: nightscout.add_token("pump", rights)}


def proxy_in_front(nightscout: SimulatedNightscout) -> dict[str, Any]:
    """Let a proxy ask for its own sign-in."""
    nightscout.faults.add(NightscoutFault(status=403, times=None))
    return {}


def moved(nightscout: SimulatedNightscout) -> dict[str, Any]:
    """Let the site redirect to another address."""
    nightscout.faults.add(redirect("http://localhost:9"))
    return {}


def another_site(nightscout: SimulatedNightscout) -> dict[str, Any]:
    """Let a site answer that is not Nightscout."""
    nightscout.faults.add(NightscoutFault(status=200, body="<html>", times=None))
    return {}


def gateway(nightscout: SimulatedNightscout) -> dict[str, Any]:
    """Let a proxy report that it cannot reach the site."""
    nightscout.faults.add(proxy_error(times=None))
    return {}


@pytest.mark.parametrize(
    ("disturb", "errors"),
    [
        (lambda _: {CONF_NIGHTSCOUT_URL: ""}, {CONF_NIGHTSCOUT_URL: "address_missing"}),
        (
            lambda _: {CONF_NIGHTSCOUT_URL: "https://me@example.com"},
            {CONF_NIGHTSCOUT_URL: "address_invalid"},
        ),
        (
            lambda _: {CONF_NIGHTSCOUT_SECRET: " "},
            {CONF_NIGHTSCOUT_SECRET: "secret_missing"},
        ),
        (
            lambda _: {CONF_NIGHTSCOUT_SECRET: "a wrong one"},
            {CONF_NIGHTSCOUT_SECRET: "nightscout_refused"},
        ),
        (without_delete, {CONF_NIGHTSCOUT_SECRET: "rights_missing"}),
        (proxy_in_front, {CONF_NIGHTSCOUT_URL: "nightscout_guarded"}),
        (moved, {CONF_NIGHTSCOUT_URL: "nightscout_moved"}),
        (another_site, {CONF_NIGHTSCOUT_URL: "not_nightscout"}),
        (gateway, {CONF_NIGHTSCOUT_URL: "nightscout_busy"}),
        (
            lambda _: {CONF_NIGHTSCOUT_URL: "http://localhost:9"},
            {CONF_NIGHTSCOUT_URL: "nightscout_unreachable"},
        ),
    ],
)
async def test_error_with_nightscout_is_told_apart_and_overcome(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    nightscout: SimulatedNightscout,
    disturb: Callable[[SimulatedNightscout], dict[str, Any]],
    errors: dict[str, str],
) -> None:
    """Each error has a message of its own, the input stays in the form, and the next attempt succeeds."""
    flow = await submit(hass, await reach_nightscout(hass), site(nightscout.url))
    assert flow["errors"] == {CONF_NIGHTSCOUT_URL: "not_encrypted"}
    typed = site(nightscout.url, **disturb(nightscout))
    flow = await submit(hass, flow, typed)
    assert (flow["step_id"], flow["errors"]) == ("nightscout", errors)
    assert suggested(flow) == {
        key: value for key, value in typed.items() if key != "connection"
    }
    nightscout.faults.clear()
    flow = await submit(hass, flow, site(nightscout.url))
    assert flow["type"] is FlowResultType.CREATE_ENTRY


async def test_missing_rights_are_named(
    hass: HomeAssistant, tandem: SimulatedTandem, nightscout: SimulatedNightscout
) -> None:
    """The error lists the missing rights of the default features and a role that has them."""
    typed = site(nightscout.url, **without_delete(nightscout))
    flow = await submit(hass, await reach_nightscout(hass), typed)
    flow = await submit(hass, flow, typed)
    assert flow["description_placeholders"] is not None
    assert flow["description_placeholders"]["rights"] == (
        "api:treatments:delete → admin, api:profile:update → admin"
    )
    enough = ("api:treatments:create", "api:treatments:delete", "api:profile:update")
    token = nightscout.add_token("better", enough)
    flow = await submit(
        hass, flow, site(nightscout.url, **{CONF_NIGHTSCOUT_SECRET: token})
    )
    assert flow["type"] is FlowResultType.CREATE_ENTRY


async def test_a_site_that_may_not_be_read_is_not_a_wrong_secret(
    hass: HomeAssistant, tandem: SimulatedTandem
) -> None:
    """A known token without read access is reported as lacking rights, not as unknown."""
    nightscout = SimulatedNightscout(api_secret=API_SECRET, default_roles=("denied",))
    await nightscout.start()
    token = nightscout.add_token("pump", ())
    typed = site(nightscout.url, **{CONF_NIGHTSCOUT_SECRET: token})
    flow = await reach_nightscout(hass)
    for _ in range(2):
        flow = await submit(hass, flow, typed)
    await nightscout.stop()
    assert flow["errors"] == {CONF_NIGHTSCOUT_SECRET: "rights_missing"}
    assert flow["description_placeholders"] is not None
    named = flow["description_placeholders"]["rights"]
    assert named.startswith(
        "api:status:read → readable, api:treatments:read → readable"
    )


async def test_a_careportal_that_is_off_is_named(
    hass: HomeAssistant, tandem: SimulatedTandem
) -> None:
    """The error names the disabled careportal, without which Nightscout refuses all writes."""
    nightscout = SimulatedNightscout(api_secret=API_SECRET, careportal=False)
    await nightscout.start()
    flow = await reach_nightscout(hass)
    for _ in range(2):
        flow = await submit(hass, flow, site(nightscout.url))
    await nightscout.stop()
    assert flow["errors"] == {CONF_NIGHTSCOUT_URL: "careportal_off"}


async def test_the_unexpected_at_nightscout_is_logged_without_its_words(
    hass: HomeAssistant, tandem: SimulatedTandem, caplog: pytest.LogCaptureFixture
) -> None:
    """An unexpected error is logged without its message, which may include the secret."""
    flow = await reach_nightscout(hass)
    with patch.object(NightscoutClient, "check", side_effect=RuntimeError(API_SECRET)):
        flow = await submit(hass, flow, site("nightscout.example.com"))
    assert flow["errors"] == {"base": "unknown"}
    assert "Unexpected RuntimeError" in caplog.text


@pytest.fixture
async def secure(
    hass: HomeAssistant, tmp_path: Path
) -> AsyncIterator[SimulatedNightscout]:
    """A Nightscout with a self-signed certificate."""
    certificate = await hass.async_add_executor_job(
        make_certificate, tmp_path, ["localhost"]
    )
    context = await hass.async_add_executor_job(certificate.for_server)
    secure = SimulatedNightscout(api_secret=API_SECRET)
    await secure.start(ssl_context=context)
    # The refused handshake is an error of the simulated site, which runs in Home Assistant's loop.
    hass.loop.set_exception_handler(None)
    yield secure
    await secure.stop()


async def test_a_self_signed_certificate_is_taken_when_not_checked(
    hass: HomeAssistant, tandem: SimulatedTandem, secure: SimulatedNightscout
) -> None:
    """A self-signed certificate is refused until the user turns its check off."""
    flow = await reach_nightscout(hass)
    flow = await submit(hass, flow, site(secure.url))
    assert flow["errors"] == {CONF_NIGHTSCOUT_URL: "nightscout_not_secure"}
    unchecked = site(secure.url, connection={CONF_VERIFY_SSL: False})
    flow = await submit(hass, flow, unchecked)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert flow["data"][CONF_VERIFY_SSL] is False


async def test_a_site_that_asks_for_https_is_kept_with_it(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    nightscout: SimulatedNightscout,
    secure: SimulatedNightscout,
) -> None:
    """A redirect to HTTPS is stored, so that the secret is not sent unencrypted again."""
    nightscout.faults.add(redirect(secure.url))
    typed = site(nightscout.url, connection={CONF_VERIFY_SSL: False})
    flow = await reach_nightscout(hass)
    for _ in range(2):
        flow = await submit(hass, flow, typed)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert flow["data"][CONF_NIGHTSCOUT_URL] == secure.url


async def test_a_refused_password_is_replaced(
    hass: HomeAssistant, tandem: SimulatedTandem, entry: MockConfigEntry
) -> None:
    """The form names the account's email, refuses the old password and accepts the new one."""
    tandem.accounts[EMAIL.lower()].password = "a new one"
    flow = await entry.start_reauth_flow(hass)
    assert flow["step_id"] == "reauth_confirm"
    assert flow["description_placeholders"] is not None
    assert flow["description_placeholders"]["email"] == EMAIL
    flow = await submit(hass, flow, {CONF_PASSWORD: PASSWORD})
    assert flow["errors"] == {"base": "sign_in_refused"}
    assert suggested(flow) == {CONF_PASSWORD: PASSWORD}
    flow = await submit(hass, flow, {CONF_PASSWORD: "a new one"})
    assert flow["reason"] == "reauth_successful"
    assert entry.data == ACCOUNT | {CONF_PASSWORD: "a new one"}


async def test_the_password_of_another_account_changes_nothing(
    hass: HomeAssistant, tandem: SimulatedTandem, entry: MockConfigEntry
) -> None:
    """Reauthentication with another account is refused, as an email address may change hands."""
    hass.config_entries.async_update_entry(entry, unique_id="somebody else")
    flow = await entry.start_reauth_flow(hass)
    flow = await submit(hass, flow, {CONF_PASSWORD: PASSWORD})
    assert flow["reason"] == "wrong_account"


async def reconfigure(
    hass: HomeAssistant, entry: MockConfigEntry, service: str
) -> ConfigFlowResult:
    """Open the reconfiguration form of a service."""
    flow = await entry.start_reconfigure_flow(hass)
    assert flow["type"] is FlowResultType.MENU
    return await submit(hass, flow, {"next_step_id": f"reconfigure_{service}"})


async def test_the_account_signs_in_otherwise(
    hass: HomeAssistant, tandem: SimulatedTandem, entry: MockConfigEntry
) -> None:
    """A changed password is checked before it is stored, and the stored one is never shown."""
    tandem.accounts[EMAIL.lower()].password = "a new one"
    flow = await reconfigure(hass, entry, "tandem")
    assert suggested(flow) == {CONF_EMAIL: EMAIL, CONF_REGION: "demo"}
    flow = await submit(hass, flow, ACCOUNT)
    assert flow["errors"] == {"base": "sign_in_refused"}
    flow = await submit(hass, flow, ACCOUNT | {CONF_PASSWORD: "a new one"})
    assert flow["reason"] == "reconfigure_successful"
    assert entry.data == ACCOUNT | {CONF_PASSWORD: "a new one"}


async def test_another_account_cannot_take_its_place(
    hass: HomeAssistant, tandem: SimulatedTandem, entry: MockConfigEntry
) -> None:
    """Reconfiguring to another account is refused, because it would mix the history of two people."""
    tandem.add_account(ANOTHER[CONF_EMAIL], ANOTHER[CONF_PASSWORD])
    flow = await reconfigure(hass, entry, "tandem")
    flow = await submit(hass, flow, ANOTHER)
    assert flow["reason"] == "wrong_account"
    assert entry.data == ACCOUNT


async def test_nightscout_is_added_changed_and_removed(
    hass: HomeAssistant, nightscout: SimulatedNightscout, entry: MockConfigEntry
) -> None:
    """The secret is kept for the same address, and has to be entered again for another one."""
    flow = await reconfigure(hass, entry, "nightscout")
    assert suggested(flow) == {}
    for _ in range(2):
        flow = await submit(hass, flow, site(nightscout.url, first_days=3))
    assert flow["reason"] == "reconfigure_successful"
    assert entry.data == {
        **ACCOUNT,
        CONF_NIGHTSCOUT_URL: nightscout.url,
        CONF_NIGHTSCOUT_SECRET: API_SECRET,
        CONF_VERIFY_SSL: True,
        CONF_FIRST_DAYS: 3,
    }

    flow = await reconfigure(hass, entry, "nightscout")
    known = {CONF_NIGHTSCOUT_URL: nightscout.url, CONF_FIRST_DAYS: 3}
    assert suggested(flow) == known
    unchecked = known | {"connection": {CONF_VERIFY_SSL: False}}
    elsewhere = unchecked | {CONF_NIGHTSCOUT_URL: "https://nightscout.example.com"}
    flow = await submit(hass, flow, elsewhere)
    assert flow["errors"] == {CONF_NIGHTSCOUT_SECRET: "secret_missing"}
    for _ in range(2):
        flow = await submit(hass, flow, unchecked)
    assert flow["reason"] == "reconfigure_successful"
    assert entry.data[CONF_NIGHTSCOUT_SECRET] == API_SECRET
    assert entry.data[CONF_VERIFY_SSL] is False

    flow = await reconfigure(hass, entry, "nightscout")
    flow = await submit(hass, flow, {"connection": {CONF_VERIFY_SSL: True}})
    assert flow["reason"] == "reconfigure_successful"
    assert entry.data == ACCOUNT


async def test_a_token_is_checked_for_what_the_account_sends(
    hass: HomeAssistant, nightscout: SimulatedNightscout, entry: MockConfigEntry
) -> None:
    """A token needs the rights for the currently selected features only."""
    hass.config_entries.async_update_entry(
        entry, options=PUMP | {CONF_FEATURES: ["device_status"]}
    )
    token = nightscout.add_token("pump", ["api:devicestatus:create"])
    typed = site(nightscout.url, **{CONF_NIGHTSCOUT_SECRET: token})
    flow = await reconfigure(hass, entry, "nightscout")
    for _ in range(2):
        flow = await submit(hass, flow, typed)
    assert flow["errors"] == {CONF_NIGHTSCOUT_SECRET: "rights_missing"}
    assert flow["description_placeholders"] is not None
    named = flow["description_placeholders"]["rights"]
    assert named == "api:devicestatus:delete → admin"
    nightscout.add_token("pump", ["api:devicestatus:create,delete"])
    flow = await submit(hass, flow, typed)
    assert flow["reason"] == "reconfigure_successful"
