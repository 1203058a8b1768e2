"""A whole Home Assistant with simulated pumps behind it and a browser in front of it."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import shutil
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from demo.home_assistant import Api, HomeAssistant
from demo.home_assistant.set_up import DOMAIN, add_integration
from demo.places import next_free
from demo.pump import SimulatedPump
from demo.tandem import ListedPump, SimulatedTandem

PERSON = "demo"
PASSWORD = "a password"
TIME_ZONE = "Europe/Berlin"
FIRST_PORT = 8200
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1100, "height": 900}
WALL = {"width": 1280, "height": 800}


class NoBrowserError(Exception):
    """There is no Chromium on this machine."""


def chromium() -> str:
    """Return where the browser is."""
    for name in CHROMIUM:
        if path := shutil.which(name):
            return path
    raise NoBrowserError("Install Chromium, on Debian: apt-get install chromium")


@dataclass(slots=True)
class Wearer:
    """Somebody with an account and a pump."""

    email: str
    pump: SimulatedPump
    listed: ListedPump
    entry_id: str = ""
    device_id: str = ""

    def live(self, until: datetime | None = None) -> None:
        """Let the pump live on until an instant, or now, and upload."""
        self.pump.run_until(until or datetime.now(UTC))
        self.listed.upload(at=until)


class House:
    """Home Assistant, the people whose pumps it reads, and a browser."""

    def __init__(self, folder: Path) -> None:
        """Prepare; Home Assistant keeps its files in the folder."""
        self.tandem = SimulatedTandem()
        self.url = ""
        self.api: Api
        self._folder = folder
        self._port = next_free(FIRST_PORT)
        self._home_assistant: HomeAssistant
        self._browser: Browser
        self._context: BrowserContext | None = None
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
                executable_path=chromium(), args=["--no-sandbox"]
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
        """Stop Home Assistant and start it again."""
        await self._home_assistant.stop()
        await self._start()

    def add(self, email: str, lived: timedelta, *, seed: int = 1) -> Wearer:
        """Add somebody to Tandem Source whose pump began to live so long ago."""
        pump = SimulatedPump(
            start=datetime.now(UTC) - lived, time_zone=ZoneInfo(TIME_ZONE), seed=seed
        )
        account = self.tandem.add_account(email, PASSWORD)
        return Wearer(email, pump, account.add_pump(pump))

    async def set_up(self, wearer: Wearer) -> None:
        """Add somebody's account to Home Assistant through the forms."""
        answers = {
            "email": wearer.email,
            "password": PASSWORD,
            "region": "demo",
            "pump": "automatic",
            "pump_time_zone": TIME_ZONE,
            "connection": {"verify_ssl": True},
        }
        before = await self._entries()
        await add_integration(self.api, answers)
        (wearer.entry_id,) = await self._entries() - before
        devices = await self.api.command("config/device_registry/list")
        wearer.device_id = next(
            device["id"]
            for device in devices
            if wearer.entry_id in device["config_entries"]
        )

    async def _entries(self) -> set[str]:
        listed = await self.api.get(f"config/config_entries/entry?domain={DOMAIN}")
        return {entry["entry_id"] for entry in listed}

    async def entity(self, wearer: Wearer, key: str) -> str:
        """Return the id of somebody's entity by its translation key."""
        listed = await self.api.command("config/entity_registry/list")
        found: str = next(
            entity["entity_id"]
            for entity in listed
            if entity["device_id"] == wearer.device_id
            and entity["translation_key"] == key
        )
        return found

    async def look_now(self, wearer: Wearer) -> None:
        """Have Home Assistant ask Tandem at once."""
        entity = await self.entity(wearer, "last_event")
        await self.api.post(
            "services/homeassistant/update_entity", {"entity_id": entity}
        )

    async def dashboard(self, path: str, *cards: dict[str, Any], **view: Any) -> None:
        """Add a dashboard of one view with these cards."""
        await self.api.command(
            "lovelace/dashboards/create", url_path=path, title=path, mode="storage"
        )
        await self.api.command(
            "lovelace/config/save",
            url_path=path,
            config={"views": [{"title": path, "cards": list(cards), **view}]},
        )

    async def open(self, path: str, **options: Any) -> Page:
        """Open a page of Home Assistant in a new browser, signed in, in place of the last one."""
        if self._context:
            await self._context.close()
        usual = {"timezone_id": TIME_ZONE, "locale": "en-GB", "viewport": DESK}
        context = await self._browser.new_context(**usual | options)
        self._context = context
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
            f"localStorage.setItem('hassTokens', {json.dumps(tokens)})"
        )
        page = await context.new_page()
        await page.goto(f"{self.url}/{path}")
        await page.locator("#ha-launch-screen").wait_for(state="detached")
        return page
