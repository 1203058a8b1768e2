"""Repair flows: the choices they offer, and their results."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tconnectsync.const import (
    AUTOMATIC_PUMP,
    CONF_PUMP,
    CONF_PUMP_TIME_ZONE,
    DOMAIN,
)
from custom_components.tconnectsync.issues import FIXED_IN_A_FLOW, Issue, issue_id
from demo.pump import SimulatedPump
from demo.tandem import SimulatedTandem
from homeassistant.components.repairs import (
    RepairsFlowManager,
    RepairsFlowResult,
    repairs_flow_manager,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component

from .account import add_entry, poll, settle, start
from .conftest import EMAIL, TIME_ZONE

pytestmark = pytest.mark.usefixtures("recorder_mock", "no_pauses_between_reads")

SECOND_SERIAL = "44332211"
TEXTS = json.loads(
    Path("custom_components/tconnectsync/translations/en.json").read_text()
)["issues"]


@pytest.fixture
async def flows(hass: HomeAssistant) -> AsyncIterator[RepairsFlowManager]:
    """The manager of repair flows."""
    assert await async_setup_component(hass, "repairs", {})
    flows = repairs_flow_manager(hass)
    assert flows is not None
    yield flows
    assert flows.async_progress() == []


def raised(hass: HomeAssistant, entry: MockConfigEntry, issue: Issue) -> bool:
    """Return whether an issue is raised."""
    name = issue_id(entry.entry_id, issue)
    return ir.async_get(hass).async_get_issue(DOMAIN, name) is not None


async def open_repair(
    flows: RepairsFlowManager, entry: MockConfigEntry, issue: Issue
) -> RepairsFlowResult:
    """Open a repair and check its texts."""
    name = issue_id(entry.entry_id, issue)
    result = await flows.async_init(
        DOMAIN, context={"issue_id": name}, data={"issue_id": name}
    )
    check_texts(issue, result)
    return result


async def submit(
    flows: RepairsFlowManager,
    issue: Issue,
    result: RepairsFlowResult,
    typed: dict[str, Any],
) -> RepairsFlowResult:
    """Submit a step of a repair and check the texts of the next one."""
    result = await flows.async_configure(result["flow_id"], typed)
    check_texts(issue, result)
    return result


def check_texts(issue: Issue, result: RepairsFlowResult) -> None:
    """Fail unless all shown texts exist and their placeholders are filled."""
    texts = TEXTS[issue]["fix_flow"]
    match result["type"]:
        case FlowResultType.FORM:
            step = texts["step"][result["step_id"]]
            form = result["data_schema"]
            assert form is not None
            shown = [step["title"], step["description"]]
            shown += [step["data"][str(field)] for field in form.schema]
        case FlowResultType.MENU:
            step = texts["step"][result["step_id"]]
            options = result["menu_options"]
            assert isinstance(options, list)
            shown = [step["title"], step["description"]]
            shown += [step["menu_options"][option] for option in options]
        case FlowResultType.ABORT:
            shown = [texts["abort"][result["reason"]]]
        case _:
            shown = []
    filled = result.get("description_placeholders") or {}
    for text in shown:
        assert {gap for _, gap, _, _ in Formatter().parse(text) if gap} <= set(filled)


def add_second_pump(tandem: SimulatedTandem) -> None:
    """Add another pump of the user that has just been started and uploads."""
    pump = SimulatedPump(
        start=datetime.now(UTC),
        time_zone=ZoneInfo(TIME_ZONE),
        serial_number=SECOND_SERIAL,
        quiet=True,
    )
    pump.run_for(seconds=1)
    tandem.accounts[EMAIL.lower()].add_pump(pump).upload()


async def open_clock_repair(
    hass: HomeAssistant, tandem: SimulatedTandem, flows: RepairsFlowManager
) -> tuple[MockConfigEntry, RepairsFlowResult]:
    """Set up an account with a wrong time zone, and open the repair that its uploads raise."""
    entry = add_entry(hass, tandem, {CONF_PUMP_TIME_ZONE: "Pacific/Honolulu"})
    await start(hass, entry)
    await poll(hass, entry)
    return entry, await open_repair(flows, entry, Issue.CLOCK_MISMATCH)


@pytest.mark.parametrize("issue", Issue)
def test_every_issue_has_its_texts(issue: Issue) -> None:
    """Each issue has a title, and either a description or a flow."""
    texts = TEXTS[issue]
    assert texts["title"]
    assert ("fix_flow" in texts) == (issue in FIXED_IN_A_FLOW)
    assert ("description" in texts) != ("fix_flow" in texts)


async def test_another_time_zone(
    hass: HomeAssistant, tandem: SimulatedTandem, flows: RepairsFlowManager
) -> None:
    """The chosen zone is stored and used, and the issue ends."""
    entry, menu = await open_clock_repair(hass, tandem, flows)
    form = await submit(
        flows, Issue.CLOCK_MISMATCH, menu, {"next_step_id": "time_zone"}
    )
    done = await submit(
        flows, Issue.CLOCK_MISMATCH, form, {CONF_PUMP_TIME_ZONE: TIME_ZONE}
    )
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await settle(hass)
    assert entry.options[CONF_PUMP_TIME_ZONE] == TIME_ZONE
    assert str(entry.runtime_data.zone) == TIME_ZONE
    await poll(hass, entry, times=2)
    assert not raised(hass, entry, Issue.CLOCK_MISMATCH)


async def test_the_clock_is_set_on_the_pump(
    hass: HomeAssistant, tandem: SimulatedTandem, flows: RepairsFlowManager
) -> None:
    """The flow explains how to set the clock, and the issue stays until an upload shows the correction."""
    entry, menu = await open_clock_repair(hass, tandem, flows)
    done = await submit(
        flows, Issue.CLOCK_MISMATCH, menu, {"next_step_id": "pump_clock"}
    )
    assert done["type"] is FlowResultType.ABORT
    assert entry.options[CONF_PUMP_TIME_ZONE] == "Pacific/Honolulu"
    assert raised(hass, entry, Issue.CLOCK_MISMATCH)


async def start_pinned_to_a_silent_pump(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> MockConfigEntry:
    """Set up an account whose chosen pump has long not uploaded, while another one does."""
    entry = add_entry(hass, tandem, {CONF_PUMP: pump.serial_number})
    await start(hass, entry)
    freezer.tick(timedelta(hours=25))
    add_second_pump(tandem)
    await poll(hass, entry, times=2)
    return entry


async def replace_the_pump(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
) -> None:
    """Let another pump take over an hour after the last poll."""
    await poll(hass, entry)
    freezer.tick(timedelta(hours=1))
    add_second_pump(tandem)
    await poll(hass, entry, times=2)


async def test_follow_the_newest_pump(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    flows: RepairsFlowManager,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Giving up a silent chosen pump switches to the one that uploads."""
    entry = await start_pinned_to_a_silent_pump(hass, tandem, pump, freezer)
    form = await open_repair(flows, entry, Issue.PINNED_PUMP_SILENT)
    done = await submit(flows, Issue.PINNED_PUMP_SILENT, form, {})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await settle(hass)
    assert entry.options[CONF_PUMP] == AUTOMATIC_PUMP
    coordinator = await poll(hass, entry, times=2)
    assert coordinator.data.pump is not None
    assert coordinator.data.pump.serial_number == SECOND_SERIAL
    assert not raised(hass, entry, Issue.PINNED_PUMP_SILENT)
    assert not raised(hass, entry, Issue.PUMP_REPLACED)


async def test_a_replaced_pump_raises_one_issue(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    flows: RepairsFlowManager,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
) -> None:
    """A confirmed issue is not raised again, even after a restart."""
    await replace_the_pump(hass, tandem, freezer, entry)
    form = await open_repair(flows, entry, Issue.PUMP_REPLACED)
    done = await submit(flows, Issue.PUMP_REPLACED, form, {})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await poll(hass, entry)
    assert not raised(hass, entry, Issue.PUMP_REPLACED)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert not raised(hass, entry, Issue.PUMP_REPLACED)


async def test_an_account_unloaded_meanwhile_follows_no_pump(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    flows: RepairsFlowManager,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The repair ends with a message and changes nothing."""
    entry = await start_pinned_to_a_silent_pump(hass, tandem, pump, freezer)
    form = await open_repair(flows, entry, Issue.PINNED_PUMP_SILENT)
    assert await hass.config_entries.async_unload(entry.entry_id)
    end = await submit(flows, Issue.PINNED_PUMP_SILENT, form, {})
    assert (end["type"], end["reason"]) == (FlowResultType.ABORT, "not_loaded")
    assert entry.options[CONF_PUMP] == pump.serial_number


@pytest.mark.parametrize("step", ["time_zone", "pump_clock"])
async def test_an_account_unloaded_meanwhile_has_no_clock_to_compare(
    hass: HomeAssistant, tandem: SimulatedTandem, flows: RepairsFlowManager, step: str
) -> None:
    """Both choices end with a message instead of a text with empty placeholders."""
    entry, menu = await open_clock_repair(hass, tandem, flows)
    assert await hass.config_entries.async_unload(entry.entry_id)
    end = await submit(flows, Issue.CLOCK_MISMATCH, menu, {"next_step_id": step})
    assert (end["type"], end["reason"]) == (FlowResultType.ABORT, "not_loaded")


async def test_an_account_unloaded_meanwhile_notes_no_new_pump_as_seen(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    flows: RepairsFlowManager,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
) -> None:
    """The issue is raised again when the account is loaded."""
    await replace_the_pump(hass, tandem, freezer, entry)
    form = await open_repair(flows, entry, Issue.PUMP_REPLACED)
    assert await hass.config_entries.async_unload(entry.entry_id)
    end = await submit(flows, Issue.PUMP_REPLACED, form, {})
    assert (end["type"], end["reason"]) == (FlowResultType.ABORT, "not_loaded")
    assert await start(hass, entry)
    await poll(hass, entry)
    assert raised(hass, entry, Issue.PUMP_REPLACED)
