"""A corrected pump clock moves all data, without duplicates and without data in the future."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tconnectsync.const import (
    CONF_FEATURES,
    CONF_FIRST_DAYS,
    CONF_PUMP_TIME_ZONE,
)
from custom_components.tconnectsync.statistics_series import SERIES
from demo.nightscout import SimulatedNightscout
from demo.nightscout.kinds import Version
from demo.pump import RawEvent, SimulatedPump
from demo.tandem import ListedPump, SimulatedTandem
from homeassistant.core import HomeAssistant

from .account import add_entry, poll, settle, start
from .conftest import API_SECRET, EMAIL, NOON, PASSWORD, lived
from .undisturbed import (
    FEATURES,
    all_that_happened,
    assert_in_step,
    assert_recorded,
    held,
)

pytestmark = [
    pytest.mark.usefixtures("freezer", "recorder_mock", "no_pauses_between_reads"),
    pytest.mark.recorded_series(*SERIES),
]

CLOCK_MOVES = {13, 14}
TOLERANCE = timedelta(minutes=5)
"""The longest delay of an upload after its newest event."""


@dataclass
class Traveller:
    """A pump whose clock shows one zone, and an account configured with another."""

    hass: HomeAssistant
    tandem: SimulatedTandem
    nightscout: SimulatedNightscout
    version: Version
    pump: SimulatedPump
    listed: ListedPump
    entry: MockConfigEntry

    async def assert_true(self, zone: str) -> None:
        """Check that all data has the times of a clock in this zone."""
        history = all_that_happened(self.listed, zone)
        assert self.entry.runtime_data.coordinator.data.history == history
        await assert_in_step(
            self.hass,
            self.entry,
            self.listed,
            self.nightscout,
            self.version,
            zone=zone,
        )
        await assert_recorded(self.hass, self.entry, history)

    def assert_nothing_lies_ahead(self) -> None:
        """Check that no state and no document has a time in the future."""
        assert self.listed.last_upload
        latest = self.listed.last_upload + TOLERANCE
        newest = self.entry.runtime_data.coordinator.data.state.newest
        assert newest is None or newest <= latest
        assert [one for one in held(self.nightscout) if instant(one) > latest] == []

    async def upload(self, *, keeping_moves: bool = False) -> None:
        """Upload everything up to now, without the latest clock changes if the test says so."""

        def is_move(event: RawEvent) -> bool:
            return keeping_moves and event["eventCode"] in CLOCK_MOVES

        at = self.pump.now
        if self.listed.last_upload:
            at = max(at, self.listed.last_upload + timedelta(seconds=1))
        self.listed.upload(hold_back=is_move, at=at)
        if hasattr(self.entry, "runtime_data"):
            await poll(self.hass, self.entry)

    async def believe(self, zone: str) -> None:
        """Configure another zone for the pump's clock."""
        self.hass.config_entries.async_update_entry(
            self.entry, options=self.entry.options | {CONF_PUMP_TIME_ZONE: zone}
        )
        await self.hass.config_entries.async_reload(self.entry.entry_id)
        await settle(self.hass)
        await poll(self.hass, self.entry)


def instant(document: dict[str, str]) -> datetime:
    """Return the instant of a document."""
    return datetime.fromisoformat(document.get("created_at") or document["dateString"])


@pytest.fixture(params=["15.0.6", "15.0.7"])
def version(request: pytest.FixtureRequest) -> Version:
    """Both replace rules of the Nightscout versions in use."""
    version: Version = request.param
    return version


@pytest.fixture
def shown() -> str:
    """The zone that the pump's clock shows."""
    return "Europe/Berlin"


@pytest.fixture
def believed(shown: str) -> str:
    """The zone that is configured for the pump's clock."""
    return shown


@pytest.fixture
def pump(shown: str) -> SimulatedPump:
    """A pump that has run for two days."""
    return lived(2, seed=6, zone=shown)


@pytest.fixture
async def traveller(
    hass: HomeAssistant,
    pump: SimulatedPump,
    *,
    believed: str,
    version: Version,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Traveller]:
    """An account that is not loaded yet."""
    tandem = SimulatedTandem()
    listed = tandem.add_account(EMAIL, PASSWORD).add_pump(pump)
    nightscout = SimulatedNightscout(
        api_secret=API_SECRET, version=version, refusal_delay=0
    )
    await tandem.start()
    await nightscout.start()
    monkeypatch.setenv("TCONNECTSYNC_DEMO_URL", tandem.url)
    options = {CONF_FEATURES: FEATURES, CONF_PUMP_TIME_ZONE: believed}
    entry = add_entry(hass, tandem, options, nightscout=nightscout)
    yield Traveller(hass, tandem, nightscout, version, pump, listed, entry)
    await tandem.stop()
    await nightscout.stop()


@pytest.mark.parametrize(
    ("believed", "shown"),
    [
        ("US/Pacific", "Europe/Berlin"),
        ("Europe/Berlin", "US/Pacific"),
        ("Asia/Kolkata", "Australia/Adelaide"),
    ],
)
async def test_another_zone_in_the_options(
    hass: HomeAssistant, traveller: Traveller, believed: str, shown: str
) -> None:
    """Another zone in the options moves documents already sent and hours already recorded."""
    await traveller.upload()
    assert await start(hass, traveller.entry)
    traveller.assert_nothing_lies_ahead()
    await traveller.assert_true(believed)
    before = held(traveller.nightscout)
    await traveller.believe(shown)
    traveller.assert_nothing_lies_ahead()
    await traveller.assert_true(shown)
    assert held(traveller.nightscout) != before


@pytest.mark.parametrize("hours", [2, -3, 0.5, -26])
async def test_moves_of_the_clock_that_come_late(
    hass: HomeAssistant, traveller: Traveller, shown: str, hours: float
) -> None:
    """Clock changes that arrive late move the data that was sent and recorded with the wrong clock."""
    traveller.pump.move_clock(timedelta(hours=hours))
    traveller.pump.run_for(hours=4)
    await traveller.upload(keeping_moves=True)
    assert await start(hass, traveller.entry)
    traveller.assert_nothing_lies_ahead()
    before = held(traveller.nightscout)
    await traveller.upload()
    assert held(traveller.nightscout) != before
    traveller.assert_nothing_lies_ahead()
    await traveller.assert_true(shown)


class TestUploadsAlone:
    """Only the times of uploads show the error of the pump's clock."""

    @pytest.fixture
    def pump(self) -> SimulatedPump:
        """A pump whose clock was set six hours ahead on a journey and not set back."""
        begin = NOON - timedelta(days=4)
        pump = lived(1, now=begin, seed=6, zone="Europe/Berlin", quiet=True)
        pump.clock.move(6 * 3600)
        pump.run_until(NOON)
        return pump

    @pytest.mark.parametrize("version", ["15.0.7"])
    async def test_hours_follow_what_uploads_tell_of_the_clock(
        self, hass: HomeAssistant, traveller: Traveller
    ) -> None:
        """An upload without a delay corrects the times of earlier data, including recorded hours and sums."""
        entry = traveller.entry
        first_days = {**entry.data, CONF_FIRST_DAYS: 4}
        hass.config_entries.async_update_entry(entry, data=first_days)
        traveller.listed.upload(at=traveller.pump.now + timedelta(hours=6))
        assert await start(hass, entry)
        oldest = entry.runtime_data.coordinator.data.history.oldest
        traveller.pump.run_for(hours=7)
        await traveller.upload()
        history = entry.runtime_data.coordinator.data.history
        assert history.oldest == oldest - timedelta(hours=6)
        assert not history.clock_doubtful
        await assert_recorded(hass, entry, history)
