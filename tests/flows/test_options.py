"""Options that can be changed without signing in again, and refused values."""

from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tconnectsync.const import (
    AUTOMATIC_PUMP,
    CONF_FEATURES,
    CONF_GLUCOSE_UNIT,
    CONF_HIGH_LIMIT,
    CONF_LIVE_GLUCOSE,
    CONF_LOW_LIMIT,
    CONF_NIGHTSCOUT_SECRET,
    CONF_NIGHTSCOUT_URL,
    CONF_PUMP,
    CONF_PUMP_TIME_ZONE,
    CONF_STALE_AFTER,
    DOMAIN,
)
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.tandem import Pumper
from custom_components.tconnectsync.tandem.pumper import read_pumper
from demo.nightscout import SimulatedNightscout
from demo.nightscout.faults import Fault
from demo.pump import SimulatedPump
from demo.tandem import SimulatedTandem
from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.const import CONF_EMAIL, CONF_PASSWORD, CONF_REGION, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from tests.conftest import API_SECRET, EMAIL, PASSWORD, TIME_ZONE
from tests.flow_texts import suggested

pytestmark = pytest.mark.usefixtures("recorder_mock", "flow_texts")

CHOSEN = {
    CONF_FEATURES: ["bolus", "cgm"],
    CONF_PUMP: AUTOMATIC_PUMP,
    CONF_PUMP_TIME_ZONE: TIME_ZONE,
    CONF_STALE_AFTER: 90,
    CONF_GLUCOSE_UNIT: "mg/dL",
}


@pytest.fixture
def entry(hass: HomeAssistant, tandem: SimulatedTandem) -> MockConfigEntry:
    """An account whose options were never changed."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Tandem Source (Demo)",
        unique_id=tandem.accounts[EMAIL.lower()].account_id,
        data={CONF_EMAIL: EMAIL, CONF_PASSWORD: PASSWORD, CONF_REGION: "demo"},
    )
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
def pumper(tandem: SimulatedTandem) -> Pumper:
    """The account as last read, with its own limits."""
    account = tandem.accounts[EMAIL.lower()]
    account.low_limit, account.high_limit = 80, 160
    return read_pumper(account.pumper())


@pytest.fixture
async def running(
    hass: HomeAssistant, entry: MockConfigEntry, set_up: AsyncMock, pumper: Pumper
) -> MockConfigEntry:
    """The same account, set up."""

    def publish(hass: HomeAssistant, entry: MockConfigEntry) -> bool:
        entry.runtime_data = SimpleNamespace(
            coordinator=SimpleNamespace(data=SimpleNamespace(pumper=pumper))
        )
        return True

    set_up.side_effect = publish
    await hass.config_entries.async_setup(entry.entry_id)
    set_up.reset_mock()
    return entry


async def begin(hass: HomeAssistant, entry: MockConfigEntry) -> ConfigFlowResult:
    """Open the options form."""
    return await hass.config_entries.options.async_init(entry.entry_id)


async def submit(
    hass: HomeAssistant, flow: ConfigFlowResult, typed: dict[str, Any]
) -> ConfigFlowResult:
    """Submit a form."""
    return await hass.config_entries.options.async_configure(flow["flow_id"], typed)


async def test_options_are_changed_and_the_entry_reloaded(
    hass: HomeAssistant, running: MockConfigEntry, set_up: AsyncMock
) -> None:
    """Without limits in the options the account's limits apply."""
    flow = await begin(hass, running)
    assert suggested(flow) == {
        CONF_FEATURES: ["basal", "bolus", "pump_events", "profiles"],
        CONF_PUMP: AUTOMATIC_PUMP,
        CONF_PUMP_TIME_ZONE: TIME_ZONE,
        CONF_STALE_AFTER: 120,
        CONF_GLUCOSE_UNIT: "mg/dL",
    }
    flow = await submit(hass, flow, CHOSEN)
    assert flow["step_id"] == "limits"
    assert suggested(flow) == {}
    placeholders = flow["description_placeholders"]
    assert placeholders is not None
    assert (placeholders["low"], placeholders["high"]) == ("80", "160")
    flow = await submit(hass, flow, {})
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert running.options == CHOSEN
    await hass.async_block_till_done()
    set_up.assert_called_once()


async def test_a_live_sensor_is_chosen_and_taken_back(
    hass: HomeAssistant, running: MockConfigEntry
) -> None:
    """An empty field removes the live sensor."""
    chosen = CHOSEN | {CONF_LIVE_GLUCOSE: "sensor.dexcom_glucose"}
    flow = await submit(hass, await begin(hass, running), chosen)
    await submit(hass, flow, {})
    assert running.options == chosen
    flow = await begin(hass, running)
    assert suggested(flow)[CONF_LIVE_GLUCOSE] == "sensor.dexcom_glucose"
    await submit(hass, await submit(hass, flow, CHOSEN), {})
    assert running.options == CHOSEN
    await hass.async_block_till_done()


async def test_limits_are_kept_in_mg_dl_and_shown_in_the_chosen_unit(
    hass: HomeAssistant, running: MockConfigEntry
) -> None:
    """Typed limits are shown again digit by digit."""
    in_mmol = CHOSEN | {CONF_GLUCOSE_UNIT: "mmol/L"}
    flow = await submit(hass, await begin(hass, running), in_mmol)
    placeholders = flow["description_placeholders"]
    assert placeholders is not None
    assert (placeholders["low"], placeholders["high"]) == ("4.4", "8.9")
    typed = {CONF_LOW_LIMIT: 3.9, CONF_HIGH_LIMIT: 10.0}
    flow = await submit(hass, flow, typed)
    assert running.options == in_mmol | {CONF_LOW_LIMIT: 70, CONF_HIGH_LIMIT: 180}
    flow = await submit(hass, await begin(hass, running), in_mmol)
    assert suggested(flow) == typed
    flow = await submit(hass, await begin(hass, running), CHOSEN)
    assert suggested(flow) == {CONF_LOW_LIMIT: 70, CONF_HIGH_LIMIT: 180}
    await submit(hass, flow, {CONF_HIGH_LIMIT: 200})
    assert running.options == CHOSEN | {CONF_HIGH_LIMIT: 200}
    await hass.async_block_till_done()


@pytest.mark.parametrize(
    "typed",
    [
        {CONF_LOW_LIMIT: 180, CONF_HIGH_LIMIT: 180},
        {CONF_LOW_LIMIT: 170},
        {CONF_HIGH_LIMIT: 75},
    ],
)
async def test_limits_that_cross_are_refused(
    hass: HomeAssistant, running: MockConfigEntry, typed: dict[str, int]
) -> None:
    """The account's limit replaces a missing one in the check."""
    flow = await submit(hass, await begin(hass, running), CHOSEN)
    flow = await submit(hass, flow, typed)
    assert flow["errors"] == {"base": "limits_crossed"}
    assert suggested(flow) == typed
    flow = await submit(hass, flow, {CONF_LOW_LIMIT: 70, CONF_HIGH_LIMIT: 180})
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


@pytest.mark.parametrize(
    ("unit", "limit"), [("mg/dL", 39), ("mg/dL", 401), ("mmol/L", 70), ("mmol/L", 2.1)]
)
async def test_limits_no_sensor_can_measure_are_refused(
    hass: HomeAssistant, running: MockConfigEntry, unit: str, limit: float
) -> None:
    """The check also catches a limit typed in the other unit."""
    chosen = CHOSEN | {CONF_GLUCOSE_UNIT: unit}
    flow = await submit(hass, await begin(hass, running), chosen)
    with pytest.raises(InvalidData):
        await submit(hass, flow, {CONF_LOW_LIMIT: limit})


@pytest.mark.parametrize("minutes", [29, 361])
async def test_data_is_neither_stale_at_once_nor_fresh_for_ever(
    hass: HomeAssistant, running: MockConfigEntry, minutes: int
) -> None:
    """The age limit has a lower and an upper bound, because old data must not look fresh."""
    flow = await begin(hass, running)
    with pytest.raises(InvalidData):
        await submit(hass, flow, CHOSEN | {CONF_STALE_AFTER: minutes})


async def test_a_doubtful_zone_is_warned_of_once(
    hass: HomeAssistant, running: MockConfigEntry
) -> None:
    """The warning is shown once, as when the account was added."""
    typed = CHOSEN | {CONF_PUMP_TIME_ZONE: "America/New_York"}
    flow = await submit(hass, await begin(hass, running), typed)
    assert flow["errors"] == {CONF_PUMP_TIME_ZONE: "zone_doubtful"}
    flow = await submit(hass, flow, typed)
    assert flow["step_id"] == "limits"


async def test_a_pump_that_tandem_no_longer_lists_stays_pinned(
    hass: HomeAssistant, running: MockConfigEntry, pump: SimulatedPump
) -> None:
    """The pinned pump stays a choice, with a note that it has no data."""
    pinned = CHOSEN | {CONF_PUMP: "99"}
    hass.config_entries.async_update_entry(running, options=pinned)
    flow = await begin(hass, running)
    assert flow["data_schema"] is not None
    choices = flow["data_schema"].schema[CONF_PUMP].config["options"]
    offered = [choice["value"] for choice in choices]
    assert offered == [AUTOMATIC_PUMP, pump.serial_number, "99"]
    flow = await submit(hass, flow, pinned)
    assert flow["errors"] == {CONF_PUMP: "never_uploaded"}
    flow = await submit(hass, flow, pinned)
    assert flow["step_id"] == "limits"


async def test_options_can_be_changed_while_nothing_is_known_of_the_account(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Without account data the usual limits apply."""
    flow = await submit(hass, await begin(hass, entry), CHOSEN)
    placeholders = flow["description_placeholders"]
    assert placeholders is not None
    assert (placeholders["low"], placeholders["high"]) == ("70", "180")
    flow = await submit(hass, flow, {CONF_LOW_LIMIT: 75})
    assert entry.options == CHOSEN | {CONF_LOW_LIMIT: 75}


async def test_a_running_account_lists_its_pumps(
    hass: HomeAssistant, entry: MockConfigEntry, pump: SimulatedPump
) -> None:
    """The form lists the pumps of the last answer without another request."""
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    flow = await begin(hass, entry)
    assert flow["data_schema"] is not None
    choices = flow["data_schema"].schema[CONF_PUMP].config["options"]
    offered = [choice["value"] for choice in choices]
    assert offered == [AUTOMATIC_PUMP, pump.serial_number]
    await hass.config_entries.async_unload(entry.entry_id)


def forward_to(
    hass: HomeAssistant, entry: MockConfigEntry, url: str, secret: str
) -> None:
    """Let the account forward to Nightscout."""
    hass.config_entries.async_update_entry(
        entry,
        data={
            **entry.data,
            CONF_NIGHTSCOUT_URL: url,
            CONF_NIGHTSCOUT_SECRET: secret,
            CONF_VERIFY_SSL: True,
        },
    )


async def test_a_feature_that_the_token_may_not_write_is_an_error_when_it_is_turned_on(
    hass: HomeAssistant, entry: MockConfigEntry, nightscout: SimulatedNightscout
) -> None:
    """The error names the missing permission and its role; submitting again continues without it."""
    token = nightscout.add_token("pump", ["api:treatments:create,delete"])
    forward_to(hass, entry, nightscout.url, token)
    chosen = CHOSEN | {CONF_FEATURES: ["bolus", "cgm", "device_status"]}
    flow = await submit(hass, await begin(hass, entry), chosen)
    assert flow["errors"] == {CONF_FEATURES: "rights_missing"}
    placeholders = flow["description_placeholders"]
    assert placeholders is not None
    assert placeholders["rights"] == (
        "api:entries:create → admin, api:entries:delete → admin, "
        "api:devicestatus:create → devicestatus-upload, "
        "api:devicestatus:delete → admin"
    )
    fewer = CHOSEN | {CONF_FEATURES: ["bolus"]}
    assert (await submit(hass, flow, fewer))["step_id"] == "limits"
    flow = await begin(hass, entry)
    for _ in range(2):
        flow = await submit(hass, flow, chosen)
    assert flow["step_id"] == "limits"
    assert nightscout.counters.total() == 0


@pytest.mark.parametrize(
    "fault", [Fault(status=503, times=None), Fault(path="authorization", status=404)]
)
async def test_a_site_that_does_not_tell_holds_nothing_up(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    nightscout: SimulatedNightscout,
    fault: Fault,
) -> None:
    """Options can be saved while Nightscout is away or a proxy hides its permissions."""
    nightscout.faults.add(fault)
    token = nightscout.add_token("pump", ["api:entries:delete"])
    forward_to(hass, entry, nightscout.url, token)
    chosen = CHOSEN | {CONF_FEATURES: ["cgm"]}
    flow = await submit(hass, await begin(hass, entry), chosen)
    assert flow["step_id"] == "limits"


async def test_the_api_secret_may_write_everything(
    hass: HomeAssistant, entry: MockConfigEntry, nightscout: SimulatedNightscout
) -> None:
    """The API secret has every permission, so there is no message."""
    forward_to(hass, entry, nightscout.url, API_SECRET)
    everything = CHOSEN | {CONF_FEATURES: list(Feature)}
    flow = await submit(hass, await begin(hass, entry), everything)
    assert flow["step_id"] == "limits"
