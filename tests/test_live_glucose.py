"""The live glucose sensor chosen by the user: renames are followed, and a missing sensor is reported."""

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.tconnectsync.const import CONF_LIVE_GLUCOSE, DOMAIN
from custom_components.tconnectsync.issues import Issue, issue_id
from demo.tandem import SimulatedTandem
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component

from .account import add_entry, poll, settle, start

pytestmark = pytest.mark.usefixtures("recorder_mock", "no_pauses_between_reads")

SENSOR = "sensor.dexcom_glucose"
RENAMED = "sensor.ada_glucose"


@pytest.fixture
def registered(hass: HomeAssistant) -> er.RegistryEntry:
    """A sensor of another integration."""
    entry = er.async_get(hass).async_get_or_create(
        "sensor", "dexcom", "a sensor", suggested_object_id="dexcom_glucose"
    )
    assert entry.entity_id == SENSOR
    return entry


@pytest.fixture
async def entry(
    hass: HomeAssistant, tandem: SimulatedTandem, registered: er.RegistryEntry
) -> MockConfigEntry:
    """An account with a live glucose sensor."""
    entry = add_entry(hass, tandem, {CONF_LIVE_GLUCOSE: SENSOR})
    assert await start(hass, entry)
    return entry


def rename(hass: HomeAssistant, old: str, new: str) -> None:
    """Rename a sensor as a user does."""
    er.async_get(hass).async_update_entity(old, new_entity_id=new)


async def raised(hass: HomeAssistant, entry: MockConfigEntry) -> str | None:
    """Poll, and return the sensor that the repair issue names."""
    await poll(hass, entry)
    issue = ir.async_get(hass).async_get_issue(
        DOMAIN, issue_id(entry.entry_id, Issue.LIVE_GLUCOSE_GONE)
    )
    placeholders = (issue and issue.translation_placeholders) or {}
    return placeholders.get("sensor")


class TestRenamed:
    """Renames of the sensor."""

    async def test_cards_get_the_new_name_at_once(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        hass_ws_client: WebSocketGenerator,
    ) -> None:
        """Open cards receive the new entity id at once."""
        client = await hass_ws_client(hass)
        await client.send_json_auto_id(
            {"type": f"{DOMAIN}/subscribe_history", "start": "2026-05-20T00:00:00Z"}
        )
        assert (await client.receive_json())["success"]
        assert (await client.receive_json())["event"]["live_glucose"] == SENSOR
        rename(hass, SENSOR, RENAMED)
        assert (await client.receive_json())["event"]["live_glucose"] == RENAMED
        assert entry.options[CONF_LIVE_GLUCOSE] == RENAMED
        assert await raised(hass, entry) is None
        rename(hass, RENAMED, SENSOR)
        assert entry.options[CONF_LIVE_GLUCOSE] == SENSOR

    async def test_of_an_account_that_is_not_loaded(
        self, hass: HomeAssistant, entry: MockConfigEntry
    ) -> None:
        """An account that is not loaded gets the new entity id in its options."""
        await hass.config_entries.async_unload(entry.entry_id)
        rename(hass, SENSOR, RENAMED)
        await settle(hass)
        assert entry.options[CONF_LIVE_GLUCOSE] == RENAMED

    async def test_of_any_other_sensor(
        self, hass: HomeAssistant, entry: MockConfigEntry
    ) -> None:
        """Other renames, and other settings of the chosen sensor, change nothing."""
        registry = er.async_get(hass)
        other = registry.async_get_or_create("sensor", "dexcom", "another")
        rename(hass, other.entity_id, RENAMED)
        registry.async_update_entity(SENSOR, name="Glucose of Ada")
        await settle(hass)
        assert entry.options[CONF_LIVE_GLUCOSE] == SENSOR


class TestGone:
    """Missing sensors, without which cards would silently show older glucose."""

    async def test_removed(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        """The issue is raised until there is a sensor with this entity id again."""
        assert await raised(hass, entry) is None
        er.async_get(hass).async_remove(SENSOR)
        assert await raised(hass, entry) == SENSOR
        hass.states.async_set(SENSOR, "120")
        assert await raised(hass, entry) is None

    async def test_disabled(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        """A disabled sensor counts as missing."""
        registry = er.async_get(hass)
        by_the_user = er.RegistryEntryDisabler.USER
        registry.async_update_entity(SENSOR, disabled_by=by_the_user)
        assert await raised(hass, entry) == SENSOR
        registry.async_update_entity(SENSOR, disabled_by=None)
        assert await raised(hass, entry) is None

    async def test_unavailable(
        self, hass: HomeAssistant, entry: MockConfigEntry
    ) -> None:
        """An unavailable sensor raises no issue, because it may recover at any time."""
        hass.states.async_set(SENSOR, "unavailable")
        assert await raised(hass, entry) is None

    async def test_not_there_yet(
        self, hass: HomeAssistant, tandem: SimulatedTandem
    ) -> None:
        """An unregistered sensor raises no issue while Home Assistant starts."""
        assert await async_setup_component(hass, DOMAIN, {})
        hass.set_state(CoreState.starting)
        entry = add_entry(hass, tandem, {CONF_LIVE_GLUCOSE: "sensor.from_yaml"})
        assert await start(hass, entry)
        assert await raised(hass, entry) is None
        hass.set_state(CoreState.running)
        assert await raised(hass, entry) == "sensor.from_yaml"

    async def test_none_is_chosen(
        self, hass: HomeAssistant, tandem: SimulatedTandem
    ) -> None:
        """Without a chosen sensor no issue is raised."""
        entry = add_entry(hass, tandem)
        assert await start(hass, entry)
        assert await raised(hass, entry) is None
