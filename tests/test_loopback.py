"""Tests reach servers on this machine through Home Assistant's session, and no other servers."""

from collections.abc import AsyncIterator

from aiohttp import web
import pytest
from pytest_socket import SocketConnectBlockedError

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_create_clientsession


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """The port of a server on the loopback interface."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text="here")

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield runner.addresses[0][1]
    await runner.cleanup()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_local_server_answers(
    hass: HomeAssistant, port: int, host: str
) -> None:
    """A server on this machine is reached by address and by name."""
    session = async_create_clientsession(hass)
    async with session.get(f"http://{host}:{port}/") as response:
        assert await response.text() == "here"


async def test_the_rest_of_the_world_is_out_of_reach(hass: HomeAssistant) -> None:
    """A connection to another machine fails."""
    session = async_create_clientsession(hass)
    with (
        pytest.warns(UserWarning, match=r"192\.0\.2\.1"),
        pytest.raises(SocketConnectBlockedError),
    ):
        await session.get("http://192.0.2.1/")
