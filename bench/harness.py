"""A complete Home Assistant in this process, with its own bootstrap, loop and recorder, driven by a script.

A command has a process of its own; an integration shares one. So what it costs is what this process
uses more while it works than while it does not: everything else that is set up here is idle.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
import ctypes
from datetime import UTC, date, datetime, timedelta
import gc
from pathlib import Path
import sqlite3
import sys
from time import perf_counter, process_time
import tracemalloc
from types import MappingProxyType
from typing import Any

from aiohttp import ClientSession
from aiohttp.resolver import ThreadedResolver

from custom_components.tconnectsync.read.late_data_reader import LateDataReader
from custom_components.tconnectsync.runtime import RuntimeData
from custom_components.tconnectsync.storage import file_operations, private_files
from custom_components.tconnectsync.storage.file_operations import append_private
from demo.home_assistant.configuration import write_configuration
from demo.places import next_free
from homeassistant import bootstrap, runner
from homeassistant.auth.const import GROUP_ID_ADMIN
from homeassistant.components.recorder import get_instance
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import aiohttp_client, storage
from homeassistant.util.file import write_utf8_file_atomic

from . import process
from .allocations import by_part
from .child import answer_all
from .loop_watch import LoopWatch
from .person import EMAIL, PASSWORD, REGION, SECRET, ZONE

DOMAIN = "tconnectsync"
FIRST_PORT = 28123
BLOCK = 4096
WRITE, APPEND = "write_utf8_file_atomic", "append_private"
"""The two functions that write the integration's private files; the first waits for the folder as well."""
WORK = {
    "first poll",
    "write statistics",
    "send to Nightscout",
    "catch up",
    "backfill",
    "read late data",
}
"""What the integration calls its tasks."""


class LoopbackResolver(ThreadedResolver):
    """Looks names up where the bench leads Tandem's to this machine."""

    async def real_close(self) -> None:
        """Close as Home Assistant does when it stops; there is nothing to close."""


class Files:
    """Counts the integration's writes to its private files."""

    def __init__(self) -> None:
        """Begin to count."""
        self.bytes = Counter[str]()
        self.blocks = Counter[str]()
        self.times = Counter[str]()
        self.syncs = Counter[str]()

        def write(path: str, content: Any, *args: Any, **kwargs: Any) -> None:
            write_utf8_file_atomic(path, content, *args, **kwargs)
            self._count(path, content, syncs=2)

        def append(path: Path, content: bytes, end: int) -> bool:
            if done := append_private(path, content, end):
                self._count(str(path), content, syncs=1)
            return done

        for module in (file_operations, storage):
            setattr(module, WRITE, write)
        setattr(private_files, APPEND, append)

    def _count(self, path: str, content: Any, *, syncs: int) -> None:
        """Count one write, with the number of times it waited for the disk."""
        if f"/{DOMAIN}/" not in path:
            return
        kind = next(
            (kind for kind in ("events", "ledger") if f"/{kind}/" in path), "state"
        )
        self.bytes[kind] += len(content)
        self.blocks[kind] += -(-len(content) // BLOCK) * BLOCK
        self.times[kind] += 1
        self.syncs[kind] += syncs

    def counted(self) -> dict[str, dict[str, int]]:
        """Return the counts since the last call."""
        counts = {
            "bytes": dict(self.bytes),
            "blocks": dict(self.blocks),
            "times": dict(self.times),
            "syncs": dict(self.syncs),
        }
        for counter in (self.bytes, self.blocks, self.times, self.syncs):
            counter.clear()
        return counts


class Harness:
    """Home Assistant with one account, whose work is measured piece by piece."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Measure in this Home Assistant."""
        self._hass = hass
        self._watch = LoopWatch()
        self._files = Files()
        self._entry: ConfigEntry[RuntimeData] | None = None

    @property
    def _address(self) -> str:
        return f"http://127.0.0.1:{self._hass.http.server_port}"

    @property
    def _runtime(self) -> RuntimeData:
        assert self._entry is not None
        return self._entry.runtime_data

    async def set_up(
        self, nightscout_url: str, first_days: int, **options: Any
    ) -> dict[str, Any]:
        """Add the account and wait until everything is where it belongs."""
        self._entry = ConfigEntry(
            version=1,
            minor_version=1,
            domain=DOMAIN,
            title="Tandem Source (US)",
            unique_id="the account",
            source="user",
            data={
                "email": EMAIL,
                "password": PASSWORD,
                "region": REGION,
                "nightscout_url": nightscout_url,
                "nightscout_secret": SECRET,
                "verify_ssl": True,
                "first_days": first_days,
            },
            options={"pump": "automatic", "pump_time_zone": ZONE.key, **options},
            discovery_keys=MappingProxyType({}),
            subentries_data=None,
        )
        entry = self._entry
        return await self._measured(lambda: self._hass.config_entries.async_add(entry))

    async def poll(self) -> dict[str, Any]:
        """Poll Tandem for new data, as every five minutes."""
        return await self._measured(self._runtime.coordinator.async_refresh)

    async def sweep(self) -> dict[str, Any]:
        """Look for late data and publish it, as once a day."""
        late_data, coordinator = self._runtime.late_data, self._runtime.coordinator

        async def read() -> None:
            if changed_from := await late_data.read(coordinator.data.pumper):
                await coordinator.async_publish_late_data(changed_from)

        return await self._measured(read)

    async def backfill(self, first: str, last: str) -> dict[str, Any]:
        """Fill in days of the past."""
        days = {
            "start_date": date.fromisoformat(first),
            "end_date": date.fromisoformat(last),
        }
        measured = await self._measured(
            lambda: self._hass.services.async_call(
                DOMAIN, "backfill", days, blocking=True
            )
        )
        return measured | {"ended": self._runtime.backfill.phase}

    async def preview(self, first: str, last: str) -> dict[str, Any]:
        """Preview a backfill of past days, without writing anything."""
        days = {
            "start_date": date.fromisoformat(first),
            "end_date": date.fromisoformat(last),
            "dry_run": True,
        }
        return await self._measured(
            lambda: self._hass.services.async_call(
                DOMAIN, "backfill", days, blocking=True, return_response=True
            )
        )

    async def open_card(self) -> dict[str, Any]:
        """Let a browser ask for the card of a day, until it has all that it shows."""
        auth = self._hass.auth
        user = await auth.async_create_user("bench", group_ids=[GROUP_ID_ADMIN])
        token = auth.async_create_access_token(
            await auth.async_create_refresh_token(user, client_id=self._address)
        )
        start = (datetime.now(UTC) - timedelta(days=1)).isoformat()
        ask = {"id": 1, "type": f"{DOMAIN}/subscribe_history"}

        async def look() -> None:
            async with (
                ClientSession() as session,
                session.ws_connect(f"{self._address}/api/websocket") as websocket,
            ):
                await websocket.receive()
                await websocket.send_json({"type": "auth", "access_token": token})
                await websocket.receive()
                await websocket.send_json({**ask, "start": start, "columns": True})
                while '"records"' not in await websocket.receive_str():
                    pass

        return await self._measured(look)

    async def idle(self, seconds: float) -> dict[str, Any]:
        """Do nothing for a while."""
        return await self._measured(lambda: asyncio.sleep(seconds))

    async def rest(self) -> dict[str, Any]:
        """Return the memory at rest (bytes), and if traced Python's own by part of the integration."""
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        held = by_part(tracemalloc.take_snapshot()) if tracemalloc.is_tracing() else {}
        return {"resident": process.memory(), "held": held}

    async def rows(self) -> dict[str, int]:
        """Return how many rows the recorder's tables have."""
        recorder = get_instance(self._hass)
        await recorder.async_block_till_done()
        path = self._hass.config.path("home-assistant_v2.db")
        tables = (
            "states",
            "state_attributes",
            "events",
            "statistics",
            "statistics_short_term",
        )
        return await asyncio.to_thread(_rows, path, tables)

    async def entities(self) -> dict[str, int]:
        """Return the number of states, and of those with statistics by the recorder itself."""
        states = [
            state
            for state in self._hass.states.async_all()
            if state.entity_id.split(".")[1].startswith(
                ("t_slim", "tandem", "nightscout")
            )
        ]
        measured = [state for state in states if "state_class" in state.attributes]
        return {"states": len(states), "with statistics": len(measured)}

    async def _measured(self, work: Callable[[], Awaitable[Any]]) -> dict[str, Any]:
        """Measure a piece of work, until everything that follows from it is done."""
        gc.collect()
        self._files.counted()
        process.forget_peak()
        memory, written = process.memory(), process.written()
        await asyncio.sleep(0)
        self._watch.begin()
        wall, processor = perf_counter(), process_time()
        await work()
        while tasks := [one for one in asyncio.all_tasks() if one.get_name() in WORK]:
            await asyncio.wait(tasks)
        return {
            "wall": perf_counter() - wall,
            "processor": process_time() - processor,
            "held": self._watch.longest,
            "held_own": self._watch.longest_own,
            "collections": self._watch.collections,
            "collection": self._watch.longest_collection,
            "memory": process.peak_memory() - memory,
            "disk": process.written() - written,
            "files": self._files.counted(),
        }


def _rows(path: str, tables: tuple[str, ...]) -> dict[str, int]:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        return {
            table: database.execute(f"select count(*) from {table}").fetchone()[0]  # noqa: S608 - the names are written above
            for table in tables
        }


@contextmanager
def _only_when_asked() -> Iterator[None]:
    """Look for late data only on request: its pauses would be measured as other work."""
    due = LateDataReader.is_due
    LateDataReader.is_due = lambda self, pumper: False  # type: ignore[method-assign]  # put back below
    try:
        yield
    finally:
        LateDataReader.is_due = due  # type: ignore[method-assign]  # as it was


async def serve(folder: Path) -> None:
    """Start Home Assistant in a folder and serve until standard input ends."""
    aiohttp_client._async_make_resolver = lambda hass: LoopbackResolver()  # type: ignore[assignment,return-value]  # noqa: SLF001 - Home Assistant's own asks the network, not this machine
    write_configuration(
        folder, time_zone=ZONE.key, port=next_free(FIRST_PORT), pages=False
    )
    hass = await bootstrap.async_setup_hass(
        runner.RuntimeConfig(config_dir=str(folder), skip_pip=True)
    )
    assert hass is not None
    await hass.async_start()
    harness = Harness(hass)
    with _only_when_asked():
        await answer_all(
            {
                name: getattr(harness, name)
                for name in (
                    "set_up",
                    "poll",
                    "sweep",
                    "backfill",
                    "preview",
                    "open_card",
                    "idle",
                    "rest",
                    "rows",
                    "entities",
                )
            }
        )
        await hass.async_stop()


if __name__ == "__main__":
    if "--trace" in sys.argv:
        tracemalloc.start()
    loop = runner.create_event_loop()
    asyncio.set_event_loop(loop)
    loop.run_until_complete(serve(Path(sys.argv[1])))
