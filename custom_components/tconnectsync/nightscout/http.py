"""One request to Nightscout and its answer, every failure told as a typed error."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
import json
from typing import Any

import aiohttp
from yarl import URL

from .errors import (
    NightscoutBlocked,
    NightscoutBusy,
    NightscoutError,
    NightscoutFull,
    NightscoutNotSecure,
    NightscoutRefused,
    NightscoutRejected,
    NightscoutTooLarge,
    NightscoutUnreachable,
    NotNightscout,
)

CONNECT_SECONDS = 10
SECONDS = 30
LARGEST_ANSWER = 64 * 1024 * 1024
LONGEST_RETRY_AFTER = 86400.0
BUSY = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
FULL = (b"space quota", b"QuotaExceeded")
"""What hosted databases say when they are full."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer read to its end; only its status is ever shown."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """Return the decoded body; raise NotNightscout when it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError, RecursionError:
            pass
        raise NotNightscout("answered something other than JSON", status=self.status)

    def trouble(self) -> NightscoutError:
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
        wait = retry_after(self.headers.get("Retry-After", ""))
        return NightscoutBusy(said, status=status, retry_after=wait)

    def _is_nightscouts_own(self) -> bool:
        """Tell Nightscout's own 401 from that of a server in front of it."""
        try:
            told = json.loads(self.body)
        except ValueError, RecursionError:
            return False
        return isinstance(told, dict) and told.get("status") == HTTPStatus.UNAUTHORIZED


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
    if session.closed:
        raise NightscoutUnreachable("the session is closed", sent=False)
    kind, sent = NightscoutUnreachable, True
    try:
        async with session.request(
            method,
            url,
            headers=headers,
            data=body,
            ssl=verify_tls,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=SECONDS, sock_connect=CONNECT_SECONDS),
        ) as response:
            content = bytearray()
            async for chunk in response.content.iter_any():
                content += chunk
                if len(content) > LARGEST_ANSWER:
                    raise NotNightscout("the answer is too large")
            return Answer(response.status, response.headers, bytes(content))
    except aiohttp.ConnectionTimeoutError:
        reason, sent = "no connection in time", False
    except TimeoutError:
        reason = "no answer in time"
    except aiohttp.ClientConnectorDNSError:
        reason, sent = "the name cannot be resolved", False
    except aiohttp.ClientSSLError:
        kind, reason, sent = NightscoutNotSecure, "no secure connection", False
    except aiohttp.ClientConnectorError:
        reason, sent = "no connection", False
    except aiohttp.ClientError:
        reason = "the connection broke off"
    # Raised here and not above, so that aiohttp's error and the address in it do not hang on as its context.
    raise kind(reason, sent=sent)


def retry_after(told: str) -> float | None:
    """Read Retry-After, a number of seconds or a date, as seconds from now."""
    try:
        seconds = (
            float(told)
            if told.isdecimal()
            else (
                parsedate_to_datetime(told).astimezone(UTC) - datetime.now(UTC)
            ).total_seconds()
        )
    except ValueError, OverflowError:
        return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)
