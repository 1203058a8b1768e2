"""A phone with Home Assistant's app: it registers as the app does, and stores its push messages."""

import asyncio
from typing import Any, override

from aiohttp import web

from demo.home_assistant import Api
from demo.loopback_server import LoopbackServer

PATIENCE_SECONDS = 60
LOOK_AGAIN_SECONDS = 0.2


class Companion(LoopbackServer):
    """A phone, and the service that pushes to it."""

    def __init__(self) -> None:
        """Start without push messages."""
        super().__init__()
        self.pushed: list[dict[str, Any]] = []
        self._came = asyncio.Condition()

    @override
    def _application(self) -> web.Application:
        application = web.Application()
        application.router.add_post("/push", self._push)
        return application

    async def _push(self, request: web.Request) -> web.Response:
        async with self._came:
            self.pushed.append(await request.json())
            self._came.notify_all()
        return web.json_response({}, status=201)

    async def register(self, api: Api, name: str) -> str:
        """Register with Home Assistant and return the phone's device."""
        await api.post(
            "mobile_app/registrations",
            {
                "app_id": "org.example.companion",
                "app_name": "Companion",
                "app_version": "1",
                "device_id": name,
                "device_name": name,
                "manufacturer": "Example",
                "model": "Phone",
                "os_name": "Android",
                "os_version": "16",
                "supports_encryption": False,
                "app_data": {"push_token": "a token", "push_url": f"{self.url}/push"},
            },
        )
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                for device in await api.command("config/device_registry/list"):
                    if device["name"] == name:
                        return str(device["id"])
                await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def shows(self, tag: str, words: str) -> dict[str, Any]:
        """Return the notification with a tag once it contains these words; raise TimeoutError if it never does.

        A later notification with the same tag replaces an earlier one.
        """
        async with asyncio.timeout(PATIENCE_SECONDS), self._came:
            while True:
                tagged = [
                    one for one in self.pushed if one.get("data", {}).get("tag") == tag
                ]
                if tagged and words in tagged[-1]["message"]:
                    return tagged[-1]
                await self._came.wait()
