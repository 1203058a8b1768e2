"""Config entries for accounts of the simulated Tandem Source."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tconnectsync.const import (
    AUTOMATIC_PUMP,
    CONF_FIRST_DAYS,
    CONF_NIGHTSCOUT_SECRET,
    CONF_NIGHTSCOUT_URL,
    CONF_PUMP,
    CONF_PUMP_TIME_ZONE,
    DOMAIN,
)
from custom_components.tconnectsync.coordinator import TconnectsyncCoordinator
from demo.nightscout import SimulatedNightscout
from demo.pump import SimulatedPump
from demo.tandem import ListedPump, SimulatedTandem
from homeassistant.const import CONF_EMAIL, CONF_PASSWORD, CONF_REGION, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant

from .conftest import API_SECRET, EMAIL, TIME_ZONE

TITLE = "Tandem Source (Demo)"


def add_entry(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    options: Mapping[str, Any] | None = None,
    *,
    nightscout: SimulatedNightscout | None = None,
    secret: str = API_SECRET,
    email: str = EMAIL,
    title: str = TITLE,
) -> MockConfigEntry:
    """Add an account as the forms would, with these options in addition to the defaults."""
    data: dict[str, Any] = {
        CONF_EMAIL: email,
        CONF_PASSWORD: tandem.accounts[email.lower()].password,
        CONF_REGION: "demo",
    }
    if nightscout:
        data |= {
            CONF_NIGHTSCOUT_URL: nightscout.url,
            CONF_NIGHTSCOUT_SECRET: secret,
            CONF_VERIFY_SSL: True,
            CONF_FIRST_DAYS: 1,
        }
    entry = MockConfigEntry(
        domain=DOMAIN,
        title=title,
        unique_id=tandem.accounts[email.lower()].account_id,
        data=data,
        options={CONF_PUMP: AUTOMATIC_PUMP, CONF_PUMP_TIME_ZONE: TIME_ZONE}
        | dict(options or {}),
    )
    entry.add_to_hass(hass)
    return entry


async def start(hass: HomeAssistant, entry: MockConfigEntry) -> bool:
    """Set up the account and wait for all tasks that follow; return whether it is loaded."""
    loaded = await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    return loaded


async def settle(hass: HomeAssistant) -> None:
    """Wait for all background tasks."""
    await hass.async_block_till_done(wait_background_tasks=True)


async def poll(
    hass: HomeAssistant, entry: MockConfigEntry, times: int = 1
) -> TconnectsyncCoordinator:
    """Poll the account and wait for all tasks that follow."""
    coordinator: TconnectsyncCoordinator = entry.runtime_data.coordinator
    for _ in range(times):
        await coordinator.async_refresh()
        await settle(hass)
    return coordinator


def upload_later(
    freezer: FrozenDateTimeFactory,
    listed: ListedPump,
    after: timedelta = timedelta(hours=1),
) -> None:
    """Let time pass for the pump, and upload its log."""
    freezer.tick(after)
    assert isinstance(listed.pump, SimulatedPump)
    listed.pump.run_until(datetime.now(UTC))
    listed.upload()
