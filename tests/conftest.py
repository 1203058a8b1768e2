"""Fixtures and settings that all tests share."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
import logging
from types import ModuleType
from typing import Any
from unittest.mock import AsyncMock, patch
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp.resolver import ThreadedResolver
import freezegun
from freezegun.api import FrozenDateTimeFactory
from hypothesis import settings
import pytest
from pytest_homeassistant_custom_component.common import mock_storage
import pytest_socket

import custom_components  # noqa: F401 - the test tools have a package of this name as well, and the first import wins
from custom_components.tconnectsync.storage import private_files
from custom_components.tconnectsync.storage.account_store import StateStore
from demo.nightscout import SimulatedNightscout
from demo.pump import SimulatedPump
from demo.tandem import ListedPump, SimulatedTandem
from homeassistant.data_entry_flow import FlowManager
from homeassistant.helpers.aiohttp_client import async_create_clientsession
from homeassistant.helpers.storage import Store

from .flow_texts import check_texts

pytest_plugins = [
    "tests.automated",
    "tests.certificate",
    "tests.leaks",
    "tests.light",
    "tests.world",
]

# Use the same examples every time, so that a rare failure does not block other changes.
settings.register_profile(
    "tconnectsync", deadline=None, print_blob=True, derandomize=True
)
settings.load_profile("tconnectsync")

for name in ("sqlalchemy.engine", "homeassistant.components.recorder"):
    logging.getLogger(name).setLevel(logging.WARNING)
for handler in list(logging.getLogger().handlers):
    if type(handler) is logging.StreamHandler:
        # pytest shows the log of a failed test; threads may log later, when no test is running.
        logging.getLogger().removeHandler(handler)

EMAIL = "Ada.Lovelace+pump@example.org"
PASSWORD = 'p+ä ss&"€word%2F'
API_SECRET = "a secret of the tests"
TIME_ZONE = "US/Pacific"
"""The time zone of Home Assistant in tests, and so of the pump."""
NOON = datetime(2026, 5, 20, 12, tzinfo=ZoneInfo(TIME_ZONE))
"""The simulated time of all tests."""
UNRECORDED = [
    "component_loaded",
    "device_registry_updated",
    "entity_registry_updated",
    "repairs_issue_registry_updated",
    "service_registered",
]
LOOPBACK = ["127.0.0.1", "::1", "localhost"]


class LoopbackResolver(ThreadedResolver):
    """The resolver of the system, which Home Assistant's test tools restrict to localhost."""

    async def real_close(self) -> None:
        """Do nothing: Home Assistant calls this when it stops, and nothing has to be closed."""


@pytest.fixture(autouse=True)
def loopback_only() -> Iterator[None]:
    """Let tests reach servers on this machine only.

    Home Assistant's test tools forbid sockets altogether, and share one resolver that stops
    working for all later tests once the first session is closed. The simulated Tandem Source and
    Nightscout are real servers on the loopback interface, and Home Assistant's own session
    connects to them by address or as `localhost`, in either family. A connection to anywhere
    else still raises SocketConnectBlockedError.
    """
    pytest_socket.enable_socket()
    pytest_socket.socket_allow_hosts(LOOPBACK, allow_unix_socket=True)
    with patch(
        "homeassistant.helpers.aiohttp_client._async_make_resolver",
        lambda hass: LoopbackResolver(),
    ):
        yield


@pytest.fixture(autouse=True)
def custom_integrations(request: pytest.FixtureRequest) -> None:
    """Let Home Assistant find custom_components/ in the tests that start it.

    A recorder has to be set up before Home Assistant.
    """
    if "recorder_mock" in request.fixturenames:
        request.getfixturevalue("recorder_mock")
    if "hass" in request.fixturenames:
        request.getfixturevalue("enable_custom_integrations")


@pytest.fixture
def hass_storage() -> Iterator[dict[str, Any]]:
    """Store Home Assistant's own data in memory, and the integration's on disk."""
    on_disk = {
        name: getattr(Store, name) for name in ("_async_load", "_async_write_data")
    }
    with mock_storage() as stored, patch.multiple(StateStore, **on_disk):
        yield stored


@pytest.fixture
def recorder_config() -> dict[str, Any]:
    """Record statistics only, because tests do not need recorded states and each would be a write."""
    return {"exclude": {"entity_globs": ["*"], "event_types": UNRECORDED}}


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Give the Home Assistant of each test a folder of its own for its files."""
    return hass_tmp_config_dir


@contextmanager
def sessions_made_in(module: ModuleType) -> Iterator[list[aiohttp.ClientSession]]:
    """Collect the sessions that a module of the integration creates."""
    sessions: list[aiohttp.ClientSession] = []
    create = async_create_clientsession

    def note(*args: Any, **kwargs: Any) -> aiohttp.ClientSession:
        sessions.append(session := create(*args, **kwargs))
        return session

    with patch.object(module, "async_create_clientsession", note):
        yield sessions


@contextmanager
def full_disk() -> Iterator[None]:
    """Let every write to disk fail."""
    full = OSError(28, "No space left on device")
    with (
        patch("homeassistant.util.file.AtomicWriter", side_effect=full),
        patch.object(private_files, "append_private", side_effect=full),
    ):
        yield


def lived(
    days: float, *, zone: str = TIME_ZONE, now: datetime = NOON, **details: Any
) -> SimulatedPump:
    """Return a pump that has run for some days, up to noon or another instant."""
    start = now - timedelta(days=days)
    pump = SimulatedPump(start=start, time_zone=ZoneInfo(zone), **details)
    pump.run_until(now)
    return pump


@asynccontextmanager
async def serving(
    pump: SimulatedPump,
    monkeypatch: pytest.MonkeyPatch,
    uploaded: datetime | None = None,
) -> AsyncIterator[SimulatedTandem]:
    """Run a Tandem Source as the region "demo", with one account whose pump uploaded at `uploaded`, or now."""
    tandem = SimulatedTandem(demands_browser=True)
    account = tandem.add_account(EMAIL, PASSWORD)
    account.add_pump(pump).upload(uploaded, at=uploaded)
    await tandem.start()
    monkeypatch.setenv("TCONNECTSYNC_DEMO_URL", tandem.url)
    yield tandem
    await tandem.stop()


@pytest.fixture
def freezer() -> Iterator[FrozenDateTimeFactory]:
    """Stop time at noon; timers fire only when a test lets time pass."""
    with freezegun.freeze_time(NOON) as freezer:
        assert isinstance(freezer, FrozenDateTimeFactory)
        yield freezer


@pytest.fixture
async def real_seconds(freezer: FrozenDateTimeFactory) -> AsyncIterator[None]:
    """Let waits take real seconds, while the date and time of day do not change."""
    with patch.object(asyncio.get_running_loop(), "time", freezegun.api.real_monotonic):
        yield


@pytest.fixture
def pump() -> SimulatedPump:
    """A pump that has run for three days, until noon."""
    return lived(3, seed=1)


@pytest.fixture
async def tandem(
    freezer: FrozenDateTimeFactory,
    pump: SimulatedPump,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[SimulatedTandem]:
    """A Tandem Source, as the region "demo", with one account whose pump has just uploaded."""
    async with serving(pump, monkeypatch) as tandem:
        yield tandem


@pytest.fixture
def listed(tandem: SimulatedTandem) -> ListedPump:
    """The account's pump as Tandem lists it."""
    return tandem.accounts[EMAIL.lower()].pumps[0]


@asynccontextmanager
async def empty_nightscout(
    api_secret: str = API_SECRET, **details: Any
) -> AsyncIterator[SimulatedNightscout]:
    """Run an empty Nightscout that refuses requests without a delay."""
    nightscout = SimulatedNightscout(api_secret=api_secret, refusal_delay=0, **details)
    await nightscout.start()
    yield nightscout
    await nightscout.stop()


@pytest.fixture
async def nightscout() -> AsyncIterator[SimulatedNightscout]:
    """An empty Nightscout."""
    async with empty_nightscout() as nightscout:
        yield nightscout


@pytest.fixture
def no_pauses_between_reads() -> Iterator[None]:
    """Look for late data without pauses between requests."""
    with patch("custom_components.tconnectsync.read.late_data_reader.PAUSE_SECONDS", 0):
        yield


@pytest.fixture(autouse=True)
def no_pauses_between_pages() -> Iterator[None]:
    """Read pages without pauses between them."""
    with patch("custom_components.tconnectsync.tandem.rate_limit.PAUSE_SECONDS", 0):
        yield


@pytest.fixture
def no_pauses() -> Iterator[None]:
    """Let a backfill retry at once."""
    with patch(
        "custom_components.tconnectsync.forward.backfill.PAUSE_AFTER_ERROR_SECONDS", 0
    ):
        yield


@pytest.fixture
def flow_texts() -> Iterator[None]:
    """Fail when a form, a menu or the end of a flow lacks a text."""
    handle = FlowManager._async_handle_step  # noqa: SLF001 - every result passes here

    async def handle_and_check(
        manager: Any, flow: Any, step_id: str, user_input: Any
    ) -> Any:
        result = await handle(manager, flow, step_id, user_input)
        check_texts(flow, result)
        return result

    with patch.object(FlowManager, "_async_handle_step", handle_and_check):
        yield


@pytest.fixture
def set_up() -> Iterator[AsyncMock]:
    """Let entries be set up and unloaded without reading any data."""
    with (
        patch(
            "custom_components.tconnectsync.async_setup_entry", return_value=True
        ) as set_up,
        patch("custom_components.tconnectsync.async_unload_entry", return_value=True),
    ):
        yield set_up
