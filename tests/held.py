"""Responses of Tandem Source that a test delays, independent of the machine's speed."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, override

from aiohttp import web
from freezegun.api import FrozenDateTimeFactory

from demo.tandem import Fault


@dataclass(slots=True, kw_only=True)
class Held(Fault):
    """Responses that wait until a test releases them."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    times: int | None = None

    @override
    async def spoil(
        self, request: web.Request, handle: Callable[[web.Request], Any]
    ) -> web.StreamResponse:
        """Wait, then return the correct response."""
        self.asked.set()
        await self.let_go.wait()
        response: web.StreamResponse = await handle(request)
        return response


@dataclass(slots=True, kw_only=True)
class Late(Fault):
    """Responses that take simulated time, which passes for all parts of a test."""

    freezer: FrozenDateTimeFactory

    @override
    async def spoil(
        self, request: web.Request, handle: Callable[[web.Request], Any]
    ) -> web.StreamResponse:
        """Let a second pass in each turn of the event loop, until there is a response or the client has gone."""
        answering = asyncio.create_task(Fault.spoil(self, request, handle))
        while not answering.done():
            if request.transport is None or request.transport.is_closing():
                answering.cancel()
                return web.Response()
            self.freezer.tick(1)
            await asyncio.sleep(0)
        return await answering
