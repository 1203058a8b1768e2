"""Start and stop the simulated Nightscout, look into it, make it fail."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import nlargest
from operator import itemgetter
from pathlib import Path
from typing import override

from aiohttp import web

from demo.faults import Faults
from demo.loopback_server import LoopbackServer

from .access import Access
from .alarms import snoozed_by
from .api import Api
from .by_hand import ByHand
from .database import Database
from .documents import Document, moment_of
from .faults import Fault
from .kinds import Version, kinds
from .page import page
from .status import Site

ROWS_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request to Nightscout; the status is None when the connection broke."""

    at: datetime
    method: str
    path: str
    query: str
    body_size: int
    """In bytes."""
    credentials: bool
    """Whether the request had an `api-secret` or `Authorization` header."""
    status: int | None


class SimulatedNightscout(LoopbackServer):
    """A Nightscout on the loopback interface."""

    def __init__(
        self,
        *,
        api_secret: str,
        version: Version = "15.0.7",
        units: str = "mg/dl",
        default_roles: tuple[str, ...] = ("readable",),
        careportal: bool = True,
        data_file: Path | None = None,
        latency: float = 0.0,
        refusal_delay: float = 5.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Open the database; `latency` and `refusal_delay` are in seconds."""
        super().__init__()
        self.latency = latency
        self.now = now
        self.requests: list[Seen] = []
        self.faults = Faults[Fault]()
        self._answering = 0
        self._access = Access(api_secret, default_roles, refusal_delay)
        self._site = Site(
            version=version,
            units=units,
            default_roles=default_roles,
            careportal=careportal,
        )
        known = kinds(version)
        self._database = Database(
            {name: kind.keys for name, kind in known.items()}, data_file
        )
        self.by_hand = ByHand(self._database, self._now)
        self._api = Api(
            site=self._site,
            access=self._access,
            kinds=known,
            database=self._database,
            now=self._now,
        )

    @property
    def counters(self) -> Counter[str]:
        """How many documents were "treatments created", "entries replaced", "profile deleted"."""
        return self._database.counters

    @property
    def api_secret(self) -> str:
        """The API_SECRET; changing it makes every access token another."""
        return self._access.api_secret

    @api_secret.setter
    def api_secret(self, secret: str) -> None:
        self._access.api_secret = secret
        for subject in list(self._access.subjects.values()):
            self._access.add_token(subject.name, subject.permissions)

    def add_token(self, name: str, permissions: Iterable[str]) -> str:
        """Create an access token with the permissions of these and the default roles."""
        return self._access.add_token(name, permissions)

    def documents(self, collection: str) -> list[Document]:
        """Return a copy of a collection's documents, oldest first."""
        return sorted(copy.deepcopy(self._held(collection)), key=moment_of)

    def snoozed_alarms(self, now: datetime | None = None) -> list[Document]:
        """Return the treatments that would silence alarms at a moment."""
        return copy.deepcopy(snoozed_by(self._held("treatments"), now or self.now()))

    def count(self, path: str, *, method: str | None = None) -> int:
        """Return how many requests had this in their path."""
        return sum(
            path in seen.path and method in (None, seen.method)
            for seen in self.requests
        )

    @override
    def _application(self) -> web.Application:
        app = web.Application(client_max_size=2**27)
        app.router.add_get("/", self._page)
        app.router.add_route("*", "/{path:.*}", self._answer)
        return app

    def _now(self) -> datetime:
        return self.now()

    async def until_idle(self) -> None:
        """Wait until every request has been answered, also those whose client has gone."""
        while self._answering:
            await asyncio.sleep(0.01)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self._answering += 1
        try:
            return await self._note_answer(request)
        finally:
            self._answering -= 1

    async def _note_answer(self, request: web.Request) -> web.StreamResponse:
        size = len(await request.read())
        if self.latency:
            await asyncio.sleep(self.latency)
        fault = self.faults.for_request(request)
        answer = self._api.answer
        response = await (fault.spoil(request, answer) if fault else answer(request))
        hung_up = request.transport is None or request.transport.is_closing()
        self.requests.append(
            Seen(
                at=self.now(),
                method=request.method,
                path=request.path,
                query=request.rel_url.raw_query_string,
                body_size=size,
                credentials="api-secret" in request.headers
                or "Authorization" in request.headers,
                status=None if hung_up else response.status,
            )
        )
        return response

    def _held(self, collection: str) -> list[Document]:
        return list(self._database.collections[collection].documents.values())

    async def _page(self, request: web.Request) -> web.Response:
        text = page(
            name=self._site.name,
            version=self._site.version,
            counts={
                name: len(held.documents)
                for name, held in self._database.collections.items()
            },
            treatments=nlargest(
                ROWS_SHOWN, self._held("treatments"), key=itemgetter("created_at")
            ),
            now=self.now(),
        )
        return web.Response(text=text, content_type="text/html")
