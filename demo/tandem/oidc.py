"""Sign people in as Tandem's accounts service does: OpenID Connect code flow with PKCE."""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
import json
import secrets
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
import jwt

from .account import Account
from .region import Region

LEAST_SCOPE = {"openid", "profile", "email"}
CODE_LIFETIME = timedelta(minutes=5)
PAGE_COOKIE = "sso-page"
SESSION_COOKIE = "idsrv.session"


@cache
def signing_key(key_id: str) -> rsa.RSAPrivateKey:
    """Return the private key of a key id, made once a process because making one is slow."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(slots=True, kw_only=True)
class Grant:
    """A code that was handed out and can be turned into tokens once."""

    account: Account
    challenge: str
    nonce: str
    until: datetime


@dataclass(slots=True, kw_only=True)
class SignIn:
    """The accounts service of one region: pages, codes, tokens and keys."""

    region: Region
    accounts: Mapping[str, Account]
    now: Callable[[], datetime]
    token_lifetime: timedelta
    demands_browser: bool = False
    """Whether only requests like those of a browser are served: Origin, ClientId, state and nonce."""
    keys_last: timedelta = timedelta(hours=24)
    key_id: str = "simulated-1"
    refusal_status: int = 401
    sign_ins: int = 0
    refused: int = 0
    pages: set[str] = field(default_factory=set)
    sessions: dict[str, Account] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    tokens: dict[str, tuple[Account, datetime]] = field(default_factory=dict)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of sign-in page, login, authorize, token and keys."""
        accounts = self.region.path(self.region.accounts)
        keys = f"{accounts}/.well-known/openid-configuration"
        return [
            web.get(self.region.path(self.region.sign_in_page), self.page),
            web.post(f"{accounts}/login", self.login),
            web.get(f"{accounts}/connect/authorize", self.authorize),
            web.post(f"{accounts}/connect/token", self.token),
            web.get(f"{keys}/jwks", self.keys),
            web.get(keys, self.configuration),
            web.get(self.region.path(self.region.redirect_uri), self.callback),
        ]

    def account_of(self, authorization: str | None) -> Account | None:
        """Return the account of a bearer token that has not expired."""
        token = (authorization or "").removeprefix("Bearer ")
        account, until = self.tokens.get(token, (None, None))
        return account if until and self.now() < until else None

    def expire_tokens(self) -> None:
        """Let every access token handed out so far be refused."""
        self.tokens.clear()

    def end_sessions(self) -> None:
        """Forget every visitor, so that the next one has to enter a password."""
        self.sessions.clear()

    def rotate_keys(self) -> None:
        """Sign from now on with another key, published in place of the old one."""
        self.key_id = f"simulated-{int(self.key_id.rpartition('-')[2]) + 1}"

    async def page(self, request: web.Request) -> web.Response:
        """Answer with the sign-in page, whose cookie the login requires."""
        response = web.Response(
            text="<html><title>Sign in</title></html>", content_type="text/html"
        )
        if request.headers.get("Host") == self.region.host(self.region.sign_in_page):
            visit = secrets.token_urlsafe(16)
            self.pages.add(visit)
            self._set_cookie(response, PAGE_COOKIE, visit)
        return response

    async def login(self, request: web.Request) -> web.Response:
        """Check email and password; only a visitor with the cookie of the page is let in."""
        if request.headers.get("Referer") != self.region.sign_in_page:
            return blocked()
        if self.demands_browser and not self._comes_from_the_page(request):
            return blocked()
        if request.cookies.get(PAGE_COOKIE) not in self.pages:
            return web.json_response({"message": "Missing sign-in session"}, status=400)
        if request.content_type != "application/json":
            return web.json_response({"message": "Unsupported media type"}, status=415)
        try:
            credentials = await request.json()
            account = self.accounts.get(str(credentials["username"]).lower())
            right = account is not None and credentials["password"] == account.password
        except ValueError, KeyError, TypeError:
            return web.json_response({"message": "Bad request"}, status=400)
        if account is None or not right:
            self.refused += 1
            refusal = {"status": "FAILED", "message": "Invalid username or password"}
            return web.json_response(refusal, status=self.refusal_status)
        self.sign_ins += 1
        session = secrets.token_urlsafe(16)
        self.sessions[session] = account
        response = web.json_response({"redirectUrl": "/", "status": "SUCCESS"})
        self._set_cookie(response, SESSION_COOKIE, session)
        return response

    def _comes_from_the_page(self, request: web.Request) -> bool:
        """Tell whether a login carries the headers of the sign-in page's own script."""
        origin = self.region.sign_in_page.rstrip("/")
        client_id = self.region.login_client_id
        return request.headers.get("Origin") == origin and (
            client_id is None or request.headers.get("ClientId") == client_id
        )

    async def authorize(self, request: web.Request) -> web.Response:
        """Redirect a signed-in visitor back to the web application with a code."""
        query = request.query
        wanted = {
            "client_id": self.region.client_id,
            "response_type": "code",
            "redirect_uri": self.region.redirect_uri,
            "code_challenge_method": "S256",
        }
        if self.demands_browser:
            wanted |= {"scope": self.region.scope, "response_mode": "query"}
        challenge = query.get("code_challenge", "")
        state, nonce = query.get("state", ""), query.get("nonce", "")
        if (
            any(query.get(key) != value for key, value in wanted.items())
            or len(challenge) != 43
            or not set(query.get("scope", "").split()) >= LEAST_SCOPE
            or (self.demands_browser and not (state and nonce))
        ):
            return web.Response(
                text="<html>Error: invalid_request</html>",
                status=400,
                content_type="text/html",
            )
        account = self.sessions.get(request.cookies.get(SESSION_COOKIE, ""))
        if account is None:
            raise web.HTTPFound(
                f"{self.region.sign_in_page}?{urlencode({'ReturnUrl': str(request.rel_url)})}"
            )
        code = secrets.token_urlsafe(24)
        self.grants[code] = Grant(
            account=account,
            challenge=challenge,
            nonce=nonce,
            until=self.now() + CODE_LIFETIME,
        )
        answer = {
            "code": code,
            "scope": self.region.scope,
            "session_state": secrets.token_urlsafe(12),
            **({"state": state} if state else {}),
        }
        raise web.HTTPFound(f"{self.region.redirect_uri}?{urlencode(answer)}")

    async def callback(self, request: web.Request) -> web.Response:
        """Answer with the web application's own page after a sign-in."""
        return web.Response(
            text="<html><title>Tandem Source</title></html>", content_type="text/html"
        )

    async def token(self, request: web.Request) -> web.Response:
        """Turn a code into tokens, once, for who knows its verifier."""
        if request.content_type != "application/x-www-form-urlencoded":
            return web.json_response({"error": "invalid_request"}, status=400)
        form = await request.post()
        if form.get("grant_type") != "authorization_code":
            return web.json_response({"error": "unsupported_grant_type"}, status=400)
        if form.get("client_id") != self.region.client_id:
            return web.json_response({"error": "invalid_client"}, status=400)
        grant = self.grants.pop(str(form.get("code", "")), None)
        verifier = str(form.get("code_verifier", ""))
        if (
            grant is None
            or self.now() >= grant.until
            or form.get("redirect_uri") != self.region.redirect_uri
            or not 43 <= len(verifier) <= 128
            or urlsafe_b64encode(sha256(verifier.encode()).digest())
            .decode()
            .rstrip("=")
            != grant.challenge
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        access_token = self.access_token(grant.account)
        self.tokens[access_token] = (grant.account, self.now() + self.token_lifetime)
        answer = {
            "id_token": self.id_token(grant.account, grant.nonce),
            "access_token": access_token,
            "expires_in": int(self.token_lifetime.total_seconds()),
            "token_type": "Bearer",
            "scope": self.region.scope,
        }
        return web.json_response(answer, headers={"Cache-Control": "no-store"})

    def access_token(self, account: Account) -> str:
        """Return leave to read: a signed one where it has to say whose pumps, else a word."""
        if account.names_persons_in != "access_token":
            return secrets.token_urlsafe(32)
        issued = int(self.now().timestamp())
        claims = {
            "iss": self.region.accounts,
            "aud": f"{self.region.accounts}/resources",
            "exp": issued + int(self.token_lifetime.total_seconds()),
            "jti": secrets.token_urlsafe(12),
            "tandem_roles": [account.role],
            **_persons("tandem_pumper_id", account.named_ids),
        }
        return jwt.encode(
            claims, signing_key(self.key_id), "RS256", {"kid": self.key_id}
        )

    def id_token(self, account: Account, nonce: str) -> str:
        """Return a signed id token of the account, with the nonce of the request."""
        issued = int(self.now().timestamp())
        claims: dict[str, Any] = {
            "iss": self.region.accounts,
            "aud": self.region.client_id,
            "nbf": issued,
            "iat": issued,
            "exp": issued + int(self.token_lifetime.total_seconds()),
            "auth_time": issued,
            "amr": ["pwd"],
            "idp": "local",
            "sub": account.account_id,
            "accountId": account.account_id,
            **(
                _persons("pumperId", account.named_ids)
                if account.names_persons_in != "access_token"
                else {}
            ),
            "email": account.email,
            "email_verified": True,
            "name": account.name,
            "given_name": account.first_name,
            "family_name": account.last_name,
            "preferred_username": account.email,
            **({"nonce": nonce} if nonce else {}),
        }
        return jwt.encode(
            claims, signing_key(self.key_id), "RS256", {"kid": self.key_id}
        )

    async def keys(self, request: web.Request) -> web.Response:
        """Answer with the public keys id tokens are signed with."""
        public = json.loads(
            jwt.algorithms.RSAAlgorithm.to_jwk(signing_key(self.key_id).public_key())
        )
        public |= {"kid": self.key_id, "use": "sig", "alg": "RS256"}
        public.pop("key_ops", None)
        return web.json_response(
            {"keys": [public]},
            headers={"Cache-Control": f"max-age={self.keys_last.total_seconds():.0f}"},
        )

    async def configuration(self, request: web.Request) -> web.Response:
        """Answer with the OpenID configuration."""
        accounts = self.region.accounts
        return web.json_response(
            {
                "issuer": accounts,
                "authorization_endpoint": f"{accounts}/connect/authorize",
                "token_endpoint": f"{accounts}/connect/token",
                "jwks_uri": f"{accounts}/.well-known/openid-configuration/jwks",
                "code_challenge_methods_supported": ["S256"],
            }
        )

    def _set_cookie(self, response: web.Response, name: str, value: str) -> None:
        """Set a cookie for the complete service, as the region's hosts share one domain."""
        secure = self.region.sign_in_page.startswith("https:")
        response.set_cookie(
            name,
            value,
            domain=self.region.cookie_domain,
            httponly=True,
            secure=secure,
            samesite="Lax",
        )


def _persons(claim: str, pumper_ids: list[str]) -> dict[str, Any]:
    """Return a claim as tokens carry it: nothing, one word, or several in a list."""
    match pumper_ids:
        case []:
            return {}
        case [only]:
            return {claim: only}
        case _:
            return {claim: pumper_ids}


def blocked() -> web.Response:
    """Return the firewall's page for requests that do not look like the web application's."""
    return web.Response(
        text="<html><body><h2>The request is blocked.</h2></body></html>",
        status=403,
        content_type="text/html",
    )
