"""Call Home Assistant as a browser does, signed in with a password."""

import asyncio
import time
from types import TracebackType
from typing import Any, Self

import aiohttp

REFRESH_SECONDS = 1200
"""A token serves for half an hour."""


class RefusedError(Exception):
    """Home Assistant refused a request; the text is its own."""


class Api:
    """A person signed in to a Home Assistant."""

    def __init__(self, url: str, username: str, password: str) -> None:
        """Note where and who; nothing is sent before entering the context."""
        self.url = url
        self._who = {"username": username, "password": password}
        self._client = {"client_id": f"{url}/"}
        self._session = aiohttp.ClientSession()
        self._headers: dict[str, str] = {}
        self._refresh_token = ""
        self._refresh_at = 0.0

    async def __aenter__(self) -> Self:
        """Sign in."""
        try:
            await self._sign_in()
        except BaseException:
            await self._session.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave."""
        await self._session.close()

    async def get(self, path: str) -> Any:
        """Return the response of /api/…."""
        await self._refresh()
        return await self._request("GET", f"/api/{path}")

    async def post(self, path: str, data: dict[str, Any]) -> Any:
        """Send something to /api/… and return the answer."""
        await self._refresh()
        return await self._request("POST", f"/api/{path}", json=data)

    async def command(self, kind: str, **details: Any) -> Any:
        """Send a message over the websocket and return its result."""
        await self._refresh()
        token = self._headers["Authorization"].removeprefix("Bearer ")
        async with self._session.ws_connect(f"{self.url}/api/websocket") as websocket:
            await websocket.receive_json()
            await websocket.send_json({"type": "auth", "access_token": token})
            await websocket.receive_json()
            await websocket.send_json({"id": 1, "type": kind, **details})
            answer = await websocket.receive_json()
        if not answer["success"]:
            raise RefusedError(f"{kind}: {answer['error']['message']}")
        return answer["result"]

    async def until_running(self) -> None:
        """Wait until Home Assistant has started."""
        while (await self.get("config"))["state"] != "RUNNING":
            await asyncio.sleep(0.5)

    async def _sign_in(self) -> None:
        flow = await self._request(
            "POST",
            "/auth/login_flow",
            json={
                **self._client,
                "handler": ["homeassistant", None],
                "redirect_uri": f"{self.url}/",
            },
        )
        done = await self._request(
            "POST",
            f"/auth/login_flow/{flow['flow_id']}",
            json={**self._client, **self._who},
        )
        if done["type"] != "create_entry":
            raise RefusedError(f"sign-in: {done['errors']}")
        await self._token(grant_type="authorization_code", code=done["result"])

    async def _refresh(self) -> None:
        if time.monotonic() > self._refresh_at:
            await self._token(
                grant_type="refresh_token", refresh_token=self._refresh_token
            )

    async def _token(self, **grant: str) -> None:
        self._headers = {}
        answer = await self._request(
            "POST", "/auth/token", data={**self._client, **grant}
        )
        self._headers = {"Authorization": f"Bearer {answer['access_token']}"}
        self._refresh_token = answer.get("refresh_token", self._refresh_token)
        self._refresh_at = time.monotonic() + REFRESH_SECONDS

    async def _request(self, method: str, path: str, **content: Any) -> Any:
        async with self._session.request(
            method, f"{self.url}{path}", headers=self._headers, **content
        ) as answer:
            if not answer.ok:
                text = await answer.text()
                raise RefusedError(f"{path}: {answer.status} {text}")
            return await answer.json()
