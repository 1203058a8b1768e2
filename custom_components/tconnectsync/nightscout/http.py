"""One request to Nightscout and its answer, every failure told as a typed error."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import aiohttp
from yarl import URL

from custom_components.tconnectsync.http_request import (
    AnswerTooLarge,
    NoAnswer,
    WholeAnswer,
    decoded,
    request,
)

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

SECONDS = 30
BUSY = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
FULL = (b"space quota", b"QuotaExceeded")
"""What hosted databases say when they are full."""


class Answer(WholeAnswer):
    """An answer of a site."""

    __slots__ = ()

    def json(self) -> Any:
        """Return the decoded body; raise NotNightscout when it is no JSON."""
        try:
            return decoded(self.body)
        except ValueError:
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
        return NightscoutBusy(said, status=status, retry_after=self.retry_after())

    def _is_nightscouts_own(self) -> bool:
        """Tell Nightscout's own 401 from that of a server in front of it."""
        try:
            said = decoded(self.body)
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
            seconds=SECONDS,
        )
        return Answer(answer.status, answer.headers, answer.body)
    except NoAnswer as error:
        kind = NightscoutUnreachable if error.secure else NightscoutNotSecure
        failed: NightscoutError = kind(error.reason, sent=error.sent)
    except AnswerTooLarge as error:
        failed = NotNightscout("the answer is too large", status=error.status)
    raise failed
