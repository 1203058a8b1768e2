"""Requests to one Nightscout site: its address, the secret in a header, redirects and errors."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
import json
from typing import Any

import aiohttp
import orjson
from yarl import URL

from custom_components.tconnectsync.http_request import (
    REDIRECTS,
    HttpResponse,
    RequestFailed,
    ResponseTooLarge,
    parse_json,
    request,
)

from .address import normalized
from .errors import (
    NightscoutBlocked,
    NightscoutBusy,
    NightscoutError,
    NightscoutFull,
    NightscoutMoved,
    NightscoutNotSecure,
    NightscoutRefused,
    NightscoutRejected,
    NightscoutTooLarge,
    NightscoutUnreachable,
    NotNightscout,
)
from .secret import access_token, secret_header

REQUEST_TIMEOUT_SECONDS = 30
BUSY = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
FULL = (b"space quota", b"QuotaExceeded")
"""Parts of the messages of hosted databases that are full."""


class NightscoutResponse(HttpResponse):
    """A response of a Nightscout site."""

    __slots__ = ()

    def json(self) -> Any:
        """Return the decoded body; raise NotNightscout if it is not JSON."""
        try:
            return parse_json(self.body)
        except ValueError:
            pass
        raise NotNightscout("answered something other than JSON", status=self.status)

    def to_error(self) -> NightscoutError:
        """Return the error that an unexpected response stands for."""
        status, reason = self.status, f"answered {self.status}"
        if status == HTTPStatus.UNAUTHORIZED and self._is_nightscouts_own():
            return NightscoutRefused("the secret is not accepted", status=status)
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            front = f"a server in front of Nightscout refuses ({status})"
            return NightscoutBlocked(front, status=status)
        if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return NightscoutTooLarge("too large for the site", status=status)
        if status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY):
            return NightscoutRejected(reason, status=status)
        if any(words in self.body for words in FULL):
            return NightscoutFull("the database is full", status=status)
        if status not in BUSY and status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return NotNightscout(reason, status=status)
        return NightscoutBusy(reason, status=status, retry_after=self.retry_after())

    def _is_nightscouts_own(self) -> bool:
        """Return whether Nightscout itself sent this 401, not a server in front of it."""
        try:
            content = parse_json(self.body)
        except ValueError:
            return False
        return (
            isinstance(content, dict)
            and content.get("status") == HTTPStatus.UNAUTHORIZED
        )


async def send_request(
    session: aiohttp.ClientSession,
    method: str,
    url: URL,
    *,
    headers: Mapping[str, str],
    verify_tls: bool,
    body: bytes | None = None,
) -> NightscoutResponse:
    """Send one request without following redirects and read the response within 30 s.

    Raises NightscoutUnreachable without a complete response, NotNightscout if it is over 64 MB.
    """
    try:
        response = await request(
            session,
            method,
            url,
            headers=headers,
            data=body,
            ssl=verify_tls,
            timeout_seconds=REQUEST_TIMEOUT_SECONDS,
        )
        return NightscoutResponse(response.status, response.headers, response.body)
    except RequestFailed as error:
        kind = NightscoutUnreachable if error.secure else NightscoutNotSecure
        failed: NightscoutError = kind(error.reason, sent=error.sent)
    except ResponseTooLarge as error:
        failed = NotNightscout("the answer is too large", status=error.status)
    raise failed


class Connection:
    """Sends requests to paths below /api, with the secret in a header."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, secret: str, *, verify_tls: bool
    ) -> None:
        """Take an address, and an API secret or access token (raises InvalidAddress)."""
        self._session = session
        self._base = URL(normalized(url))
        self._secret = secret_header(secret)
        self.token = access_token(secret)
        """The access token; None for an API secret."""
        self._verify_tls = verify_tls
        self.response_count = 0
        """How often the site has answered."""

    @property
    def address(self) -> str:
        """The site's address; https once the site has redirected there."""
        return str(self._base)

    async def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        version: str = "v1",
    ) -> NightscoutResponse:
        """Send a request, again over https if the site redirects to https on the same host.

        Raises NightscoutMoved for any other redirect, because the secret is sent to no other host,
        and the errors of send_request.
        """
        response = await self._send_once(method, f"api/{version}/{path}", query, body)
        self.response_count += 1
        if response.status in REDIRECTS and (port := _https_port(self._base, response)):
            self._base = self._base.with_scheme("https").with_port(port)
            response = await self._send_once(
                method, f"api/{version}/{path}", query, body
            )
        if response.status in REDIRECTS:
            raise NightscoutMoved(
                "the address leads somewhere else", status=response.status
            )
        return response

    async def _send_once(
        self, method: str, path: str, query: Mapping[str, str] | None, body: Any
    ) -> NightscoutResponse:
        headers = {"Accept": "application/json", **self._secret}
        if body is not None:
            headers["Content-Type"] = "application/json"
        return await send_request(
            self._session,
            method,
            (self._base / path).with_query(query),
            headers=headers,
            verify_tls=self._verify_tls,
            body=None if body is None else await asyncio.to_thread(_json, body),
        )


def _json(body: Any) -> bytes:
    """Return a body as JSON; other people's profiles may contain numbers that orjson refuses."""
    try:
        return orjson.dumps(body)
    except TypeError:
        return json.dumps(body).encode()


def _https_port(base: URL, response: NightscoutResponse) -> int | None:
    """Return the port of a redirect to https on the same host, None for any other redirect."""
    try:
        target = URL(response.headers.get("Location", ""))
        port = target.port
    except ValueError:
        return None
    moved = base.scheme == "http" and target.scheme == "https"
    return port if moved and target.host == base.host else None
