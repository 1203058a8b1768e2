"""Start, watch and stop Home Assistant as a process."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
import os
from pathlib import Path
import sys
import time

import aiohttp

from demo.child_process import kill

from .api import Api
from .configuration import write_configuration

START_SECONDS = 300
STOP_SECONDS = 60
ASKS_FOR_RESTART = 100


class NotStartedError(Exception):
    """Home Assistant did not start; the text contains its last output."""


class HomeAssistant:
    """A Home Assistant on the loopback interface with a folder of its own."""

    def __init__(
        self,
        folder: Path,
        *,
        time_zone: str,
        environment: Mapping[str, str],
        pages: bool = True,
        debug: Sequence[str] = (),
    ) -> None:
        """Prepare; `environment` is added to this process's own, `pages` are for browsers.

        Of what is named in `debug` everything is logged.
        """
        self.folder = folder
        self.url = ""
        self._pages = pages
        self._debug = debug
        self._time_zone = time_zone
        self._environment = {**os.environ, **environment}
        self._process: Process | None = None

    async def start(
        self, port: int, *, username: str = "demo", password: str = "demo"
    ) -> None:
        """Start and wait until it has set up everything."""
        write_configuration(
            self.folder,
            time_zone=self._time_zone,
            port=port,
            pages=self._pages,
            debug=self._debug,
        )
        users = self.folder / ".storage" / "auth_provider.homeassistant"
        if not users.exists():
            adding = await self._run(
                "--script", "auth", "-c", ".", "add", username, password
            )
            await adding.wait()
        self.url = f"http://localhost:{port}"
        self._process = await self._run("--config", ".", "--skip-pip")
        await self._answering()
        async with Api(self.url, username, password) as api:
            await api.until_running()

    async def stop(self) -> None:
        """Stop Home Assistant by its own signal, by force after a minute."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def kill(self) -> None:
        """End it at once, as a power cut would."""
        process, self._process = self._process, None
        await kill(process)

    async def ended(self) -> bool:
        """Wait until it ends by itself; return whether it asks to be started again."""
        if self._process is None:
            return False
        return await self._process.wait() == ASKS_FOR_RESTART

    @property
    def output(self) -> Path:
        """The file with its output since its last start."""
        return self.folder / "output.log"

    async def _run(self, *arguments: str) -> Process:
        """Run Home Assistant where Ctrl-C in the terminal does not reach it."""
        with self.output.open("wb") as output:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "homeassistant",
                *arguments,
                cwd=self.folder,
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )

    async def _answering(self) -> None:
        """Wait until one can sign in."""
        give_up = time.monotonic() + START_SECONDS
        async with aiohttp.ClientSession() as session:
            while time.monotonic() < give_up:
                if self._process is None or self._process.returncode is not None:
                    break
                try:
                    async with session.get(f"{self.url}/auth/providers") as answer:
                        if answer.ok:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.5)
        last = self.output.read_text(errors="replace").splitlines()[-20:]
        raise NotStartedError("\n".join(last) or "It wrote nothing.")
