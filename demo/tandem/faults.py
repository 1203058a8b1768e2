"""Spoil answers of the simulated Tandem Source: late, refused, changed, cut short."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
import json
from typing import Any

from aiohttp import web

from demo.faults import RequestFault

FIREWALL = "<html><body><h2>The request is blocked.</h2></body></html>"
GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"


@dataclass(slots=True, kw_only=True)
class Fault(RequestFault):
    """What a request gets instead of the true answer, or late, or in part."""

    delay: float = 0.0
    """Seconds before anything is answered."""
    status: int | None = None
    """Answer with this status and `body` instead of the true answer."""
    body: str | bytes = ""
    content_type: str = "text/html"
    headers: dict[str, str] = field(default_factory=dict)
    change: Callable[[Any], Any] | None = None
    """Change the true JSON answer before it is sent."""
    truncate: int | None = None
    """Send only some bytes of the response, with a proper end."""
    cut: int | None = None
    """Send only some bytes of the response, then cut the connection."""
    trickle: float | None = None
    """Send the response in 20 pieces, with this many seconds between them."""

    async def spoil(
        self, request: web.Request, handle: Callable[[web.Request], Any]
    ) -> web.StreamResponse:
        """Answer a request the way this fault has it."""
        if self.delay:
            await asyncio.sleep(self.delay)
        if self.status is not None:
            body = self.body.encode() if isinstance(self.body, str) else self.body
            response = web.Response(
                status=self.status,
                body=body,
                content_type=self.content_type,
                headers=self.headers,
            )
        else:
            response = await handle(request)
        body = (
            bytes(response.body)
            if isinstance(response.body, bytes | bytearray)
            else b""
        )
        if self.change is not None:
            body = json.dumps(self.change(json.loads(body))).encode()
            response.body = body
        if self.truncate is not None:
            response.body = body[: self.truncate]
        if self.cut is not None:
            return await self._cut(request, response, body)
        if self.trickle is not None:
            return await self._trickle(request, response, body, self.trickle)
        return response

    async def _cut(
        self, request: web.Request, response: web.Response, body: bytes
    ) -> web.StreamResponse:
        """Announce the complete body, send part of it and hang up."""
        stream = web.StreamResponse(status=response.status)
        stream.content_type = response.content_type
        stream.content_length = len(body)
        await stream.prepare(request)
        await stream.write(body[: self.cut])
        if request.transport is not None:
            request.transport.close()
        return stream

    async def _trickle(
        self, request: web.Request, response: web.Response, body: bytes, pause: float
    ) -> web.StreamResponse:
        """Send the body piece by piece."""
        stream = web.StreamResponse(status=response.status)
        stream.content_type = response.content_type
        await stream.prepare(request)
        size = max(1, len(body) // 20)
        for start in range(0, len(body), size):
            await stream.write(body[start : start + size])
            await asyncio.sleep(pause)
        await stream.write_eof()
        return stream


def with_field(*path: str | int, value: Any) -> Callable[[Any], Any]:
    """Return a change that sets one field of a JSON response, found by keys and indexes."""

    def change(answer: Any) -> Any:
        place = answer
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        return answer

    return change


def without_field(*path: str | int) -> Callable[[Any], Any]:
    """Return a change that removes one field of a JSON answer."""

    def change(answer: Any) -> Any:
        place = answer
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]
        return answer

    return change


def padded(size: int) -> Callable[[Any], Any]:
    """Return a change that makes a JSON object larger by some bytes."""
    return with_field("padding", value="x" * size)
