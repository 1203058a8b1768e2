"""One request to Tandem and its answer, every failure told as a typed error."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
import json
import re
from typing import Any, TypeGuard

import aiohttp
import orjson
from yarl import URL

from .errors import TandemBusy, TandemChanged, TandemError, TandemUnreachable

USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
CONNECT_SECONDS = 10
LARGEST_ANSWER = 64 * 1024 * 1024
SHORTEST_RETRY_AFTER = 60.0
LONGEST_RETRY_AFTER = 86400.0

_KEY_NAME = re.compile(r"[A-Za-z_]\w{0,39}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer read to its end; only its step and status are ever shown."""

    step: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """Return the decoded body, not-a-number as None.

        Raises TandemUnreachable when it breaks off, TandemChanged when it is no JSON at all.
        """
        try:
            return orjson.loads(self.body)
        except ValueError:
            pass
        try:
            return json.loads(self.body, parse_constant=lambda _: None)
        except ValueError, RecursionError:
            begins = self.body.lstrip()[:1]
        if begins in (b"", b"{", b"["):
            raise TandemUnreachable(
                self.step, "the answer breaks off", status=self.status
            )
        raise TandemChanged(
            self.step, "answered something other than JSON", status=self.status
        )

    def json_or_none(self) -> Any:
        """Return the decoded body, None when it cannot be read."""
        try:
            return self.json()
        except TandemError:
            return None

    def trouble(self) -> TandemError:
        """Return what an answer other than the one hoped for means."""
        reason = "answered something unexpected"
        if self.status != HTTPStatus.OK:
            reason = f"answered {self.status}"
        if self.status in _CHANGED or self.status < HTTPStatus.BAD_REQUEST:
            if names := refused_keys(self):
                reason += f" about {', '.join(names)}"
            return TandemChanged(self.step, reason, status=self.status)
        return TandemBusy(
            self.step,
            reason,
            status=self.status,
            retry_after=_retry_after(self.headers),
        )


_CHANGED = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.GONE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}


async def ask(
    session: aiohttp.ClientSession,
    step: str,
    method: str,
    url: str | URL,
    *,
    headers: Mapping[str, str],
    seconds: float,
    **request: Any,
) -> Answer:
    """Send one request, follow no redirect and read the answer within the given seconds.

    Raises TandemUnreachable when no whole answer comes, TandemChanged when it is over 64 MB.
    """
    if session.closed:
        raise TandemUnreachable(step, "the session is closed")
    try:
        async with session.request(
            method,
            url,
            headers={"User-Agent": USER_AGENT, **headers},
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=seconds, connect=CONNECT_SECONDS),
            **request,
        ) as response:
            body = bytearray()
            async for chunk in response.content.iter_any():
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    raise TandemChanged(
                        step, "the answer is too large", status=response.status
                    )
            return Answer(step, response.status, response.headers, bytes(body))
    except TimeoutError:
        reason = "no answer in time"
    except aiohttp.ClientConnectorDNSError:
        reason = "the name cannot be resolved"
    except aiohttp.ClientSSLError:
        reason = "no secure connection"
    except aiohttp.ClientConnectorError:
        reason = "no connection"
    except aiohttp.ClientError:
        reason = "the connection broke off"
    # Raised here and not above, so that aiohttp's error and the address in it do not hang on as its context.
    raise TandemUnreachable(step, reason)


def refused_keys(answer: Answer) -> list[str]:
    """Return the names, and only the names, of the query keys that a validation answer complains about."""
    names: set[str] = set()
    parts = [answer.json_or_none()]
    while parts:
        match parts.pop():
            case dict() as part:
                for key in ("path", "keys"):
                    if isinstance(listed := part.get(key), list):
                        names.update(filter(_is_key_name, listed))
                parts.extend(part.values())
            case list() as part:
                parts.extend(part)
            case _:
                pass
    return sorted(names)[:10]


def _is_key_name(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and _KEY_NAME.fullmatch(value) is not None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After, seconds or a date, as seconds from now; a minute at least, so as not to hammer."""
    told = headers.get("Retry-After", "")
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
    return min(max(seconds, SHORTEST_RETRY_AFTER), LONGEST_RETRY_AFTER)
