"""The person whose pump an entry shows: chosen at set-up where an account names several, and stored."""

from dataclasses import replace
from typing import Any, Literal

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tconnectsync.const import (
    AUTOMATIC_PUMP,
    CONF_FIRST_DAYS,
    CONF_PERSON,
    CONF_PUMP,
    CONF_PUMP_TIME_ZONE,
    DOMAIN,
)
from custom_components.tconnectsync.diagnostics import (
    async_get_config_entry_diagnostics,
)
from custom_components.tconnectsync.storage.account_store import async_remove_store
from demo.tandem import Account, Fault, SimulatedTandem
from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlowContext,
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
from homeassistant.helpers import device_registry as dr
from tests.account import poll, settle
from tests.conftest import EMAIL, PASSWORD, TIME_ZONE, lived

pytestmark = pytest.mark.usefixtures(
    "recorder_mock", "no_pauses_between_reads", "flow_texts"
)

ACCOUNT = {CONF_EMAIL: EMAIL, CONF_PASSWORD: PASSWORD, CONF_REGION: "demo"}
PUMP = {CONF_PUMP: AUTOMATIC_PUMP, CONF_PUMP_TIME_ZONE: TIME_ZONE}
NO_SITE = {CONF_FIRST_DAYS: 1, "connection": {CONF_VERIFY_SSL: True}}
NAMES = ("Byron", "Anne")


@pytest.fixture
def account(tandem: SimulatedTandem) -> Account:
    """The account that signs in."""
    return tandem.accounts[EMAIL.lower()]


@pytest.fixture
def guardian(tandem: SimulatedTandem, account: Account) -> Account:
    """The account of somebody without a pump who may see two people's pumps."""
    account.pumps.clear()
    account.role = "personal_guardian"
    for number, name in enumerate(NAMES, start=1):
        child = tandem.add_account(f"{name}@example.org", "", first_name=name)
        pump = lived(1, seed=number, serial_number=f"9000000{number}", quiet=True)
        child.add_pump(pump).upload()
        account.looks_after.append(child)
    return account


async def submit(
    hass: HomeAssistant, flow: ConfigFlowResult, typed: dict[str, Any]
) -> ConfigFlowResult:
    """Submit a form of a flow."""
    return await hass.config_entries.flow.async_configure(flow["flow_id"], typed)


async def begin(
    hass: HomeAssistant, source: str, entry: ConfigEntry | None = None
) -> ConfigFlowResult:
    """Open a form, of an entry if one is given."""
    context = ConfigFlowContext(source=source)
    if entry:
        context["entry_id"] = entry.entry_id
        context["unique_id"] = entry.unique_id
    return await hass.config_entries.flow.async_init(
        DOMAIN, context=context, data=dict(entry.data) if entry else None
    )


async def sign_in(hass: HomeAssistant) -> ConfigFlowResult:
    """Open the first form and sign in."""
    return await submit(hass, await begin(hass, SOURCE_USER), ACCOUNT)


async def choose(
    hass: HomeAssistant, flow: ConfigFlowResult, person: Account
) -> ConfigFlowResult:
    """Choose a person."""
    return await submit(hass, flow, {CONF_PERSON: person.pumper_id})


async def add(hass: HomeAssistant, person: Account) -> ConfigEntry:
    """Add an entry for one person of the account."""
    flow = await choose(hass, await sign_in(hass), person)
    flow = await submit(hass, await submit(hass, flow, PUMP), NO_SITE)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    await settle(hass)
    entry: ConfigEntry = flow["result"]
    return entry


def choices(flow: ConfigFlowResult) -> list[str]:
    """Return the people that a form offers."""
    assert flow["step_id"] == "person"
    assert flow["data_schema"] is not None
    (field,) = flow["data_schema"].schema.values()
    return [option["label"] for option in field.config["options"]]


async def poll_now(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Poll an account and wait until everything has settled."""
    await entry.runtime_data.coordinator.async_refresh()
    await settle(hass)


def state_of(entry: ConfigEntry) -> ConfigEntryState:
    """Return the state of an entry without narrowing its type."""
    return entry.state


def shown(entry: ConfigEntry) -> str | None:
    """Return the serial number of the pump that an entry shows."""
    pump = entry.runtime_data.coordinator.data.pump
    return pump.serial_number if pump else None


@pytest.mark.parametrize("named_in", ["id_token", "access_token", "answer"])
async def test_two_people_of_one_account_side_by_side(
    hass: HomeAssistant,
    guardian: Account,
    named_in: Literal["id_token", "access_token", "answer"],
) -> None:
    """Each has its own entry, device, folder and sign-in, and each entry shows the right pump."""
    guardian.names_persons_in = named_in
    assert choices(await sign_in(hass)) == [
        f"{name} User (t:slim X2)" for name in NAMES
    ]
    entries = [await add(hass, child) for child in guardian.looks_after]
    for number, (entry, child) in enumerate(
        zip(entries, guardian.looks_after, strict=True), start=1
    ):
        assert state_of(entry) is ConfigEntryState.LOADED
        assert entry.data[CONF_PERSON] == child.pumper_id
        assert entry.unique_id == f"{guardian.account_id}_{child.pumper_id}"
        assert shown(entry) == f"9000000{number}"
    registry = dr.async_get(hass)
    devices = [
        [
            device.serial_number
            for device in dr.async_entries_for_config_entry(registry, entry.entry_id)
        ]
        for entry in entries
    ]
    assert devices == [["90000001"], ["90000002"]]
    first, second = (one.runtime_data.store.state.sign_in.token for one in entries)
    assert not set(first.cookies) & set(second.cookies)
    assert [entry.title for entry in entries] == [
        "Tandem Source (Demo)",
        "Tandem Source (Demo) 2",
    ]
    for entry in entries:
        await hass.config_entries.async_reload(entry.entry_id)
        await poll_now(hass, entry)
    assert [shown(entry) for entry in entries] == ["90000001", "90000002"]


async def test_a_person_is_added_once(hass: HomeAssistant, guardian: Account) -> None:
    """The same person cannot be added twice; the other one can be added."""
    first, second = guardian.looks_after
    await add(hass, first)
    flow = await choose(hass, await sign_in(hass), first)
    assert (flow["type"], flow["reason"]) == (
        FlowResultType.ABORT,
        "already_configured",
    )
    flow = await choose(hass, await sign_in(hass), second)
    assert flow["step_id"] == "pump"


async def test_the_only_person_is_asked_for_as_well(
    hass: HomeAssistant, guardian: Account
) -> None:
    """The form asks even for a single person, because others may be added later."""
    guardian.looks_after[1].pumps.clear()
    assert choices(await sign_in(hass)) == ["Byron User (t:slim X2)"]


async def test_somebody_without_a_name(
    hass: HomeAssistant, tandem: SimulatedTandem, guardian: Account
) -> None:
    """A person without a name is offered by number."""
    child = guardian.looks_after[0]
    child.overrides = {"firstName": None, "lastName": None, "name": None}
    assert choices(await sign_in(hass))[0] == "1 (t:slim X2)"


@pytest.mark.parametrize("named_in", ["id_token", "access_token", "answer"])
async def test_a_new_password_keeps_the_person(
    hass: HomeAssistant,
    guardian: Account,
    named_in: Literal["id_token", "access_token", "answer"],
) -> None:
    """The form does not ask for the person again, and the other entry stays unchanged."""
    guardian.names_persons_in = named_in
    first, second = [await add(hass, child) for child in guardian.looks_after]
    guardian.password = "a new one"
    flow = await begin(hass, SOURCE_REAUTH, second)
    flow = await submit(hass, flow, {CONF_PASSWORD: "a new one"})
    assert flow["reason"] == "reauth_successful"
    await settle(hass)
    assert second.data[CONF_PERSON] == guardian.looks_after[1].pumper_id
    assert [shown(entry) for entry in (first, second)] == ["90000001", "90000002"]
    assert first.data[CONF_PASSWORD] == PASSWORD


async def test_reconfiguring_one_person_keeps_both(
    hass: HomeAssistant, guardian: Account
) -> None:
    """The new email applies to this person without asking again, and the other entry stays unchanged."""
    first, second = [await add(hass, child) for child in guardian.looks_after]
    before = {**first.data}, first.unique_id
    guardian.password = "a new one"
    flow = await begin(hass, SOURCE_RECONFIGURE, second)
    flow = await submit(hass, flow, {"next_step_id": "reconfigure_tandem"})
    flow = await submit(
        hass, flow, {**ACCOUNT, CONF_EMAIL: EMAIL.upper(), CONF_PASSWORD: "a new one"}
    )
    assert flow["reason"] == "reconfigure_successful"
    await settle(hass)
    assert state_of(second) is ConfigEntryState.LOADED
    child = guardian.looks_after[1]
    assert second.data[CONF_PERSON] == child.pumper_id
    assert second.unique_id == f"{guardian.account_id}_{child.pumper_id}"
    assert (second.data[CONF_EMAIL], second.data[CONF_PASSWORD]) == (
        EMAIL.upper(),
        "a new one",
    )
    assert second.title == "Tandem Source (Demo) 2"
    await poll_now(hass, second)
    assert [shown(entry) for entry in (first, second)] == ["90000001", "90000002"]
    assert ({**first.data}, first.unique_id) == before


async def test_renaming_one_person_keeps_the_person(
    hass: HomeAssistant, guardian: Account
) -> None:
    """The person stays when the entry is renamed or Nightscout is changed or removed."""
    _, second = [await add(hass, child) for child in guardian.looks_after]
    for step, typed in (("name", {CONF_NAME: "Anne"}), ("nightscout", NO_SITE)):
        flow = await begin(hass, SOURCE_RECONFIGURE, second)
        flow = await submit(hass, flow, {"next_step_id": f"reconfigure_{step}"})
        flow = await submit(hass, flow, typed)
        assert flow["reason"] == "reconfigure_successful"
        await settle(hass)
    assert second.title == "Anne"
    assert second.data[CONF_PERSON] == guardian.looks_after[1].pumper_id
    assert shown(second) == "90000002"


async def test_another_account_cannot_take_the_place_of_a_person(
    hass: HomeAssistant, tandem: SimulatedTandem, guardian: Account
) -> None:
    """Another account is refused, even if it may see the same people."""
    entry = await add(hass, guardian.looks_after[0])
    other = tandem.add_account("grace@example.org", "h0pper")
    other.looks_after = guardian.looks_after
    flow = await begin(hass, SOURCE_RECONFIGURE, entry)
    flow = await submit(hass, flow, {"next_step_id": "reconfigure_tandem"})
    typed = {CONF_EMAIL: other.email, CONF_PASSWORD: other.password}
    flow = await submit(hass, flow, ACCOUNT | typed)
    assert flow["reason"] == "wrong_account"


class TestSharedLater:
    """An account of one person that may later see another person's pump."""

    @pytest.fixture
    def child(
        self, tandem: SimulatedTandem, account: Account, entry: MockConfigEntry
    ) -> Account:
        """A person whose pump the account may see since it was added for its owner only."""
        child = tandem.add_account("child@example.org", "", first_name="Byron")
        pump = lived(1, seed=1, serial_number="90000001", quiet=True)
        child.add_pump(pump).upload()
        account.looks_after.append(child)
        return child

    async def test_the_entry_stays_with_its_person(
        self,
        hass: HomeAssistant,
        tandem: SimulatedTandem,
        entry: MockConfigEntry,
        child: Account,
    ) -> None:
        """The entry keeps its person, in any order of names."""
        account = tandem.accounts[EMAIL.lower()]
        tandem.sign_in.expire_tokens()
        await poll(hass, entry)
        assert entry.runtime_data.coordinator.last_update_success
        assert shown(entry) == "11223344"
        flow = await choose(hass, await sign_in(hass), account)
        assert flow["reason"] == "already_configured"
        other = await add(hass, child)
        assert [shown(one) for one in (entry, other)] == ["11223344", "90000001"]

    async def test_who_it_was_is_not_known_any_more(
        self,
        hass: HomeAssistant,
        tandem: SimulatedTandem,
        entry: MockConfigEntry,
        child: Account,
    ) -> None:
        """The entry shows an error instead of another person's data, and asks for the person at the next sign-in."""
        account = tandem.accounts[EMAIL.lower()]
        await hass.config_entries.async_unload(entry.entry_id)
        flow = await choose(hass, await sign_in(hass), child)
        assert flow["reason"] == "already_configured"
        await async_remove_store(hass, entry.entry_id)
        await hass.config_entries.async_setup(entry.entry_id)
        assert state_of(entry) is ConfigEntryState.SETUP_RETRY
        assert entry.error_reason_translation_key == "several_persons"
        flow = await entry.start_reauth_flow(hass)
        flow = await submit(hass, flow, {CONF_PASSWORD: PASSWORD})
        flow = await choose(hass, flow, account)
        assert flow["reason"] == "reauth_successful"
        await settle(hass)
        assert state_of(entry) is ConfigEntryState.LOADED
        assert entry.data[CONF_PERSON] == account.pumper_id
        assert shown(entry) == "11223344"


async def test_an_account_without_a_pump_is_named_as_such(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    guardian: Account,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is not reported as a change of the service; the log describes the structure of the answers without their content."""
    for child in guardian.looks_after:
        child.pumps.clear()
    flow = await sign_in(hass)
    assert flow["errors"] == {"base": "no_own_pump"}
    (line,) = [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("custom_components") and record.levelname == "WARNING"
    ]
    assert "'pumperId': ['str']" in line
    assert "'pumps': []" in line
    personal = [guardian.account_id, guardian.pumper_id, EMAIL, *NAMES, "User", "1990"]
    assert not [one for one in personal if one in line]


async def test_one_who_cannot_be_read_now_is_waited_for(
    hass: HomeAssistant, tandem: SimulatedTandem, guardian: Account
) -> None:
    """A choice that lacks a person would be wrong."""
    tandem.faults.add(
        Fault(path=f"pumper/{guardian.looks_after[0].pumper_id}", status=503)
    )
    flow = await sign_in(hass)
    assert flow["errors"] == {"base": "tandem_busy"}
    assert len(choices(await submit(hass, flow, ACCOUNT))) == 2


async def test_a_token_of_somebody_else_is_not_taken(
    hass: HomeAssistant, tandem: SimulatedTandem, guardian: Account
) -> None:
    """A stored token of another person is not used."""
    entry = await add(hass, guardian.looks_after[0])
    state = entry.runtime_data.store.state
    state.sign_in.token = replace(
        state.sign_in.token, pumper_id=guardian.looks_after[1].pumper_id
    )
    await entry.runtime_data.store.async_save()
    await hass.config_entries.async_reload(entry.entry_id)
    await poll_now(hass, entry)
    assert shown(entry) == "90000001"


async def test_diagnostics_tell_the_shape(
    hass: HomeAssistant, guardian: Account
) -> None:
    """Diagnostics show whether a person was chosen and where people are named, but no names."""
    guardian.names_persons_in = "access_token"
    entry = await add(hass, guardian.looks_after[0])
    found = await async_get_config_entry_diagnostics(hass, entry)
    assert found["reading"]["person_chosen"] is True
    assert found["reading"]["answers"]["pumper"]["firstName"] == "str"
    assert NAMES[0] not in str(found)
