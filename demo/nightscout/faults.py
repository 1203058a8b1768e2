"""Spoil requests to the simulated Nightscout and its answers: lost, refused, redirected, late."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from demo.faults import RequestFault

from .documents import Document

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
type Refusal = Callable[[Document], str | None]
"""Says why the database would not take a document, None if it would."""

REFUSAL = web.RequestKey[Refusal]("refusal")
BAD_GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"
TOO_LARGE = "<html><head><title>413 Request Entity Too Large</title></head></html>"


@dataclass(slots=True, kw_only=True)
class Fault(RequestFault):
    """What goes wrong with a request or its answer; without more, nothing does."""

    delay: float = 0.0
    """Seconds before anything happens."""
    status: int | None = None
    """Answer with this status and `body` instead of the true answer."""
    body: str = ""
    content_type: str = "text/html"
    moved_to: str | None = None
    """Redirect to the same path and query at this address."""
    cut: bool = False
    """Break the connection instead of answering."""
    carried_out: bool = False
    """The request is carried out anyway; only its response differs or is lost."""
    late: asyncio.Event | None = None
    """A request that is carried out anyway waits for this, long after its client has given up."""
    refuses: Callable[[Document], bool] | None = None
    """The database does not take these documents of a write."""
    reason: str = "operation was interrupted"
    """What the database says when it refuses."""

    async def spoil(self, request: web.Request, handle: Handler) -> web.StreamResponse:
        """Answer a request the way this fault has it."""
        await asyncio.sleep(self.delay)
        if refuses := self.refuses:
            request[REFUSAL] = lambda document: (
                self.reason if refuses(document) else None
            )
        if self.late and self.cut and request.transport is not None:
            request.transport.abort()
            await self.late.wait()
        replaced = self.cut or self.status is not None
        if self.carried_out or not replaced:
            response = await handle(request)
            if not replaced:
                return response
        if self.cut and request.transport is not None:
            request.transport.abort()
        headers = (
            {"Location": f"{self.moved_to}{request.rel_url}"} if self.moved_to else None
        )
        return web.Response(
            status=self.status or 500,
            text=self.body,
            content_type=self.content_type,
            headers=headers,
        )


def proxy_error(path: str = "/", *, status: int = 502, times: int | None = 1) -> Fault:
    """Return a fault: the reverse proxy shows its own page."""
    return Fault(path=path, status=status, body=BAD_GATEWAY, times=times)


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


def redirect(to: str, *, status: int = 307, times: int | None = None) -> Fault:
    """Return a fault: everything has moved to another address, with the same paths and queries."""
    return Fault(status=status, moved_to=to.rstrip("/"), times=times)


def refused_documents(
    refuses: Callable[[Document], bool], *, times: int | None = None
) -> Fault:
    """Return a fault: the database does not take some documents."""
    return Fault(refuses=refuses, times=times)


def database_full() -> Fault:
    """Return a fault: nothing can be stored any more, reading goes on."""
    return Fault(
        refuses=lambda document: True,
        reason="you are over your space quota, using 512 MB of 512 MB",
        times=None,
    )


def lost_answer(path: str = "/", *, times: int | None = 1) -> Fault:
    """Return a fault: a write is carried out, but the connection breaks before its answer."""
    return Fault(path=path, cut=True, carried_out=True, times=times)


def late_request(path: str = "/", *, times: int | None = 1) -> Fault:
    """Return a fault: the connection breaks, and the request is carried out once `late` is set."""
    return Fault(
        path=path, cut=True, carried_out=True, late=asyncio.Event(), times=times
    )


def lost_request(path: str = "/", *, times: int | None = 1) -> Fault:
    """Return a fault: the connection breaks before anything is carried out."""
    return Fault(path=path, cut=True, times=times)
