"""A simulated Nightscout of either version, empty for each test."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from custom_components.tconnectsync.nightscout.client import NightscoutClient
from demo.nightscout import SimulatedNightscout
from demo.nightscout.kinds import Version

from .site import SECRET, Writer


@pytest.fixture(params=["15.0.6", "15.0.7"])
def version(request: pytest.FixtureRequest) -> Version:
    """Both versions of Nightscout in use, with their rules of replacing documents."""
    version: Version = request.param
    return version


@pytest.fixture
async def server(version: Version) -> AsyncIterator[SimulatedNightscout]:
    """A running site."""
    server = SimulatedNightscout(api_secret=SECRET, version=version, refusal_delay=0)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """A session like those of Home Assistant."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def client(
    server: SimulatedNightscout, session: aiohttp.ClientSession
) -> NightscoutClient:
    """A client with the API secret."""
    return NightscoutClient(session, server.url, SECRET)


@pytest.fixture
def writer(server: SimulatedNightscout, client: NightscoutClient) -> Writer:
    """This integration, with an empty ledger."""
    return Writer(server, client)
