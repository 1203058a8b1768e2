"""Serve a simulated Tandem Source on the loopback interface, as strict as the real one."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, override

from aiohttp import web

from demo.faults import Faults
from demo.loopback_server import LoopbackServer

from .account import Account
from .control import Control
from .faults import Fault
from .oidc import SignIn, blocked
from .pump_logs import BadQueryError, answer
from .region import EU, US, Region, demo
from .seen import Seen

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
type RegionName = Literal["demo", "us", "eu"]


class SimulatedTandem(LoopbackServer):
    """Sign-in, pumper and pump-logs of one region, with accounts, uploads and faults."""

    def __init__(
        self,
        *,
        region: RegionName = "demo",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        latency: float = 0.0,
        token_lifetime: timedelta = timedelta(hours=8),
        token_clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        demands_browser: bool = False,
    ) -> None:
        """Prepare the service; `now` dates uploads, `token_clock` dates tokens.

        With `demands_browser` it serves only who signs in with everything that a browser sends.
        """
        super().__init__()
        self.region_name: RegionName = region
        self.now = now
        self.latency = latency
        self.token_lifetime = token_lifetime
        self.token_clock = token_clock
        self.demands_browser = demands_browser
        self.clock_changes_among_events = False
        self.accounts: dict[str, Account] = {}
        self.requests: list[Seen] = []
        self.faults = Faults[Fault]()
        self._region: Region | None = None
        self._sign_in: SignIn | None = None

    @property
    def region(self) -> Region:
        """The addresses served; known once started."""
        if self._region is None:
            raise RuntimeError("The simulated Tandem Source has not been started")
        return self._region

    @property
    def sign_in(self) -> SignIn:
        """The accounts service; known once started."""
        if self._sign_in is None:
            raise RuntimeError("The simulated Tandem Source has not been started")
        return self._sign_in

    def _upload_time(self) -> datetime:
        return self.now()

    def _token_time(self) -> datetime:
        return self.token_clock()

    def add_account(self, email: str, password: str, **details: Any) -> Account:
        """Add a person who can sign in."""
        account = Account(
            email=email, password=password, now=self._upload_time, **details
        )
        self.accounts[email.lower()] = account
        return account

    def count(self, path: str, *, method: str | None = None) -> int:
        """Return how many requests had this in their path."""
        return sum(
            path in seen.path and method in (None, seen.method)
            for seen in self.requests
        )

    @override
    def _application(self) -> web.Application:
        if self._region is None:
            self._region = {"us": US, "eu": EU}.get(self.region_name) or demo(self.url)
            self._sign_in = SignIn(
                region=self.region,
                accounts=self.accounts,
                now=self._token_time,
                token_lifetime=self.token_lifetime,
                demands_browser=self.demands_browser,
            )
        control = Control(
            accounts=self.accounts,
            faults=self.faults,
            requests=self.requests,
            sign_in=self.sign_in,
            now=self._upload_time,
        )
        app = web.Application(middlewares=[self._watch])
        app.add_routes([*self.sign_in.routes(), *control.routes()])
        app.add_routes(
            [
                web.get("/api/pumpers/pumpers/{pumper_id}", self._about),
                web.get("/api/reports/bff/pumper/{pumper_id}", self._pumper),
                web.get("/api/reports/bff/pump-logs/{assignment_id}", self._pump_logs),
            ]
        )
        return app

    @web.middleware
    async def _watch(
        self, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        """Note the request, be late, show the faults in force, and answer on the right host only."""
        if request.path.startswith("/demo/"):
            return await handler(request)
        body_size = len(await request.read())
        if self.latency:
            await asyncio.sleep(self.latency)
        fault = self.faults.for_request(request)
        try:
            if self.region_name != "demo" and request.host not in self.region.hosts_of(
                request.path
            ):
                raise web.HTTPNotFound
            response = await (
                fault.spoil(request, handler) if fault else handler(request)
            )
        except web.HTTPException as error:
            self._note(request, body_size, error.status)
            raise
        self._note(request, body_size, response.status)
        return response

    def _note(self, request: web.Request, body_size: int, status: int) -> None:
        self.requests.append(
            Seen(
                at=self.now(),
                method=request.method,
                host=request.host,
                path=request.path,
                query=dict(request.query),
                body_size=body_size,
                status=status,
            )
        )

    def _visitor(self, request: web.Request) -> Account | web.Response:
        """Return who asks for data, or the answer for those who may not."""
        source = self.region.source
        looks = {"Origin": source.rstrip("/"), "Referer": source}
        if any(request.headers.get(key) != value for key, value in looks.items()):
            return blocked()
        if not request.headers.get("User-Agent", "").startswith("Mozilla/5.0"):
            return blocked()
        account = self.sign_in.account_of(request.headers.get("Authorization"))
        return account or web.json_response({"message": "Unauthorized"}, status=401)

    async def _pumper(self, request: web.Request) -> web.Response:
        account = self._visitor(request)
        if isinstance(account, web.Response):
            return account
        pumper_id = request.match_info["pumper_id"]
        is_own = pumper_id == account.pumper_id
        if is_own and account.names_persons_in == "answer":
            return web.json_response(account.list_of_persons())
        if (person := account.person(pumper_id)) is not None:
            return web.json_response(person.pumper())
        if not is_own:
            return web.json_response({"message": "Forbidden"}, status=403)
        return web.json_response({"message": "Not found"}, status=404)

    async def _about(self, request: web.Request) -> web.Response:
        account = self._visitor(request)
        if isinstance(account, web.Response):
            return account
        if request.match_info["pumper_id"] != account.pumper_id:
            return web.json_response({"message": "Forbidden"}, status=403)
        return web.json_response(account.about())

    async def _pump_logs(self, request: web.Request) -> web.Response:
        account = self._visitor(request)
        if isinstance(account, web.Response):
            return account
        key = request.match_info["assignment_id"]
        wanted = request.query.get("pumperId", "")
        person = account.person(wanted)
        listed = next(
            (
                listed
                for listed in (person or account).pumps
                if listed.pump.assignment_id == key
            ),
            None,
        )
        if listed is None:
            return web.json_response({"message": "Not found"}, status=404)
        try:
            logs = answer(
                listed,
                request.query,
                clock_changes_among_events=self.clock_changes_among_events,
            )
        except BadQueryError as error:
            return error.response()
        if person is None:
            return web.json_response({"message": "Forbidden"}, status=403)
        return web.json_response(logs)
