"""The way to one site: its address, the secret in a header, and one move to https."""

from collections.abc import Mapping
from hashlib import sha1
import json
import re
from typing import Any

import aiohttp
import orjson
from yarl import URL

from .address import normalized
from .errors import NightscoutMoved
from .http import Answer, ask

TOKEN = re.compile(r"\S+-[0-9a-f]{16}")
REDIRECTS = (301, 302, 303, 307, 308)


class Connection:
    """Sends requests below /api/v1, the secret never in an address."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, secret: str, *, verify_tls: bool
    ) -> None:
        """Take an address, and an API secret or access token (raises InvalidAddress)."""
        self._session = session
        self._base = URL(normalized(url))
        self._secret = secret_header(secret)
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
    ) -> Answer:
        """Send a request, once more to the same host's https where the site moved there.

        Raises NightscoutMoved for any other redirect: the secret goes to no other host.
        """
        answer = await self._send(method, path, query, body)
        self.answers += 1
        if answer.status in REDIRECTS and (port := _https_port(self._base, answer)):
            self._base = self._base.with_scheme("https").with_port(port)
            answer = await self._send(method, path, query, body)
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
            (self._base / "api/v1" / path).with_query(query),
            headers=headers,
            verify_tls=self._verify_tls,
            body=None if body is None else _json(body),
        )


def _json(body: Any) -> bytes:
    """Return a body as JSON, what orjson refuses of other people's profiles included."""
    try:
        return orjson.dumps(body)
    except TypeError:
        return json.dumps(body).encode()


def secret_header(secret: str) -> dict[str, str]:
    """Return the header for an access token as it is, for an API secret as its SHA-1."""
    secret = secret.strip()
    if TOKEN.fullmatch(secret):
        return {"api-secret": secret}
    return {"api-secret": sha1(secret.encode(), usedforsecurity=False).hexdigest()}


def _https_port(asked: URL, answer: Answer) -> int | None:
    """Return where the same host asks to be spoken to over TLS, None for any other redirect."""
    try:
        target = URL(answer.headers.get("Location", ""))
        port = target.port
    except ValueError:
        return None
    moved = asked.scheme == "http" and target.scheme == "https"
    return port if moved and target.host == asked.host else None
