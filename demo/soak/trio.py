"""Start, kill, ask and bring to rest Home Assistant and both services together."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
import sqlite3
import time
from typing import Any

from demo.home_assistant import set_up
from demo.places import next_free

from .counts import HOME_ASSISTANT, LOCKED, Counts
from .damage import damage_a_file, date_back, lock_database
from .features import EVERY_DAY, choose_everything, send_from
from .month import EMAIL, PASSWORD, TIME_ZONE
from .processes import UNREACHABLE, RealHomeAssistant, Service
from .service import API_SECRET

LONGEST_ASK = 90
SETTLED_SECONDS = 15
SETTLE_SECONDS = 600
LONGEST_PAUSE = 600
"""So long may it wait, as it does by itself after errors, until it reads and sends again."""


class Trio:
    """Home Assistant between the two services."""

    def __init__(
        self, folder: Path, first_port: int, month: dict[str, Any], version: str
    ) -> None:
        """Prepare them in a folder of their own."""
        self.folder = folder
        self.folder.mkdir(parents=True)
        ports: list[int] = []
        for _ in range(5):
            ports.append(next_free(max([first_port, *ports]) + 1))
        self.logs = {
            part: self.folder / f"{part}.log"
            for part in ("tandem", "nightscout", "home-assistant")
        }
        self.tandem = Service(
            "tandem", self.logs["tandem"], ports[0], ports[1], **month
        )
        self.nightscout = Service(
            "nightscout",
            self.logs["nightscout"],
            ports[2],
            ports[3],
            version=version,
            data_file=self.folder / "nightscout.json",
        )
        self.home_assistant = RealHomeAssistant(
            self.folder / "home-assistant",
            self.logs["home-assistant"],
            ports[4],
            self.tandem,
        )
        self.services = {one.name: one for one in (self.tandem, self.nightscout)}
        self.counts = Counts()
        self._uploaded = 0

    async def start(
        self, first_days: int, uploaded: int = 0, *, everything: bool
    ) -> None:
        """Start all and set the account up as a person would."""
        await self.tandem.start()
        await self.nightscout.start()
        await self.upload(uploaded)
        await self.home_assistant.start()
        async with self.home_assistant.api() as api:
            await set_up(
                api,
                {
                    "email": EMAIL,
                    "password": PASSWORD,
                    "region": "demo",
                    "pump": "automatic",
                    "pump_time_zone": TIME_ZONE,
                    "nightscout_url": self.nightscout.url,
                    "nightscout_secret": API_SECRET,
                    "first_days": first_days,
                    "connection": {"verify_ssl": True},
                },
            )
        await self.home_assistant.wait_for_kept()
        if everything:
            await self._forward_everything(first_days)

    async def _forward_everything(self, first_days: int) -> None:
        """Enable all features, and send them from the first day of the others."""
        async with self.home_assistant.api() as api:
            await choose_everything(api)
            await self.home_assistant.wait_for_chosen(EVERY_DAY)
            today = datetime.now(UTC).date()
            await send_from(api, today - timedelta(days=first_days), today)

    async def upload(self, number: int) -> None:
        """Have everything up to an upload delivered."""
        self._uploaded = number
        await self.tandem.ask("upload", number=number)

    async def ask_home_assistant(self) -> bool:
        """Let it read and send new data; return whether that worked: it may fail, and Home Assistant may be down."""
        self.counts.asked += 1
        try:
            async with asyncio.timeout(LONGEST_ASK), self.home_assistant.api() as api:
                await api.post("services/tconnectsync/sync", {})
        except UNREACHABLE:
            self.counts.failed += 1
            return False
        return True

    async def heal(self, *, everything: bool = False) -> None:
        """End the faults of both services but those that are still to be met, unless all are to end."""
        for service in self.services.values():
            await service.ask("heal", all=everything)

    async def recover(self) -> None:
        """Have it read and send without anything going wrong any more; raise TimeoutError where it never does."""
        async with asyncio.timeout(LONGEST_PAUSE):
            while not await self.ask_home_assistant():
                await asyncio.sleep(1)

    async def kill(self, name: str) -> None:
        """Kill a service without warning, and start it again with the faults that are still to be met."""
        self.counts.killed[name] += 1
        service = self.services[name]
        waiting = (await self.note(service))["waiting"]
        await service.kill()
        await service.start()
        if service is self.tandem:
            await self.upload(self._uploaded)
        for wish in waiting:
            await service.ask("fail", **wish)

    async def kill_home_assistant(self, damage: str | None, chance: Random) -> None:
        """Kill Home Assistant and start it again, with a file damaged meanwhile or not."""
        self.counts.killed[HOME_ASSISTANT] += 1
        await self.home_assistant.kill()
        self.make_a_day_pass()
        store = self.home_assistant.store
        if damage and damage_a_file(store, damage, chance):
            self.counts.faults[f"file of {damage}"] += 1
        await self.home_assistant.start()

    async def lock_database(self, seconds: float) -> None:
        """Have the recorder meet a database that is locked."""
        try:
            await lock_database(self.home_assistant.folder, seconds)
        except sqlite3.OperationalError:
            return
        self.counts.faults[LOCKED] += 1

    async def note(self, service: Service) -> dict[str, Any]:
        """Store the report of a service before it is gone."""
        answer: dict[str, Any] = await service.ask("ask")
        self.counts.requests[service.name] += answer["requests"]
        self.counts.requests["sign-ins"] += answer.get("sign_ins", 0)
        self.counts.secrets.update(answer.get("secrets", ()))
        for fault, number in answer["met"].items():
            self.counts.faults[f"{service.name} {fault}"] += number
        return answer

    @property
    def addresses(self) -> list[str]:
        """The addresses of requests, which no log may contain with their paths."""
        return [self.tandem.address, self.nightscout.address]

    def make_a_day_pass(self) -> None:
        """Date back the last daily look for late data, for the days go by faster than they should."""
        for file in self.home_assistant.store.glob("*/account.json"):
            date_back(file, timedelta(days=1))

    async def settle(self) -> None:
        """Wait until nothing more is read from Tandem or written to Nightscout."""
        await self.heal(everything=True)
        await self.home_assistant.stop()
        self.make_a_day_pass()
        await self.home_assistant.start()
        give_up = time.monotonic() + SETTLE_SECONDS
        before, since = None, time.monotonic()
        while time.monotonic() - since < SETTLED_SECONDS:
            await self.ask_home_assistant()
            now = [
                (await self.tandem.ask("ask"))["requests"],
                (await self.nightscout.ask("ask"))["written"],
            ]
            if before is None or now[0] > before[0] + 1 or now[1] > before[1]:
                since = time.monotonic()
            before = now
            if time.monotonic() > give_up:
                raise TimeoutError("It does not come to rest.")
            await asyncio.sleep(3)

    async def stop(self) -> None:
        """Stop all."""
        await self.home_assistant.stop()
        for service in self.services.values():
            await self.note(service)
            await service.kill()
