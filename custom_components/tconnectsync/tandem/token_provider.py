"""The token of one account: cached for as long as it lasts, with backing off after an error."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
import time
from typing import Any

import aiohttp

from custom_components.tconnectsync.backoff import Backoff

from .errors import SignInRefused, TandemBusy, TandemError, TandemUnreachable
from .pause_after_error import FIRST_PAUSE, LONGEST_PAUSE, Pause
from .regions import Region
from .sign_in import AUTHORIZE, SIGN_IN_PAGE, SignIn
from .token import Token

WITHOUT_PASSWORD = (SIGN_IN_PAGE, AUTHORIZE)
"""Steps that send no password: if they fail without a network, Tandem has not failed."""


class TokenProvider:
    """Provides the token of one account with as few sign-ins as possible.

    The session and its cookies must belong to this account alone. The password is sent only
    when Tandem no longer recognises its cookies. Rejected credentials are never sent twice. After
    any other error it backs off for a minute, then twice as long each time, up to an hour;
    meanwhile that error is raised again.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        region: Region,
        email: str,
        password: str,
        *,
        token: Token | None = None,
        on_token: Callable[[Token], Awaitable[None]] | None = None,
        pumper_id: str | None = None,
        allow_several_persons: bool = False,
    ) -> None:
        """Take the account, a stored token, a callback that stores a new one, and the person; see SignIn."""
        self.region = region
        self._sign_in = SignIn(
            session,
            region,
            email,
            password,
            pumper_id=pumper_id,
            allow_several_persons=allow_several_persons,
        )
        self._token = token
        self._pumper_id = token.pumper_id if token else None
        if token is not None:
            self._sign_in.restore(token.cookies)
        self._on_token = on_token
        self._lock = asyncio.Lock()
        self._refused: SignInRefused | None = None
        self._backoff = Backoff(FIRST_PAUSE, LONGEST_PAUSE)
        self.pause = Pause()
        self._rejected_at: float | None = None

    @property
    def claims(self) -> Mapping[str, Any]:
        """The claims of the last sign-in's tokens; diagnostics show their shape."""
        return self._sign_in.claims

    async def token(self) -> Token:
        """Return a valid token, signing in if there is none; one sign-in at a time.

        Raises SignInRefused, TandemUnreachable, TandemBusy, IdentityNotVerified, TandemChanged,
        NoPump, SeveralPersons.
        """
        async with self._lock:
            if self._token is not None and self._token.valid:
                return self._token
            if self._refused is not None:
                raise self._refused.again()
            self.pause.raise_if_active()
            try:
                token = await self._sign_in.sign_in(self._pumper_id)
            except TandemError as error:
                self._note(error)
                raise
            self._token, self._pumper_id = token, token.pumper_id
            if not self._rejected_recently():
                self._backoff.reset()
            if self._on_token is not None:
                await self._on_token(token)
            return token

    def invalidate(self, token: Token, *, renewed: bool = False) -> None:
        """Drop a rejected token, so that the next request for one signs in.

        `renewed` means that it was new: that is an error, and the next sign-in has to wait.
        """
        if token != self._token:
            return
        self._token = None
        if renewed:
            self._sign_in.forget()
            self._note(TandemBusy("sign-in", "new tokens are not taken"))
            self._rejected_at = time.monotonic()

    def _rejected_recently(self) -> bool:
        return (
            self._rejected_at is not None
            and time.monotonic() - self._rejected_at < 2 * LONGEST_PAUSE
        )

    def _note(self, error: TandemError) -> None:
        """Remember an error and how long to back off; a missing network is no error of Tandem."""
        if isinstance(error, TandemUnreachable) and error.step in WITHOUT_PASSWORD:
            return
        if isinstance(error, SignInRefused):
            self._refused = error.again()
            return
        error.retry_after = self._backoff.next_delay(error.retry_after)
        self.pause.start(error)
