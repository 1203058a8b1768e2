"""Start the three processes, kill them without warning, and start them again where they were."""

import asyncio
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import Iterable
from pathlib import Path
import sys
import time
from typing import Any

import aiohttp

from demo.child_process import kill
from demo.home_assistant import Api, HomeAssistant, RefusedError

START_SECONDS = 60
PERSON = "soak"
FIRST_WRITES = ("core.config_entries", "core.entity_registry", "core.device_registry")
UNREACHABLE = (aiohttp.ClientError, RefusedError, TimeoutError, OSError)
"""What a request meets when the other end was just killed."""


class Service:
    """A simulated service; its output is written to a file."""

    def __init__(
        self, name: str, log: Path, port: int, control: int, **options: Any
    ) -> None:
        """Prepare; options are those of demo.soak.service."""
        self.name = name
        self.address = f"localhost:{port}"
        self.url = f"http://{self.address}"
        self._control = f"http://127.0.0.1:{control}"
        self._log = log
        self._arguments = [name, f"--port={port}", f"--control={control}"]
        self._arguments += [
            f"--{option.replace('_', '-')}={value}" for option, value in options.items()
        ]
        self._process: Process | None = None

    async def start(self) -> None:
        """Start and wait until it answers."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "demo.soak.service",
                *self._arguments,
                stdin=DEVNULL,
                stdout=log,
                stderr=STDOUT,
                start_new_session=True,
            )
        give_up = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up:
            try:
                await self.ask("ask")
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.1)
            else:
                return
        raise TimeoutError(f"The simulated {self.name} did not start: {self._log}")

    async def ask(self, what: str, **wish: Any) -> Any:
        """Pull a string and return the answer."""
        async with (
            aiohttp.ClientSession(raise_for_status=True) as session,
            session.post(f"{self._control}/{what}", json=wish) as answer,
        ):
            return await answer.json()

    async def kill(self) -> None:
        """Kill it without warning."""
        process, self._process = self._process, None
        await kill(process)


class RealHomeAssistant:
    """A Home Assistant with the account; all its output is written to one file."""

    def __init__(self, folder: Path, log: Path, port: int, tandem: Service) -> None:
        """Prepare; the demo's region is this Tandem Source."""
        self.folder = folder
        self._log = log
        self._port = port
        self._home_assistant = HomeAssistant(
            folder,
            time_zone="UTC",
            environment={"TCONNECTSYNC_DEMO_URL": tandem.url},
            pages=False,
            debug=("custom_components.tconnectsync",),
        )

    @property
    def logs(self) -> list[Path]:
        """Home Assistant's own log files of its last starts."""
        return sorted(self.folder.glob("home-assistant.log*"))

    @property
    def store(self) -> Path:
        """The integration's folder of stored data."""
        return self.folder / ".storage" / "tconnectsync"

    async def start(self) -> None:
        """Start and wait until everything is set up."""
        await self._home_assistant.start(self._port, username=PERSON, password=PERSON)

    async def stop(self) -> None:
        """Stop as one asks it to."""
        await self._home_assistant.stop()
        self._keep_output()

    async def kill(self) -> None:
        """Kill it without warning."""
        await self._home_assistant.kill()
        self._keep_output()

    def api(self) -> Api:
        """Return a client that can sign in."""
        return Api(self._home_assistant.url, PERSON, PERSON)

    async def wait_for_kept(self) -> None:
        """Wait until Home Assistant has saved the data it needs after a crash."""
        storage = self.folder / ".storage"
        async with asyncio.timeout(START_SECONDS):
            while not all(_knows(storage / key) for key in FIRST_WRITES):
                await asyncio.sleep(0.5)

    async def wait_for_chosen(self, features: Iterable[str]) -> None:
        """Wait until features are chosen for good, and the account is set up with them."""
        chosen = self.folder / ".storage" / FIRST_WRITES[0]
        async with asyncio.timeout(START_SECONDS):
            while not all(
                any(f'"{one}"' in file.read_text() for file in files)
                for one in features
                for files in ([chosen], self.store.glob("*/account.json"))
            ):
                await asyncio.sleep(0.5)

    def _keep_output(self) -> None:
        if self._home_assistant.output.exists():
            with self._log.open("ab") as log:
                log.write(self._home_assistant.output.read_bytes())
            self._home_assistant.output.unlink()


def _knows(file: Path) -> bool:
    return file.exists() and "tconnectsync" in file.read_text()
