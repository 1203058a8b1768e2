"""Answers of Tandem Source that come when a test wants them to, however quick the machine is."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, override

from aiohttp import web
from freezegun.api import FrozenDateTimeFactory

from demo.tandem import Fault


@dataclass(slots=True, kw_only=True)
class Held(Fault):
    """Answers are held back until they are let go."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    times: int | None = None

    @override
    async def spoil(
        self, request: web.Request, handle: Callable[[web.Request], Any]
    ) -> web.StreamResponse:
        """Wait, then answer the truth."""
        self.asked.set()
        await self.let_go.wait()
        answer: web.StreamResponse = await handle(request)
        return answer


@dataclass(slots=True, kw_only=True)
class Late(Fault):
    """Answers take their time, which goes by for everybody from the request on, and for nobody before."""

    freezer: FrozenDateTimeFactory

    @override
    async def spoil(
        self, request: web.Request, handle: Callable[[web.Request], Any]
    ) -> web.StreamResponse:
        """Let a second go by each turn of the event loop, until this is answered or nobody waits any more."""
        answering = asyncio.create_task(Fault.spoil(self, request, handle))
        while not answering.done():
            if request.transport is None or request.transport.is_closing():
                answering.cancel()
                return web.Response()
            self.freezer.tick(1)
            await asyncio.sleep(0)
        return await answering
