"""Run pump, Tandem Source, Nightscout and Home Assistant together."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import aiohttp

from .control import Control
from .home_assistant import (
    Api,
    HomeAssistant,
    RefusedError,
    add_dashboard,
    entities,
    ignore_installation_method,
    set_up,
)
from .life import Life
from .nightscout import SimulatedNightscout
from .phone import Phone
from .places import lasting_ports, local_time_zone, next_free
from .tandem import SimulatedTandem

PERSON = "demo"
EMAIL = "demo@example.org"
PASSWORD = "demo-password"
API_SECRET = "demo-api-secret"
HISTORY = timedelta(days=14)
FIRST_DAYS = 3
PORTS = {"Tandem Source": 8124, "Nightscout": 1337}


class Demo:
    """Home Assistant with a simulated pump, Tandem Source and Nightscout."""

    def __init__(self, folder: Path, *, port: int, upload_every: timedelta) -> None:
        """Let the pump live until now; all that is kept lies in the folder."""
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self._port = port
        self._upload_every = upload_every
        self._ports = lasting_ports(folder / "ports.json", PORTS)
        self._life = Life(
            folder / "pump.json", history=HISTORY, time_zone=local_time_zone()
        )
        self._tandem = SimulatedTandem()
        account = self._tandem.add_account(EMAIL, PASSWORD)
        self._phone = Phone(folder / "phone.json", account.add_pump(self._life.pump))
        self._nightscout = SimulatedNightscout(
            api_secret=API_SECRET, data_file=folder / "nightscout.json"
        )
        self._control = Control(folder / "control", self._ask)
        self._api: Api | None = None

    async def run(self) -> None:
        """Start everything, keep the pump alive, and stop everything in the end."""
        async with AsyncExitStack() as running:
            running.push_async_callback(self._tandem.stop)
            await self._tandem.start(port=self._ports["Tandem Source"])
            running.push_async_callback(self._nightscout.stop)
            await self._nightscout.start(port=self._ports["Nightscout"])

            print("Starting Home Assistant …", flush=True)
            home_assistant = HomeAssistant(
                self._folder / "home-assistant",
                time_zone=self._life.time_zone,
                environment={"TCONNECTSYNC_DEMO_URL": self._tandem.url},
            )
            running.push_async_callback(home_assistant.stop)
            running.callback(print, "Stopping …", flush=True)
            port = next_free(self._port)
            await home_assistant.start(port, username=PERSON, password=PERSON)
            self._api = await running.enter_async_context(
                Api(home_assistant.url, PERSON, PERSON)
            )
            await set_up(self._api, self._answers())
            await ignore_installation_method(self._api)
            await add_dashboard(
                self._api, {"Nightscout (simulated)": self._nightscout.url}
            )

            running.push_async_callback(self._control.stop)
            await self._control.start()
            self._say_where(home_assistant.url)
            async with asyncio.TaskGroup() as tasks:
                uploading = tasks.create_task(self._keep_uploading())
                while await home_assistant.ended():
                    await home_assistant.start(port, username=PERSON, password=PERSON)
                uploading.cancel()
            print(f"Home Assistant has ended; its last words: {home_assistant.output}")

    def _answers(self) -> dict[str, object]:
        """Return what a person would type into the forms."""
        return {
            "email": EMAIL,
            "password": PASSWORD,
            "region": "demo",
            "pump": "automatic",
            "pump_time_zone": self._life.time_zone,
            "nightscout_url": self._nightscout.url,
            "nightscout_secret": API_SECRET,
            "first_days": FIRST_DAYS,
            "connection": {"verify_ssl": True},
        }

    def _say_where(self, url: str) -> None:
        minutes = self._upload_every.total_seconds() / 60
        print(
            f"""
  Home Assistant  {url}   user {PERSON}, password {PERSON}
  Nightscout      {self._nightscout.url}   simulated; what the pump did arrives here
  The pump        uploads every {minutes:g} minutes, real ones about once an hour
  Elsewhere       scripts/demo alarm occlusion, scripts/demo offline 90, scripts/demo --help

Ctrl-C stops everything. The next start goes on from there; to begin anew, remove {self._folder}.
""",
            flush=True,
        )

    async def _keep_uploading(self) -> None:
        while True:
            wait = self._phone.until_next(self._upload_every)
            await asyncio.sleep(wait.total_seconds())
            self._life.live()
            await self._upload()

    async def _ask(self, command: str, argument: str) -> str:
        if command == "offline":
            self._life.live()
            answer = self._phone.go_offline(argument)
        else:
            answer = self._life.ask(command, argument)
        await self._upload()
        return answer

    async def _upload(self) -> None:
        """Upload, and have Home Assistant look at once instead of within five minutes."""
        if not self._phone.upload() or self._api is None:
            return
        try:
            known = await entities(self._api)
            await self._api.post(
                "services/homeassistant/update_entity",
                {"entity_id": known["insulin_on_board"]},
            )
        except aiohttp.ClientError, RefusedError, KeyError:
            return
