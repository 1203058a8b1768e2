"""Take commands from a second terminal over a socket in the demo's folder."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
from aiohttp import web

from .commands import UnknownCommandError

type Ask = Callable[[str, str], Awaitable[str]]


class NotRunningError(Exception):
    """No demo listens in this folder."""


class Control:
    """Takes commands from other terminals."""

    def __init__(self, socket: Path, ask: Ask) -> None:
        """Prepare; the socket's path is best relative, since systems allow but a hundred bytes."""
        self._socket = socket
        self._ask = ask
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen, in the place of a demo that was killed if need be."""
        app = web.Application()
        app.router.add_post("/", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        self._socket.unlink(missing_ok=True)
        await web.UnixSite(self._runner, str(self._socket)).start()

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
            self._socket.unlink(missing_ok=True)

    async def _answer(self, request: web.Request) -> web.Response:
        asked = await request.json()
        try:
            return web.Response(
                text=await self._ask(asked["command"], asked["argument"])
            )
        except UnknownCommandError as error:
            return web.Response(status=400, text=f"This cannot be done: {error}")


async def send(socket: Path, command: str, argument: str) -> str:
    """Ask the running demo for something and return its answer."""
    connector = aiohttp.UnixConnector(str(socket))
    async with aiohttp.ClientSession(connector=connector) as session:
        try:
            async with session.post(
                "http://demo/", json={"command": command, "argument": argument}
            ) as answer:
                return await answer.text()
        except aiohttp.ClientConnectionError as error:
            raise NotRunningError from error
