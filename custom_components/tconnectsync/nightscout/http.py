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
"""What hosted databases say when they are full."""


class Answer(HttpResponse):
    """An answer of a site."""

    __slots__ = ()

    def json(self) -> Any:
        """Return the decoded body; raise NotNightscout when it is no JSON."""
        try:
            return parse_json(self.body)
        except ValueError:
            pass
        raise NotNightscout("answered something other than JSON", status=self.status)

    def to_error(self) -> NightscoutError:
        """Return what an answer other than the one hoped for means."""
        status, said = self.status, f"answered {self.status}"
        if status == HTTPStatus.UNAUTHORIZED and self._is_nightscouts_own():
            return NightscoutRefused("the secret is not accepted", status=status)
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            front = f"a server in front of Nightscout refuses ({status})"
            return NightscoutBlocked(front, status=status)
        if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return NightscoutTooLarge("too large for the site", status=status)
        if status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY):
            return NightscoutRejected(said, status=status)
        if any(words in self.body for words in FULL):
            return NightscoutFull("the database is full", status=status)
        if status not in BUSY and status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return NotNightscout(said, status=status)
        return NightscoutBusy(said, status=status, retry_after=self.retry_after())

    def _is_nightscouts_own(self) -> bool:
        """Tell Nightscout's own 401 from that of a server in front of it."""
        try:
            said = parse_json(self.body)
        except ValueError:
            return False
        return isinstance(said, dict) and said.get("status") == HTTPStatus.UNAUTHORIZED


async def ask(
    session: aiohttp.ClientSession,
    method: str,
    url: URL,
    *,
    headers: Mapping[str, str],
    verify_tls: bool,
    body: bytes | None = None,
) -> Answer:
    """Send one request, follow no redirect and read the answer within 30 s.

    Raises NightscoutUnreachable when no whole answer comes, NotNightscout when it is over 64 MB.
    """
    try:
        answer = await request(
            session,
            method,
            url,
            headers=headers,
            data=body,
            ssl=verify_tls,
            timeout_seconds=REQUEST_TIMEOUT_SECONDS,
        )
        return Answer(answer.status, answer.headers, answer.body)
    except RequestFailed as error:
        kind = NightscoutUnreachable if error.secure else NightscoutNotSecure
        failed: NightscoutError = kind(error.reason, sent=error.sent)
    except ResponseTooLarge as error:
        failed = NotNightscout("the answer is too large", status=error.status)
    raise failed


class Connection:
    """Sends requests below /api, the secret in a header."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, secret: str, *, verify_tls: bool
    ) -> None:
        """Take an address, and an API secret or access token (raises InvalidAddress)."""
        self._session = session
        self._base = URL(normalized(url))
        self._secret = secret_header(secret)
        self.token = access_token(secret)
        """The access token, None when the secret has not the form of one."""
        self._verify_tls = verify_tls
        self.answers = 0
        """How often the site has answered."""

    @property
    def address(self) -> str:
        """The site's address; https from when the site has asked for that."""
        return str(self._base)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        version: str = "v1",
    ) -> Answer:
        """Send a request, once more to the same host's https where the site moved there.

        Raises NightscoutMoved for any other redirect: the secret goes to no other host.
        """
        answer = await self._send(method, f"api/{version}/{path}", query, body)
        self.answers += 1
        if answer.status in REDIRECTS and (port := _https_port(self._base, answer)):
            self._base = self._base.with_scheme("https").with_port(port)
            answer = await self._send(method, f"api/{version}/{path}", query, body)
        if answer.status in REDIRECTS:
            raise NightscoutMoved(
                "the address leads somewhere else", status=answer.status
            )
        return answer

    async def _send(
        self, method: str, path: str, query: Mapping[str, str] | None, body: Any
    ) -> Answer:
        headers = {"Accept": "application/json", **self._secret}
        if body is not None:
            headers["Content-Type"] = "application/json"
        return await ask(
            self._session,
            method,
            (self._base / path).with_query(query),
            headers=headers,
            verify_tls=self._verify_tls,
            body=None if body is None else await asyncio.to_thread(_json, body),
        )


def _json(body: Any) -> bytes:
    """Return a body as JSON, what orjson refuses of other people's profiles included."""
    try:
        return orjson.dumps(body)
    except TypeError:
        return json.dumps(body).encode()


def _https_port(asked: URL, answer: Answer) -> int | None:
    """Return where the same host asks to be spoken to over TLS, None for any other redirect."""
    try:
        target = URL(answer.headers.get("Location", ""))
        port = target.port
    except ValueError:
        return None
    moved = asked.scheme == "http" and target.scheme == "https"
    return port if moved and target.host == asked.host else None
