"""Fixtures for tests of the simulated Tandem Source."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from demo.tandem import SimulatedTandem

from .web_application import WebApplication

EMAIL, PASSWORD = "wearer@example.com", "secret"


@pytest.fixture
async def browser(tandem: SimulatedTandem) -> AsyncIterator[WebApplication]:
    """A signed-in browser."""
    async with aiohttp.ClientSession() as session:
        application = WebApplication(session, tandem)
        await application.sign_in(EMAIL, PASSWORD)
        yield application
