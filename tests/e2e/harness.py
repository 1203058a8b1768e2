"""A complete Home Assistant with simulated pumps and a browser."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import json
import os
from pathlib import Path
import socket
from types import TracebackType
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

from playwright.async_api import (
    Browser,
    BrowserContext,
    Page,
    ViewportSize,
    async_playwright,
)

from demo.home_assistant import Api, HomeAssistant
from demo.home_assistant.set_up import DOMAIN, add_integration
from demo.pump import SimulatedPump
from demo.tandem import ListedPump, SimulatedTandem

from .console import watch
from .morning import midnight_before, zone_in_the_morning

PERSON = "demo"
PASSWORD = "a password"
TIME_ZONE = zone_in_the_morning(datetime.now(UTC))
CHROMIUM = "CHROMIUM"
"""The environment variable in which scripts/e2e passes the path of the browser."""
PATIENCE_SECONDS = 30
LOOK_AGAIN_SECONDS = 0.1
LOOKS_BACK_WITHIN_SECONDS = 90
"""Timeout for reading the last weeks, which is slow."""
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1100, "height": 900}
WALL: ViewportSize = {"width": 1280, "height": 800}
KEPT_BY_PAGES = "local_storage,session_storage,indexeddb"
"""Storage of Home Assistant's pages that is cleared; cached files are not part of it."""


def free_port() -> int:
    """Return an unused port, a different one for each concurrent caller."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(slots=True)
class Wearer:
    """A person with an account and a pump."""

    email: str
    pump: SimulatedPump
    listed: ListedPump
    entry_id: str = ""
    device_id: str = ""

    def live(self, until: datetime | None = None) -> None:
        """Run the pump until an instant, or now, and upload."""
        self.pump.run_until(until or datetime.now(UTC))
        self.listed.upload(at=until)


class Harness:
    """Home Assistant, the people whose pumps it reads, and a browser."""

    def __init__(self, folder: Path) -> None:
        """Prepare Home Assistant with its files in this folder."""
        self.tandem = SimulatedTandem()
        self.url = ""
        self.api: Api
        self.said: list[str] = []
        """Errors and warnings in the browser's console."""
        self._folder = folder
        self._wearers: list[Wearer] = []
        self._port = free_port()
        self._home_assistant: HomeAssistant
        self._browser: Browser
        self._contexts: dict[str, BrowserContext] = {}
        self._token = ""
        self._running = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Start everything and sign in."""
        async with AsyncExitStack() as starting:
            await self.tandem.start()
            starting.push_async_callback(self.tandem.stop)
            self._home_assistant = HomeAssistant(
                self._folder,
                time_zone=TIME_ZONE,
                environment={"TCONNECTSYNC_DEMO_URL": self.tandem.url},
            )
            starting.push_async_callback(self._home_assistant.stop)
            await self._start()
            self.api = await starting.enter_async_context(Api(self.url, PERSON, PERSON))
            self._token = await self.api.command(
                "auth/long_lived_access_token", client_name="browser", lifespan=1
            )
            playwright = await starting.enter_async_context(async_playwright())
            self._browser = await playwright.chromium.launch(
                executable_path=os.environ[CHROMIUM],
                args=["--no-sandbox", "--disable-dev-shm-usage"],
            )
            starting.push_async_callback(self._browser.close)
            self._running = starting.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop everything."""
        await self._running.aclose()

    async def _start(self) -> None:
        await self._home_assistant.start(self._port, username=PERSON, password=PERSON)
        self.url = self._home_assistant.url

    async def restart(self) -> None:
        """Stop Home Assistant and start it again; pages may report it as unavailable meanwhile."""
        before = len(self.said)
        await self._home_assistant.stop()
        await self._start()
        del self.said[before:]

    def add(self, email: str, lived: timedelta, *, seed: int = 1) -> Wearer:
        """Add a person to Tandem Source whose pump started this long ago."""
        pump = SimulatedPump(
            start=midnight_before(lived, TIME_ZONE),
            time_zone=ZoneInfo(TIME_ZONE),
            seed=seed,
            lucky=True,
        )
        account = self.tandem.add_account(email, PASSWORD)
        wearer = Wearer(email, pump, account.add_pump(pump))
        self._wearers.append(wearer)
        return wearer

    async def set_up(self, wearer: Wearer, **more: Any) -> None:
        """Add a person's account to Home Assistant through the forms."""
        answers = {
            "email": wearer.email,
            "password": PASSWORD,
            "region": "demo",
            "pump": "automatic",
            "pump_time_zone": TIME_ZONE,
            "connection": {"verify_ssl": True},
            **more,
        }
        await add_integration(self.api, answers)
        await self.recognise(wearer)

    async def recognise(self, wearer: Wearer) -> None:
        """Store a person's entry, the only one that belongs to no one else, and the device of the pump."""
        known = {wearer.entry_id for wearer in self._wearers}
        new = [one for one in await self.entries() if one["entry_id"] not in known]
        (wearer.entry_id,) = (entry["entry_id"] for entry in new)
        wearer.device_id = next(
            device["id"]
            for device in await self.devices(wearer)
            if device["entry_type"] != "service"
        )

    async def entries(self) -> list[dict[str, Any]]:
        """Return the integration's entries."""
        listed: list[dict[str, Any]] = await self.api.get(
            f"config/config_entries/entry?domain={DOMAIN}"
        )
        return listed

    async def until_loaded(self, wearer: Wearer) -> None:
        """Wait until a person's entry is loaded; raise TimeoutError if it is not."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while "loaded" not in [
                entry["state"]
                for entry in await self.entries()
                if entry["entry_id"] == wearer.entry_id
            ]:
                await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def until_on(self, entity: str) -> None:
        """Wait until an entity exists and is on; raise TimeoutError if it does not."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (entity, "on") not in [
                (one["entity_id"], one["state"]) for one in await self.api.get("states")
            ]:
                await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def until_written(self, wearer: Wearer, series: str, days: int) -> None:
        """Wait until the statistics of a person's pump cover this many days."""
        accounts = await self.api.command("tconnectsync/accounts")
        own = {one["device_id"]: one["statistics"] for one in accounts}
        name = f"{own[wearer.device_id]}_{series}"
        message = {
            "start_time": (datetime.now(UTC) - timedelta(days=days)).isoformat(),
            "statistic_ids": [name],
            "period": "day",
        }
        kind = "recorder/statistics_during_period"
        async with asyncio.timeout(LOOKS_BACK_WITHIN_SECONDS):
            while days > len((await self.api.command(kind, **message)).get(name, [])):
                await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def until_recorded(self, entity: str, count: int) -> None:
        """Wait until this many states are in the history, which the recorder writes now and then."""
        path = f"history/period?filter_entity_id={entity}"
        async with asyncio.timeout(PATIENCE_SECONDS):
            while count > len(next(iter(await self.api.get(path)), [])):
                await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def devices(self, wearer: Wearer) -> list[dict[str, Any]]:
        """Return the devices of a person's entry."""
        return [
            device
            for device in await self.api.command("config/device_registry/list")
            if wearer.entry_id in device["config_entries"]
        ]

    def kept(self) -> list[Path]:
        """Return the files that the integration stores."""
        storage = self._folder / ".storage" / DOMAIN
        return sorted(path for path in storage.rglob("*") if path.is_file())

    async def entity(self, wearer: Wearer, key: str) -> str:
        """Return the id of a person's entity by its translation key."""
        listed = await self.api.command("config/entity_registry/list")
        found: str = next(
            entity["entity_id"]
            for entity in listed
            if entity["device_id"] == wearer.device_id
            and entity["translation_key"] == key
        )
        return found

    async def look_now(self, wearer: Wearer) -> None:
        """Have Home Assistant poll Tandem at once."""
        entity = await self.entity(wearer, "last_event")
        await self.api.post(
            "services/homeassistant/update_entity", {"entity_id": entity}
        )

    async def dashboard(self, url: str, *cards: dict[str, Any], **view: Any) -> None:
        """Add a dashboard with one view of these cards."""
        await self.api.command(
            "lovelace/dashboards/create", url_path=url, title=url, mode="storage"
        )
        await self.api.command(
            "lovelace/config/save",
            url_path=url,
            config={"views": [{"title": url, "cards": list(cards), **view}]},
        )

    async def strategy_dashboard(self, url: str) -> None:
        """Add the integration's own dashboard, as the dialog of dashboards does."""
        await self.api.command(
            "lovelace/dashboards/create", url_path=url, title=url, mode="storage"
        )
        await self.api.command(
            "lovelace/config/save",
            url_path=url,
            config={"strategy": {"type": "custom:tconnectsync"}},
        )

    async def open(
        self,
        path: str,
        *,
        viewport: ViewportSize = DESK,
        color_scheme: Literal["dark", "light"] = "light",
        **options: Any,
    ) -> Page:
        """Open a page of Home Assistant, signed in, in place of the last one.

        Storage of the last page is cleared, but the browser's cache stays: loading all of Home
        Assistant's pages again would take longer than most tests.
        """
        for context in self._contexts.values():
            for page in context.pages:
                await page.close()
        name = json.dumps(options, sort_keys=True)
        if name not in self._contexts:
            self._contexts[name] = await self._signed_in(options)
        page = await self._contexts[name].new_page()
        await page.set_viewport_size(viewport)
        await page.emulate_media(color_scheme=color_scheme)
        session = await page.context.new_cdp_session(page)
        forget = {"origin": self.url, "storageTypes": KEPT_BY_PAGES}
        await session.send("Storage.clearDataForOrigin", forget)
        await session.detach()
        watch(page, self.said)
        await page.goto(f"{self.url}/{path}")
        await page.locator("#ha-launch-screen").wait_for(state="detached")
        return page

    async def _signed_in(self, options: dict[str, Any]) -> BrowserContext:
        """Return a separate browser context, signed in to Home Assistant."""
        usual = {
            "timezone_id": TIME_ZONE,
            "locale": "en-GB",
            "reduced_motion": "reduce",
        }
        context = await self._browser.new_context(**usual | options)
        tokens = json.dumps(
            {
                "access_token": self._token,
                "token_type": "Bearer",
                "expires_in": 86400,
                "hassUrl": self.url,
                "clientId": f"{self.url}/",
                "expires": (datetime.now(UTC).timestamp() + 86400) * 1000,
                "refresh_token": "",
            }
        )
        await context.add_init_script(
            "delete Navigator.prototype.serviceWorker;"
            f"localStorage.setItem('hassTokens', {json.dumps(tokens)});"
            "localStorage.setItem('dockedSidebar', '\"always_hidden\"')"
        )
        return context
