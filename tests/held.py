"""Answers of Tandem Source that a test holds back."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, override

from aiohttp import web

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
