"""Faults only a Nightscout shows, beside those any service can show."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import override

from aiohttp import web

from demo.faults import GATEWAY, Fault

from .documents import Document

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
type Refusal = Callable[[Document], str | None]
"""Tells why the database would not take a document, None if it would."""

REFUSAL = web.RequestKey[Refusal]("refusal")
TOO_LARGE = "<html><head><title>413 Request Entity Too Large</title></head></html>"


@dataclass(slots=True, kw_only=True)
class RefusedDocuments(Fault):
    """The database does not take some documents of a write."""

    refuses: Callable[[Document], bool]
    reason: str = "operation was interrupted"
    times: int | None = None

    @override
    async def spoil(self, request: web.Request, handle: Handler) -> web.StreamResponse:
        """Let the request through with the refusal at its side."""
        request[REFUSAL] = lambda document: (
            self.reason if self.refuses(document) else None
        )
        return await handle(request)


@dataclass(slots=True, kw_only=True)
class CutOff(Fault):
    """The connection breaks before anything is answered, with the request carried out or not."""

    carried_out: bool

    @override
    async def spoil(self, request: web.Request, handle: Handler) -> web.StreamResponse:
        """Hang up."""
        await asyncio.sleep(self.delay)
        response = await handle(request) if self.carried_out else web.Response()
        if request.transport is not None:
            request.transport.abort()
        return response


@dataclass(slots=True, kw_only=True)
class LostAnswer(Fault):
    """The request is carried out, but something between answers with an error of its own."""

    status: int | None = 504
    body: str | bytes = GATEWAY

    @override
    async def spoil(self, request: web.Request, handle: Handler) -> web.StreamResponse:
        """Carry the request out and answer otherwise."""
        await handle(request)
        return await Fault.spoil(self, request, handle)


@dataclass(slots=True, kw_only=True)
class Redirect(Fault):
    """Everything has moved to another address, paths and queries kept."""

    to: str
    status: int | None = 307
    times: int | None = None

    @override
    async def spoil(self, request: web.Request, handle: Handler) -> web.StreamResponse:
        """Name the other address."""
        location = f"{self.to.rstrip('/')}{request.rel_url}"
        return web.Response(status=self.status or 307, headers={"Location": location})


def proxy_error(path: str = "/", *, status: int = 502, times: int | None = 1) -> Fault:
    """Return a fault: the reverse proxy shows its own page."""
    return Fault(path=path, status=status, body=GATEWAY, times=times)


def too_large(path: str = "/", *, times: int | None = 1) -> Fault:
    """Return a fault: the reverse proxy takes no body as large as this one."""
    return Fault(path=path, method="POST", status=413, body=TOO_LARGE, times=times)


def null_answer(path: str = "/", *, times: int | None = 1) -> Fault:
    """Return a fault: a query is answered with null, as one that cannot be read is."""
    return Fault(
        path=path,
        method="GET",
        status=200,
        body="null",
        content_type="application/json",
        times=times,
    )


def database_full() -> Fault:
    """Return a fault: nothing can be stored any more, reading goes on."""
    reason = "you are over your space quota, using 512 MB of 512 MB"
    return RefusedDocuments(refuses=lambda document: True, reason=reason)
