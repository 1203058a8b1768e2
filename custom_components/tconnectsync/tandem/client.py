"""Client for Tandem Source: lists the person's pumps and reads their logs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import date
from functools import partial
from http import HTTPStatus
import re
import time
from typing import Any

import aiohttp
from yarl import URL

from .errors import TandemBusy, TandemError
from .http import TandemResponse, send
from .pause_after_error import Pause
from .pump_log_requests import (
    MAX_DAYS_PER_REQUEST,
    is_about_codes,
    pump_log_query,
    requested_days,
)
from .pumper import Pump, Pumper, PumpLog, read_pump_log, read_pumper
from .rate_limit import RateLimit
from .shapes_for_diagnostics import shape_of
from .token import Token
from .token_provider import TokenProvider

PUMPER_SECONDS = 30
PUMP_LOGS_SECONDS = 120
TRY_AGAIN_SECONDS = 300
"""How often a person may have a request sent before the time that Tandem named: as often as polling."""

type Run = Callable[[Callable[[], PumpLog]], Awaitable[PumpLog]]
"""Runs blocking work outside the event loop."""

_ROLE_CLAIMS = ("roles", "tandem_roles", "role")
_CARING = re.compile("guardian|parent|care|clinic|provider|professional")


class TandemClient:
    """Client of one account; every method may raise any error of errors.py.

    `asks_with_codes` is whether pump-logs are requested with a list of event codes, because Tandem insists.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        tokens: TokenProvider,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        run: Run = asyncio.to_thread,
    ) -> None:
        """Take the session and the tokens of one account; `sleep` waits for seconds, `run` runs blocking work."""
        self.asks_with_codes = False
        self._session = session
        self._tokens = tokens
        self._rate_limit = RateLimit(sleep)
        self._run = run
        self._pause = Pause()
        self._pumper_shape: Any = None
        self._tried_again_at: float | None = None

    def try_again(self) -> None:
        """Let the next request go out although Tandem asked to wait, at most once in five minutes."""
        now, last = time.monotonic(), self._tried_again_at
        pauses = [pause for pause in (self._pause, self._tokens.pause) if pause.left]
        if pauses and (last is None or now - last >= TRY_AGAIN_SECONDS):
            self._tried_again_at = now
            for pause in pauses:
                pause.clear()

    @property
    def shapes(self) -> dict[str, Any]:
        """The shapes of the last sign-in's claims and of the last list of pumps, without their values."""
        claims: dict[str, Any] = shape_of(dict(self._tokens.claims))
        return {**claims, "pumper": self._pumper_shape}

    async def pumper(self) -> Pumper:
        """Return the person's pumps and when each last uploaded."""
        return read_pumper(await self.pumper_answer())

    async def pumper_answer(self, pumper_id: str | None = None) -> Any:
        """Return the decoded pumper answer about a person, by default the one signed in."""
        region = self._tokens.region
        response = await self._send(
            "pumper",
            lambda token: URL(region.pumper_url(pumper_id or token.pumper_id)),
            PUMPER_SECONDS,
        )
        if response.status != HTTPStatus.OK:
            raise self._failure(response)
        content = response.json()
        self._pumper_shape = shape_of(content)
        return content

    async def looks_after_others(self, pumper_ids: Iterable[str]) -> bool:
        """Return whether Tandem calls this the account of a guardian or a clinic; False where it does not say."""
        roles = [
            claims.get(name)
            for claims in self._tokens.claims.values()
            for name in _ROLE_CLAIMS
        ]
        for pumper_id in pumper_ids:
            address = URL(self._tokens.region.account_url(pumper_id))
            with suppress(TandemError):
                response = await self._send(
                    "account", partial(_at, address), PUMPER_SECONDS
                )
                content = response.json()
                account = content.get("account") if isinstance(content, dict) else None
                if isinstance(account, dict):
                    roles.append(account.get("role"))
        return any(_CARING.search(str(role).lower()) for role in roles)

    async def pump_logs(
        self, pump: Pump, first_day: date, last_day: date
    ) -> AsyncIterator[PumpLog]:
        """Yield the pump's log of its days from first to last, a few days at a time, oldest first."""
        for first, last in requested_days(first_day, last_day):
            yield await self.pump_log(pump, first, last)

    async def pump_log(self, pump: Pump, first_day: date, last_day: date) -> PumpLog:
        """Return the pump's log of at most three of its days, from one request.

        Without a list of codes Tandem returns every event; a service that insists on one
        gets the list of Tandem's own page. Raises ValueError for more days.
        """
        if not 0 <= (last_day - first_day).days < MAX_DAYS_PER_REQUEST:
            raise ValueError(f"a request is for 1 to {MAX_DAYS_PER_REQUEST} days")
        response = await self._ask_log(pump, first_day, last_day, self.asks_with_codes)
        if response.status == HTTPStatus.BAD_REQUEST and is_about_codes(response):
            other_way = not self.asks_with_codes
            second = await self._ask_log(pump, first_day, last_day, other_way)
            if second.status != HTTPStatus.BAD_REQUEST:
                response = second
            if second.status == HTTPStatus.OK:
                self.asks_with_codes = other_way
        if response.status != HTTPStatus.OK:
            raise self._failure(response)
        # Three days would block the event loop for 7 to 15 ms.
        return await self._run(lambda: read_pump_log(response.json()))

    async def _ask_log(
        self, pump: Pump, first_day: date, last_day: date, with_codes: bool
    ) -> TandemResponse:
        address = URL(self._tokens.region.pump_logs_url(pump.assignment_id))
        query = pump_log_query(first_day, last_day, with_codes=with_codes)
        await self._rate_limit.wait()
        ok = False
        try:
            response = await self._send(
                "pump-logs",
                lambda token: address.with_query(
                    {"pumperId": token.pumper_id, **query}
                ),
                PUMP_LOGS_SECONDS,
            )
            ok = response.status == HTTPStatus.OK
            return response
        finally:
            self._rate_limit.note_response(ok=ok)

    async def _send(
        self, step: str, address: Callable[[Token], URL], timeout_seconds: float
    ) -> TandemResponse:
        """Send a GET request; a rejected token is replaced once."""
        self._pause.raise_if_active()
        region = self._tokens.region
        for renewed in (False, True):
            token = await self._tokens.token()
            headers = {
                "Accept": "application/json",
                "Authorization": f"Bearer {token.access_token}",
                "Origin": region.origin,
                "Referer": region.referer,
            }
            response = await send(
                self._session,
                step,
                "GET",
                address(token),
                headers=headers,
                timeout_seconds=timeout_seconds,
            )
            if not response.rejects_token:
                return response
            self._tokens.invalidate(token, renewed=renewed)
        raise TandemBusy(
            step, "new tokens are not taken", status=HTTPStatus.UNAUTHORIZED
        )

    def _failure(self, response: TandemResponse) -> TandemError:
        """Return the error of a response, and pause for as long as it asks."""
        error = response.to_error()
        self._pause.start(error)
        return error


def _at(address: URL, token: Token) -> URL:
    """Return an address that is the same for every token."""
    return address
