"""The sign-in of one account: a token for as long as it lasts, and peace for Tandem after trouble."""

import asyncio
from collections.abc import Awaitable, Callable
import time

import aiohttp

from custom_components.tconnectsync.backoff import Backoff

from .errors import SignInRefused, TandemBusy, TandemError, TandemUnreachable
from .regions import Region
from .sign_in import AUTHORIZE, SIGN_IN_PAGE, SignIn
from .token import Token

FIRST_PAUSE = 60
LONGEST_PAUSE = 3600
WITHOUT_PASSWORD = (SIGN_IN_PAGE, AUTHORIZE)
"""Steps that send none: where no network lets them fail, Tandem has had no trouble."""


class TandemAuth:
    """The sign-in of one account, which asks Tandem as seldom as can be.

    The session and its cookies must belong to this account alone. The password is sent only
    when Tandem no longer knows its cookies. Refused credentials are never sent twice. After any other trouble Tandem is left in peace for a minute, then for
    twice as long each time up to an hour; meanwhile that trouble is raised again.
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
    ) -> None:
        """Take a token that was kept, and whom to give a new one."""
        self.region = region
        self._sign_in = SignIn(session, region, email, password)
        self._token = token
        if token is not None:
            self._sign_in.restore(token.cookies)
        self._on_token = on_token
        self._lock = asyncio.Lock()
        self._trouble: TandemError | None = None
        self._backoff = Backoff(FIRST_PAUSE, LONGEST_PAUSE)
        self._not_before = 0.0
        self._not_taken_at: float | None = None

    async def token(self) -> Token:
        """Return a valid token, signing in when there is none; one sign-in at a time.

        Raises SignInRefused, TandemUnreachable, TandemBusy, IdentityNotVerified, TandemChanged.
        """
        async with self._lock:
            if self._token is not None and self._token.valid:
                return self._token
            self._keep_pause()
            try:
                token = await self._sign_in.token()
            except TandemError as trouble:
                self._note(trouble)
                raise
            self._token = token
            if not self._not_taken_lately():
                self._backoff.succeeded()
            if self._on_token is not None:
                await self._on_token(token)
            return token

    def invalidate(self, token: Token, *, renewed: bool = False) -> None:
        """Drop a token that was not taken, so that the next one is signed in for.

        Not even one renewed a moment ago: that is trouble, and the next has to wait.
        """
        if token != self._token:
            return
        self._token = None
        if renewed:
            self._sign_in.forget()
            self._note(TandemBusy("sign-in", "new tokens are not taken"))
            self._not_taken_at = time.monotonic()

    def _not_taken_lately(self) -> bool:
        return (
            self._not_taken_at is not None
            and time.monotonic() - self._not_taken_at < 2 * LONGEST_PAUSE
        )

    def _keep_pause(self) -> None:
        """Raise the last trouble again instead of asking Tandem too soon."""
        if isinstance(self._trouble, SignInRefused):
            raise self._trouble.again()
        left = self._not_before - time.monotonic()
        if self._trouble is not None and left > 0:
            raise self._trouble.again(left)

    def _note(self, trouble: TandemError) -> None:
        """Remember trouble, and how long Tandem is to be left in peace; no network is no trouble."""
        if isinstance(trouble, TandemUnreachable) and trouble.step in WITHOUT_PASSWORD:
            return
        if not isinstance(trouble, SignInRefused):
            trouble.retry_after = self._backoff.failed(trouble.retry_after)
            self._not_before = time.monotonic() + trouble.retry_after
        self._trouble = trouble.again()
