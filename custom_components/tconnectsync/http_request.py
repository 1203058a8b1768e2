"""One HTTP request and its complete response, to either service."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
import json
from typing import Any

import aiohttp
import orjson
from yarl import URL

CONNECT_SECONDS = 10
REDIRECTS = (301, 302, 303, 307, 308)
LARGEST_RESPONSE = 64 * 1024 * 1024
LONGEST_RETRY_AFTER = 3600.0
"""Seconds; a service that asks for a longer wait is still tried once an hour, or nobody would notice that it is back."""


class RequestFailed(Exception):
    """No complete response arrived; the reason never contains an address."""

    def __init__(self, reason: str, *, sent: bool = False, secure: bool = True) -> None:
        """Take the reason, whether the request was sent and may be carried out, and whether TLS worked."""
        super().__init__(reason)
        self.reason = reason
        self.sent = sent
        self.secure = secure


class ResponseTooLarge(Exception):
    """The response is larger than any expected one."""

    def __init__(self, status: int) -> None:
        """Take the HTTP status."""
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A complete response; its repr shows only the status."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def retry_after(self, shortest: float = 0.0) -> float | None:
        """Return the seconds to wait by Retry-After, at least `shortest`; None where the response does not say."""
        return seconds_from_now(self.headers.get("Retry-After", ""), shortest)


async def request(
    session: aiohttp.ClientSession,
    method: str,
    url: str | URL,
    *,
    timeout_seconds: float,
    **request_kwargs: Any,
) -> HttpResponse:
    """Send one request without following redirects, and read the response within the timeout.

    Raises RequestFailed, and ResponseTooLarge for more than 64 MB.
    """
    if session.closed:
        raise RequestFailed("the session is closed")
    sent, secure = True, True
    try:
        async with session.request(
            method,
            url,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(
                total=timeout_seconds, sock_connect=CONNECT_SECONDS
            ),
            **request_kwargs,
        ) as response:
            body = bytearray()
            async for chunk in response.content.iter_any():
                body += chunk
                if len(body) > LARGEST_RESPONSE:
                    raise ResponseTooLarge(response.status)
            return HttpResponse(response.status, response.headers, bytes(body))
    except aiohttp.ConnectionTimeoutError:
        reason, sent = "no connection in time", False
    except TimeoutError:
        reason = "no answer in time"
    except aiohttp.ClientConnectorDNSError:
        reason, sent = "the name cannot be resolved", False
    except aiohttp.ClientSSLError:
        reason, sent, secure = "no secure connection", False, False
    except aiohttp.ClientConnectorError:
        reason, sent = "no connection", False
    except aiohttp.ClientError:
        reason = "the connection broke off"
    # Raised here, not in the handlers, so that aiohttp's error with the address in it is not its context.
    raise RequestFailed(reason, sent=sent, secure=secure)


def parse_json(body: bytes) -> Any:
    """Return the decoded body, NaN and infinity as None; raise ValueError where it is not JSON."""
    try:
        return orjson.loads(body)
    except ValueError:
        pass
    try:
        return json.loads(body, parse_constant=lambda _: None)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def seconds_from_now(value: str, shortest: float = 0.0) -> float | None:
    """Return a Retry-After value, seconds or a date, as seconds from now: an hour at most, None where unreadable."""
    try:
        seconds = (
            float(value)
            if value.isdecimal()
            else (
                parsedate_to_datetime(value).astimezone(UTC) - datetime.now(UTC)
            ).total_seconds()
        )
    except ValueError, OverflowError:
        return None
    return min(max(seconds, shortest), LONGEST_RETRY_AFTER)
