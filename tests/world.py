"""A pump, Tandem Source, Nightscout and Home Assistant, and the passing of time for all of them."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from yarl import URL

from custom_components.tconnectsync.const import CONF_FEATURES, CONF_FIRST_DAYS, DOMAIN
from custom_components.tconnectsync.coordinator import TconnectsyncCoordinator
from custom_components.tconnectsync.forward.forwarder import Forwarder
from custom_components.tconnectsync.read.late_data_reader import LateDataReader
from custom_components.tconnectsync.runtime import RuntimeData
from demo.nightscout import SimulatedNightscout
from demo.pump import SimulatedPump
from demo.tandem import ListedPump, SimulatedTandem
from homeassistant.core import HomeAssistant

from .account import add_entry, poll, settle, start, upload_later
from .conftest import EMAIL, NOON, TIME_ZONE, lived

ZONE = ZoneInfo(TIME_ZONE)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@cache
def lived_until_noon(days: int, *, seed: int) -> SimulatedPump:
    """Return a pump that has run for some days, until noon; all tests share it."""
    return lived(days, now=NOON, seed=seed)


@dataclass
class World:
    """An account of a simulated Tandem Source, which may be forwarded to a simulated Nightscout."""

    hass: HomeAssistant
    tandem: SimulatedTandem
    nightscout: SimulatedNightscout
    freezer: FrozenDateTimeFactory
    entry: MockConfigEntry = field(init=False)

    @property
    def listed(self) -> ListedPump:
        """The pump as Tandem lists it."""
        return self.tandem.accounts[EMAIL.lower()].pumps[0]

    @property
    def pump(self) -> SimulatedPump:
        """The pump itself."""
        assert isinstance(self.listed.pump, SimulatedPump)
        return self.listed.pump

    @property
    def runtime(self) -> RuntimeData:
        """The parts of the loaded account."""
        runtime: RuntimeData = self.entry.runtime_data
        return runtime

    @property
    def coordinator(self) -> TconnectsyncCoordinator:
        """The coordinator of the loaded account."""
        return self.runtime.coordinator

    @property
    def forwarding(self) -> Forwarder:
        """The forwarder of the loaded account."""
        assert self.runtime.forwarder
        return self.runtime.forwarder

    @property
    def newest(self) -> datetime:
        """The instant of the newest known event."""
        newest = self.coordinator.data.state.newest
        assert newest
        return newest

    async def begin(
        self,
        features: Sequence[str] | None = None,
        days: int = 3,
        *,
        forwarded: bool = True,
        **options: Any,
    ) -> None:
        """Add the account, with the number of days to send first, and wait until it has settled."""
        if features is not None:
            options[CONF_FEATURES] = list(features)
        site = self.nightscout if forwarded else None
        self.entry = add_entry(self.hass, self.tandem, options, nightscout=site)
        if forwarded:
            self.update(data={CONF_FIRST_DAYS: days})
        assert await start(self.hass, self.entry)

    def update(self, **changes: dict[str, Any]) -> None:
        """Change data or options of the account."""
        before = {"data": self.entry.data, "options": self.entry.options}
        after: dict[str, Any] = {
            name: {**before[name], **changes[name]} for name in changes
        }
        self.hass.config_entries.async_update_entry(self.entry, **after)

    async def reload(self) -> None:
        """Reload the account, as after a change of options or a restart."""
        assert await self.hass.config_entries.async_reload(self.entry.entry_id)
        await self.settle()

    async def unload(self) -> None:
        """Unload the account."""
        assert await self.hass.config_entries.async_unload(self.entry.entry_id)

    async def load(self) -> None:
        """Load an unloaded account."""
        assert await self.hass.config_entries.async_setup(self.entry.entry_id)
        await self.settle()

    async def settle(self) -> None:
        """Wait for all background tasks."""
        await settle(self.hass)

    async def poll(self, times: int = 1) -> None:
        """Poll Tandem, and wait for all tasks that follow."""
        await poll(self.hass, self.entry, times)

    async def upload(self, after: timedelta = HOUR) -> None:
        """Let time pass for the pump, upload its log, and poll the account."""
        upload_later(self.freezer, self.listed, after)
        await self.poll()

    def live(self, after: timedelta) -> None:
        """Let time pass for the pump."""
        self.freezer.tick(after)
        self.pump.run_until(datetime.now(UTC))

    async def wait(self, after: timedelta) -> None:
        """Let time pass for Home Assistant only, and wait for all tasks that are due."""
        self.freezer.tick(after)
        async_fire_time_changed(self.hass)
        await self.settle()

    async def wipe(self) -> None:
        """Replace the Nightscout by an empty one at the same address."""
        before = self.nightscout
        await before.stop()
        self.nightscout = SimulatedNightscout(
            api_secret=before.api_secret, refusal_delay=0
        )
        await self.nightscout.start(port=URL(before.url).port or 0)

    async def call(self, action: str, **data: Any) -> dict[str, Any] | None:
        """Call an action of the integration and return its response, if it has one."""
        has_response = self.hass.services.supports_response(DOMAIN, action) != "none"
        response: dict[str, Any] | None = await self.hass.services.async_call(
            DOMAIN, action, data, blocking=True, return_response=has_response
        )
        return response

    def today(self) -> date:
        """Return the pump's calendar day."""
        return datetime.now(ZONE).date()

    def midnight(self, days_ago: int) -> datetime:
        """Return the pump's midnight some days ago."""
        day = self.today() - timedelta(days=days_ago)
        return datetime(day.year, day.month, day.day, tzinfo=ZONE)


@pytest.fixture
def no_late_data() -> Iterator[None]:
    """Read the last days only, without looking for late data of earlier ones."""
    with patch.object(LateDataReader, "is_due", return_value=False):
        yield


@pytest.fixture
async def world(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    nightscout: SimulatedNightscout,
    freezer: FrozenDateTimeFactory,
) -> AsyncIterator[World]:
    """An account that is not set up yet, with its services; time passes only when a test says so."""
    world = World(hass, tandem, nightscout, freezer)
    yield world
    await world.nightscout.stop()


@pytest.fixture
async def entry(hass: HomeAssistant, tandem: SimulatedTandem) -> MockConfigEntry:
    """The account, set up and read."""
    entry = add_entry(hass, tandem)
    assert await start(hass, entry)
    return entry


@pytest.fixture
async def forwarded(
    hass: HomeAssistant, tandem: SimulatedTandem, nightscout: SimulatedNightscout
) -> MockConfigEntry:
    """The account, set up, read and sent to Nightscout."""
    entry = add_entry(hass, tandem, nightscout=nightscout)
    assert await start(hass, entry)
    return entry
