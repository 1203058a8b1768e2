"""Signing in to Tandem Source: OpenID Connect code flow with PKCE, as on its web page."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import aiohttp
from yarl import URL

from custom_components.tconnectsync.http_request import REDIRECTS

from .authorization_request import AuthorizationRequest
from .errors import (
    IdentityNotVerified,
    NoPump,
    SeveralPersons,
    SignInRefused,
    TandemBusy,
    TandemChanged,
    TandemError,
)
from .http import TandemResponse, send
from .id_token import Identity, read_identity
from .published_keys import PublishedKeys
from .regions import Region
from .safe_text import is_header_safe
from .session_cookies import cookies_of, restore_cookies
from .token import Token

REQUEST_TIMEOUT_SECONDS = 30
SHORTEST_VALIDITY = 600
LONGEST_VALIDITY = 86400
MOST_REDIRECTS = 10
OVERLOADED = frozenset({429, *range(500, 600)})
TRANSIENT_ERRORS = frozenset({"server_error", "temporarily_unavailable"})
"""Errors at the callback that mean the service cannot serve now."""
SIGN_IN_PAGE = "sign-in page"
AUTHORIZE = "authorize"


class SignIn:
    """The steps from email and password to a token; only "login" can be refused.

    Raises SignInRefused, TandemUnreachable, TandemBusy, IdentityNotVerified, TandemChanged, NoPump,
    SeveralPersons.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        region: Region,
        email: str,
        password: str,
        *,
        pumper_id: str | None = None,
        allow_several_persons: bool = False,
    ) -> None:
        """Take a session whose cookies belong to this account alone.

        Without a pumper id the account must have exactly one person; with `allow_several_persons`
        the first of several is used.
        """
        self.claims: Mapping[str, Any] = {}
        """The claims of the last tokens; diagnostics show their shape."""
        self._pumper_id = pumper_id
        self._allow_several_persons = allow_several_persons
        self._session = session
        self._region = region
        self._email = email
        self._password = password
        own = (
            region.sign_in_page,
            region.accounts_base,
            region.redirect_uri,
            region.source_base,
        )
        self._origins = {URL(address).origin() for address in own}
        self._keys = PublishedKeys()

    def restore(self, cookies: Iterable[str]) -> None:
        """Restore the cookies of an earlier sign-in, by which Tandem recognises the visitor."""
        restore_cookies(self._session.cookie_jar, self._region.accounts_base, cookies)

    def forget(self) -> None:
        """Drop the cookies, so that the next sign-in needs the password."""
        self._session.cookie_jar.clear()

    async def sign_in(self, known_pumper_id: str | None = None) -> Token:
        """Return a token; email and password are sent only if Tandem asks for them.

        Of several people in the account, the one known from an earlier token is used.
        """
        request = AuthorizationRequest(self._region)
        code = await self._authorize_without_password(request)
        if code is None:
            self.forget()
            await self._open_sign_in_page()
            await self._log_in()
            code = await self._authorize(request)
        access_token, id_token, seconds = await self._exchange(code, request.verifier)
        identity = await self._identity(id_token, access_token, request.nonce)
        self.claims = identity.claims
        pumper_ids = identity.pumper_ids
        return Token(
            access_token=access_token,
            expires_at=datetime.now(UTC) + timedelta(seconds=seconds),
            pumper_id=self._choose_person(pumper_ids, known_pumper_id),
            account_id=identity.account_id,
            pumper_ids=pumper_ids if len(pumper_ids) > 1 else (),
            cookies=self._current_cookies(),
        )

    def _choose_person(self, pumper_ids: tuple[str, ...], known: str | None) -> str:
        """Return the person whose pump is read; raise NoPump or SeveralPersons where that is unclear."""
        if self._pumper_id is not None:
            return self._pumper_id
        if known in pumper_ids:
            return known
        if not pumper_ids:
            raise NoPump("identity", "the account has no pump of its own")
        if len(pumper_ids) > 1 and not self._allow_several_persons:
            raise SeveralPersons("identity", "the account names several people")
        return pumper_ids[0]

    def _current_cookies(self) -> tuple[str, ...]:
        return cookies_of(self._session.cookie_jar, self._region.accounts_base)

    async def _authorize_without_password(
        self, request: AuthorizationRequest
    ) -> str | None:
        """Return a code for a visitor whom Tandem recognises, None where it asks for the password.

        Errors of another kind are no reason to send the password.
        """
        if not self._current_cookies():
            return None
        try:
            return await self._authorize(request)
        except TandemBusy as error:
            if error.status in OVERLOADED:
                raise
            return None
        except TandemChanged:
            return None

    async def _open_sign_in_page(self) -> None:
        """Get the cookies that a sign-in starts with, as a browser does."""
        _, response = await self._follow(SIGN_IN_PAGE, URL(self._region.sign_in_page))
        if response.status != HTTPStatus.OK:
            raise _error(response)

    async def _log_in(self) -> None:
        """Post email and password; only here can Tandem refuse them."""
        credentials = {"username": self._email, "password": self._password}
        headers = {"Origin": self._region.sign_in_origin}
        if client_id := self._region.login_client_id:
            headers["ClientId"] = client_id
        response = await self._send(
            "login", "POST", self._region.login_url, headers=headers, json=credentials
        )
        body = response.json_or_none()
        reported = body.get("status") if isinstance(body, dict) else None
        if response.status == HTTPStatus.OK and reported == "SUCCESS":
            return
        if response.status == HTTPStatus.UNAUTHORIZED or (
            isinstance(reported, str)
            and reported != "SUCCESS"
            and response.status not in OVERLOADED
        ):
            raise SignInRefused(
                "login", "email, password or region refused", status=response.status
            )
        raise _error(response)

    async def _authorize(self, request: AuthorizationRequest) -> str:
        """Follow the redirects up to the callback, which is not loaded, and return the code in it."""
        address = URL(self._region.authorize_url).with_query(request.query)
        url, response = await self._follow(AUTHORIZE, address)
        if not self._is_callback(url):
            raise _error(response)
        if url.query.get("error") in TRANSIENT_ERRORS:
            raise TandemBusy(
                AUTHORIZE,
                f"answered {url.query['error']}",
                status=HTTPStatus.SERVICE_UNAVAILABLE,
            )
        if not (code := url.query.get("code")):
            raise _error(response)
        if url.query.get("state") != request.state:
            raise TandemChanged(AUTHORIZE, "answers another request")
        return code

    async def _exchange(self, code: str, verifier: str) -> tuple[str, str, float]:
        """Exchange a code for an access token, an id token and their validity in seconds."""
        form = {
            "grant_type": "authorization_code",
            "client_id": self._region.client_id,
            "code": code,
            "redirect_uri": self._region.redirect_uri,
            "code_verifier": verifier,
        }
        response = await self._send("token", "POST", self._region.token_url, data=form)
        if response.status != HTTPStatus.OK:
            raise _error(response)
        match response.json():
            case {
                "access_token": str(access_token),
                "id_token": str(id_token),
                "expires_in": int(seconds) | float(seconds),
            } if is_header_safe(access_token) and seconds > 0:
                validity = min(max(seconds, SHORTEST_VALIDITY), LONGEST_VALIDITY)
                return access_token, id_token, validity
        raise TandemChanged("token", "the answer holds no token")

    async def _identity(self, id_token: str, access_token: str, nonce: str) -> Identity:
        """Return the identity in the tokens; keys that no longer fit are fetched again."""
        if (published := self._keys.fresh) is not None:
            with suppress(IdentityNotVerified):
                return read_identity(
                    id_token, access_token, published, self._region, nonce
                )
        response = await self._send("keys", "GET", self._region.jwks_url)
        if response.status != HTTPStatus.OK:
            raise _error(response)
        published = response.json()
        identity = read_identity(id_token, access_token, published, self._region, nonce)
        self._keys.store(published, response.headers)
        return identity

    async def _send(
        self,
        step: str,
        method: str,
        url: str | URL,
        headers: Mapping[str, str] | None = None,
        **request_kwargs: Any,
    ) -> TandemResponse:
        headers = {"Referer": self._region.sign_in_page, **(headers or {})}
        return await send(
            self._session,
            step,
            method,
            url,
            headers=headers,
            timeout_seconds=REQUEST_TIMEOUT_SECONDS,
            **request_kwargs,
        )

    async def _follow(self, step: str, url: URL) -> tuple[URL, TandemResponse]:
        """Get a page, following redirects between Tandem's own hosts, up to the callback."""
        for _ in range(MOST_REDIRECTS):
            response = await self._send(step, "GET", url)
            if response.status not in REDIRECTS:
                return url, response
            target = _target(url, response)
            if target is None or target.origin() not in self._origins:
                raise TandemChanged(step, "redirects elsewhere", status=response.status)
            if self._is_callback(target):
                return target, response
            url = target
        raise TandemChanged(step, "redirects without end")

    def _is_callback(self, url: URL) -> bool:
        return url.with_query(None).with_fragment(None) == URL(
            self._region.redirect_uri
        )


def _target(url: URL, response: TandemResponse) -> URL | None:
    """Return the target of a redirect, None where it is no address."""
    try:
        target = url.join(URL(response.headers.get("Location", "")))
        return target if target.origin() else None
    except ValueError:
        return None


def _error(response: TandemResponse) -> TandemError:
    """Return the error of a response that stops a sign-in; only a vanished address is a TandemChanged."""
    error = response.to_error()
    if isinstance(error, TandemBusy) or response.status == HTTPStatus.NOT_FOUND:
        return error
    return TandemBusy(response.step, error.reason, status=response.status)
