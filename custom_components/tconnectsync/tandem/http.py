"""One request to Tandem and its response; every failure is a typed error."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
import re
from typing import Any, TypeGuard

import aiohttp
from yarl import URL

from custom_components.tconnectsync.http_request import (
    HttpResponse,
    RequestFailed,
    ResponseTooLarge,
    parse_json,
    request,
)

from .errors import TandemBusy, TandemChanged, TandemError, TandemUnreachable
from .pause_after_error import SHORTEST_RETRY_AFTER
from .safe_text import may_contain_lone_surrogates, replace_lone_surrogates

USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"

_KEY_NAME = re.compile(r"[A-Za-z_]\w{0,39}", re.ASCII)


@dataclass(frozen=True, slots=True)
class TandemResponse(HttpResponse):
    """A response at one step; its repr shows only the step and the status."""

    step: str

    def json(self) -> Any:
        """Return the decoded body, NaN and infinity as None, lone surrogates replaced.

        Raises TandemUnreachable where it breaks off, TandemChanged where it is not JSON.
        """
        try:
            content = parse_json(self.body)
        except ValueError:
            first_byte = self.body.lstrip()[:1]
        else:
            broken = may_contain_lone_surrogates(self.body)
            return replace_lone_surrogates(content) if broken else content
        if first_byte in (b"", b"{", b"["):
            raise TandemUnreachable(
                self.step, "the answer breaks off", status=self.status
            )
        raise TandemChanged(
            self.step, "answered something other than JSON", status=self.status
        )

    def json_or_none(self) -> Any:
        """Return the decoded body, None where it cannot be read."""
        try:
            return self.json()
        except TandemError:
            return None

    @property
    def rejects_token(self) -> bool:
        """Whether Tandem no longer accepts the token."""
        return self.status == HTTPStatus.UNAUTHORIZED

    def to_error(self) -> TandemError:
        """Return the error that an unexpected response stands for."""
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
            retry_after=self.retry_after(SHORTEST_RETRY_AFTER),
        )


_CHANGED = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.GONE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}


async def send(
    session: aiohttp.ClientSession,
    step: str,
    method: str,
    url: str | URL,
    *,
    headers: Mapping[str, str],
    timeout_seconds: float,
    **request_kwargs: Any,
) -> TandemResponse:
    """Send one request without following redirects, and read the response within the timeout.

    Raises TandemUnreachable without a complete response, TandemChanged for more than 64 MB.
    """
    headers = {"User-Agent": USER_AGENT, **headers}
    try:
        response = await request(
            session,
            method,
            url,
            headers=headers,
            timeout_seconds=timeout_seconds,
            **request_kwargs,
        )
        return TandemResponse(response.status, response.headers, response.body, step)
    except RequestFailed as error:
        failed: TandemError = TandemUnreachable(step, error.reason)
    except ResponseTooLarge as error:
        failed = TandemChanged(step, "the answer is too large", status=error.status)
    raise failed


def refused_keys(response: TandemResponse) -> list[str]:
    """Return the names, and only the names, of the query keys that a validation error complains about."""
    names: set[str] = set()
    parts = [response.json_or_none()]
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
