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
from .life import SEEDS, Life
from .live_glucose import EVERY_SECONDS, LIVE_GLUCOSE, live_state
from .nightscout import SimulatedNightscout
from .phone import Phone
from .places import lasting_ports, local_time_zone, next_free
from .tandem import SimulatedTandem

PERSON = "demo"
EMAILS = ("demo@example.org", "second@example.org")
PASSWORD = "demo-password"
API_SECRET = "demo-api-secret"
HISTORY = timedelta(days=14)
FIRST_DAYS = 3
PORTS = {"Tandem Source": 8124, "Nightscout": 1337}


class Demo:
    """Home Assistant with a simulated pump, Tandem Source and Nightscout."""

    def __init__(
        self, folder: Path, *, port: int, upload_every: timedelta, accounts: int = 1
    ) -> None:
        """Run each account's pump up to now; all stored data is in the folder."""
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self._port = port
        self._upload_every = upload_every
        self._ports = lasting_ports(folder / "ports.json", PORTS)
        self._tandem = SimulatedTandem()
        self._people = [
            self._person(folder, number, email, seed)
            for number, (email, seed) in enumerate(
                zip(EMAILS[:accounts], SEEDS, strict=False), 1
            )
        ]
        self._life, self._phone = self._people[0]
        self._nightscout = SimulatedNightscout(
            api_secret=API_SECRET, data_file=folder / "nightscout.json"
        )
        self._control = Control(folder / "control", self._ask)
        self._api: Api | None = None
        self._entries: list[str] = []

    def _person(
        self, folder: Path, number: int, email: str, seed: int
    ) -> tuple[Life, Phone]:
        """Return the life and the phone of an account's owner."""
        which = "" if number == 1 else f"-{number}"
        life = Life(
            folder / f"pump{which}.json",
            history=HISTORY,
            time_zone=local_time_zone(),
            seed=seed,
        )
        listed = self._tandem.add_account(email, PASSWORD).add_pump(life.pump)
        return life, Phone(folder / f"phone{which}.json", listed)

    async def run(self) -> None:
        """Start everything, run the pump, and stop everything in the end."""
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
            self._entries = await set_up(self._api, *self._answers())
            await ignore_installation_method(self._api)
            await self._measure()
            await add_dashboard(
                self._api,
                self._entries,
                {"Nightscout (simulated)": self._nightscout.url},
                live_glucose=LIVE_GLUCOSE,
            )

            running.push_async_callback(self._control.stop)
            await self._control.start()
            self._say_where(home_assistant.url)
            async with asyncio.TaskGroup() as tasks:
                uploading = tasks.create_task(self._keep_uploading())
                measuring = tasks.create_task(self._keep_measuring())
                while await home_assistant.ended():
                    await home_assistant.start(port, username=PERSON, password=PERSON)
                uploading.cancel()
                measuring.cancel()
            print(f"Home Assistant has ended; its last words: {home_assistant.output}")

    def _answers(self) -> list[dict[str, object]]:
        """Return the form input of each person; only the first has a Nightscout."""
        nightscout = {
            "nightscout_url": self._nightscout.url,
            "nightscout_secret": API_SECRET,
            "first_days": FIRST_DAYS,
        }
        return [
            {
                "email": email,
                "password": PASSWORD,
                "region": "demo",
                "pump": "automatic",
                "pump_time_zone": life.time_zone,
                "connection": {"verify_ssl": True},
                **(nightscout if life is self._life else {}),
            }
            for email, (life, _) in zip(EMAILS, self._people, strict=False)
        ]

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
            for life, _ in self._people:
                life.live()
            await self._upload()

    async def _keep_measuring(self) -> None:
        """Publish the live sensor's readings, as a sensor's own app would."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            self._life.live()
            await self._measure()

    async def _measure(self) -> None:
        state = live_state(self._life.pump)
        if self._api is None or state is None:
            return
        try:
            await self._api.post(f"states/{LIVE_GLUCOSE}", state)
        except aiohttp.ClientError, RefusedError:
            return

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
        uploaded = [phone.upload() for _, phone in self._people]
        if not any(uploaded) or self._api is None:
            return
        try:
            for entry in self._entries:
                known = await entities(self._api, entry)
                await self._api.post(
                    "services/homeassistant/update_entity",
                    {"entity_id": known["insulin_on_board"]},
                )
        except aiohttp.ClientError, RefusedError, KeyError:
            return
