"""A simulated Nightscout for a test, and a client that sends requests to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from typing import Any

import aiohttp
import pytest

from demo.nightscout import SimulatedNightscout

SECRET = "a secret of the tests"
BOTH_VERSIONS = pytest.mark.parametrize("version", ["15.0.6", "15.0.7"])


def secret_header(secret: str = SECRET) -> dict[str, str]:
    """Return the header with the API secret."""
    return {"api-secret": sha1(secret.encode()).hexdigest()}


def ago(**elapsed: float) -> str:
    """Return a time in the past, in UTC with milliseconds, as Nightscout writes it."""
    moment = datetime.now(UTC) - timedelta(**elapsed)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def treatment(created_at: str | None = None, **fields: Any) -> dict[str, Any]:
    """Return a note of an hour ago with these changes."""
    note = {
        "eventType": "Note",
        "created_at": created_at or ago(hours=1),
        "enteredBy": "test",
    }
    return note | fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """A client with a session at one Nightscout."""

    server: SimulatedNightscout
    session: aiohttp.ClientSession

    async def ask(self, method: str, path: str, **request: Any) -> tuple[int, Any]:
        """Return status and JSON of an answer."""
        async with self.session.request(method, path, **request) as response:
            return response.status, await response.json()

    async def get(self, path: str, **query: str) -> Any:
        """Return the JSON of a successful GET below /api/v1."""
        status, answer = await self.ask("GET", f"/api/v1/{path}", params=query)
        assert status == 200
        return answer

    async def find(self, collection: str, **conditions: str) -> Any:
        """Return the result of a find[…] query."""
        query = {f"find[{name}]": value for name, value in conditions.items()}
        return await self.get(collection, **query)

    async def post(self, collection: str, document: Any) -> Any:
        """Return the JSON of a successful POST."""
        status, answer = await self.ask("POST", f"/api/v1/{collection}", json=document)
        assert status == 200
        return answer


@asynccontextmanager
async def nightscout_site(
    *, headers: dict[str, str] | None = None, **options: Any
) -> AsyncIterator[Asker]:
    """Run a simulated Nightscout; use the API secret, or other headers."""
    options.setdefault("refusal_delay", 0.0)
    server = SimulatedNightscout(api_secret=SECRET, **options)
    await server.start()
    try:
        async with aiohttp.ClientSession(
            server.url, headers=secret_header() if headers is None else headers
        ) as session:
            yield Asker(server=server, session=session)
    finally:
        await server.stop()
