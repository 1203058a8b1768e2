"""A client that signs in to the simulated Tandem Source and reads it as the web application does."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp

from demo.tandem import SimulatedTandem

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
VERIFIER = "v" * 64
SCOPE = "openid profile email"


def challenge(verifier: str = VERIFIER) -> str:
    """Return the S256 challenge of a verifier."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


class WebApplication:
    """One browser that uses the simulated service."""

    def __init__(self, session: aiohttp.ClientSession, tandem: SimulatedTandem) -> None:
        """Open a browser without cookies."""
        self.session = session
        self.tandem = tandem
        self.region = tandem.region
        self.tokens: dict[str, Any] = {}

    async def visit(self) -> None:
        """Open the sign-in page."""
        async with self.session.get(self.region.sign_in_page) as response:
            assert response.status == 200

    async def login(
        self, email: str, password: str, referer: str | None = None
    ) -> tuple[int, Any]:
        """Post email and password."""
        headers = {"Referer": self.region.sign_in_page if referer is None else referer}
        credentials = {"username": email, "password": password}
        async with self.session.post(
            f"{self.region.accounts}/login",
            json=credentials,
            headers=headers,
            allow_redirects=False,
        ) as response:
            is_json = response.content_type == "application/json"
            return response.status, await (
                response.json() if is_json else response.text()
            )

    async def authorize(self, **changes: str) -> tuple[int, str | None]:
        """Request a code; return status and code."""
        query = {
            "client_id": self.region.client_id,
            "response_type": "code",
            "scope": SCOPE,
            "redirect_uri": self.region.redirect_uri,
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
        } | changes
        async with self.session.get(
            f"{self.region.accounts}/connect/authorize", params=query
        ) as response:
            return response.status, parse_qs(urlsplit(str(response.url)).query).get(
                "code", [None]
            )[0]

    async def token(self, code: str, **changes: str) -> tuple[int, dict[str, Any]]:
        """Exchange a code for tokens."""
        form = {
            "grant_type": "authorization_code",
            "client_id": self.region.client_id,
            "code": code,
            "redirect_uri": self.region.redirect_uri,
            "code_verifier": VERIFIER,
        } | changes
        async with self.session.post(
            f"{self.region.accounts}/connect/token", data=form
        ) as response:
            return response.status, await response.json()

    async def sign_in(self, email: str, password: str) -> None:
        """Run all steps from the page to the tokens."""
        await self.visit()
        assert (await self.login(email, password))[0] == 200
        _, code = await self.authorize()
        assert code is not None
        _, self.tokens = await self.token(code)

    def headers(self) -> dict[str, str]:
        """Return the headers of a data request."""
        return {
            "Authorization": f"Bearer {self.tokens['access_token']}",
            "Origin": self.region.source.rstrip("/"),
            "Referer": self.region.source,
            "User-Agent": BROWSER,
            "Accept": "application/json",
        }

    async def get(
        self, path: str, query: Any = None, **headers: str
    ) -> tuple[int, Any]:
        """Read data."""
        url = f"{self.region.source}api/reports/bff/{path}"
        async with self.session.get(
            url, params=query, headers=self.headers() | headers
        ) as response:
            is_json = response.content_type == "application/json"
            return response.status, await (
                response.json() if is_json else response.text()
            )

    async def pumper(self, pumper_id: str) -> dict[str, Any]:
        """Read the list of pumps."""
        status, answer = await self.get(f"pumper/{pumper_id}")
        assert status == 200
        return dict(answer)

    async def logs(
        self, assignment_id: str, pumper_id: str, first: str, last: str
    ) -> dict[str, Any]:
        """Read the events of some days."""
        query = {
            "pumperId": pumper_id,
            "startDate": f"{first}T00:00:00Z",
            "endDate": f"{last}T23:59:59Z",
        }
        status, answer = await self.get(f"pump-logs/{assignment_id}", query)
        assert status == 200
        return dict(answer)
