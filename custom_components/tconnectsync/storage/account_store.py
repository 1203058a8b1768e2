"""What one account keeps on disk: the pump's events, what was sent, and what its parts remember."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, override

from custom_components.tconnectsync.const import DOMAIN
from custom_components.tconnectsync.error_texts import failure
from custom_components.tconnectsync.worker_thread import async_worker_thread
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import UnsupportedStorageVersionError
from homeassistant.helpers.json import json_bytes
from homeassistant.helpers.storage import STORAGE_DIR, Store
from homeassistant.util.file import WriteError

from .account_state import AccountState
from .event_store import EventStore
from .file_operations import (
    make_private_folder,
    move_aside,
    remove_folder,
    remove_unfinished,
    write_private,
)
from .ledger_files import LedgerFiles
from .read_progress import PumpReadProgress
from .state_migration import STATE_MINOR_VERSION, STATE_VERSION, migrated

FOLDER_DIGITS = 16


class StateStore(Store[dict[str, Any]]):
    """The state of one account in a private file."""

    @override
    async def _async_migrate_func(
        self, old_major_version: int, old_minor_version: int, old_data: Any
    ) -> dict[str, Any]:
        return migrated(old_data, old_major_version)

    async def async_load_or_move_aside(self) -> AccountState:
        """Return what is kept; where that is no state of an account, keep it out of the way.

        Raises UnsupportedStorageVersionError for a newer version, HomeAssistantError for a file
        that cannot be read, OSError for one that cannot be moved.
        """
        try:
            return AccountState.from_json(await self.async_load() or {})
        except UnsupportedStorageVersionError as error:
            if isinstance(error.found_version, int):
                raise
        except AttributeError, KeyError, TypeError, ValueError:
            pass
        await self.hass.async_add_executor_job(move_aside, Path(self.path))
        return AccountState()

    async def async_save_surely(self, data: dict[str, Any]) -> None:
        """Write now; raise WriteError where that cannot be.

        Home Assistant's own way only logs what it could not write, and waits while it stops; but
        what follows here must not happen before this is on disk. It also takes twice the space.
        """
        content = {
            "version": self.version,
            "minor_version": self.minor_version,
            "key": self.key,
            "data": data,
        }
        await self.hass.async_add_executor_job(
            write_private, Path(self.path), json_bytes(content)
        )


class AccountStore:
    """Everything one entry keeps, in a private folder of its own."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Use the entry's folder."""
        self._hass = hass
        self._folder = _folder(hass, entry_id)
        self._state_store = StateStore(
            hass,
            STATE_VERSION,
            f"{DOMAIN}/{entry_id}/account.json",
            private=True,
            atomic_writes=True,
            minor_version=STATE_MINOR_VERSION,
        )
        self._saving = asyncio.Lock()
        self._written: bytes | None = None
        """The state as it is on disk."""
        self._work: set[asyncio.Future[Any]] = set()
        self._closed = False
        self.state = AccountState()
        self.event_stores: dict[str, EventStore] = {}

    async def async_load(self) -> None:
        """Read everything from disk.

        Raises UnsupportedStorageVersionError where a newer version wrote it, HomeAssistantError or
        OSError where it cannot be read.
        """
        await self.run(self._prepare)
        self.state = await self._state_store.async_load_or_move_aside()
        if data := self.state.to_json():
            self._written = json_bytes(data)
        if await self.run(self._load_pumps):
            await self.async_save_if_possible()

    async def async_save(self) -> None:
        """Write the state, unless it is on disk as it is."""
        self._refuse_once_closed()
        await self._finish(self._hass.async_create_task(self._save()))

    async def async_save_if_possible(self) -> None:
        """Write the state; what the disk does not take now is written with whatever comes next."""
        with suppress(WriteError, OSError):
            await self.async_save()

    async def async_close(self) -> None:
        """End it: what was begun or noted is still written if possible, and nothing after that."""
        self._closed = True
        if self._written or self.state.to_json():
            with suppress(WriteError, OSError):
                await self._finish(self._hass.async_create_task(self._save()))
        if self._work:
            await asyncio.wait(self._work)

    async def run[*Ts, T](self, work: Callable[[*Ts], T], /, *arguments: *Ts) -> T:
        """Run blocking work on the files outside the event loop, to its end even if nobody waits for it.

        Raises HomeAssistantError once it is closed: another one may have these files by then.
        """
        self._refuse_once_closed()
        worker = async_worker_thread(self._hass)
        return await self._finish(
            self._hass.loop.run_in_executor(worker, work, *arguments)
        )

    async def _finish[T](self, work: asyncio.Future[T]) -> T:
        """Wait for work that ends whether or not anybody waits."""
        self._work.add(work)
        work.add_done_callback(self._work.discard)
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            # Nobody is left to hear how it ends.
            work.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
            raise

    def _refuse_once_closed(self) -> None:
        if self._closed:
            raise failure(None)

    async def _save(self) -> None:
        async with self._saving:
            for serial_number, pump in self.event_stores.items():
                if reading := self.state.reading.pumps.get(serial_number):
                    reading.highest_counts = pump.highest_counts
            data = self.state.to_json()
            content = json_bytes(data)
            if content != self._written:
                await self._state_store.async_save_surely(data)
                self._written = content

    def event_store(self, serial_number: str) -> EventStore:
        """Return the store of a pump, a new one for a new pump."""
        return self.event_stores.setdefault(
            serial_number, EventStore(self._folder / "events" / _name(serial_number))
        )

    async def async_forget_before(self, oldest: Mapping[str, date]) -> None:
        """Write the state, and forget the days of pumps (by serial number) before these.

        Their files go once it is on disk that they do: a day that is missed is taken for damage.
        """
        gone = {
            serial_number: days
            for serial_number, day in oldest.items()
            if (days := self.event_store(serial_number).forget(day))
        }
        await self.async_save()
        for serial_number, days in gone.items():
            await self.run(self.event_store(serial_number).remove_files, days)

    def read_progress(self, serial_number: str) -> PumpReadProgress:
        """Return where the reading of a pump stands, to be changed in place."""
        return self.state.reading.pumps.setdefault(serial_number, PumpReadProgress())

    def last_upload(self, serial_number: str) -> datetime | None:
        """Return the greatest time of upload seen of a pump (UTC)."""
        return self.read_progress(serial_number).last_upload

    def known_until(self, serial_number: str) -> datetime | None:
        """Return the instant (UTC) up to which anything can be known of a pump."""
        return self.read_progress(serial_number).known_until

    def ledger(self, address: str) -> LedgerFiles:
        """Return the ledger of a Nightscout address."""
        return LedgerFiles(self.run, self._folder / "ledger" / address)

    def _prepare(self) -> None:
        make_private_folder(self._folder)
        remove_unfinished(self._folder)

    def _load_pumps(self) -> bool:
        """Read the events of the pumps; return whether that changed where reading stands.

        Events of a pump of which nothing is remembered are read again from Tandem.
        """
        damaged = False
        for serial_number, reading in self.state.reading.pumps.items():
            pump = self.event_store(serial_number)
            pump.load(reading.highest_counts)
            if pump.damaged:
                reading.forget()
                damaged = True
        events = self._folder / "events"
        known = {_name(serial_number) for serial_number in self.event_stores}
        for folder in events.iterdir() if events.is_dir() else ():
            if folder.name not in known:
                remove_folder(folder)
        return damaged


async def async_remove_store(hass: HomeAssistant, entry_id: str) -> None:
    """Remove everything an entry kept, and the folder of all entries with the last of them."""

    def remove() -> None:
        folder = _folder(hass, entry_id)
        remove_folder(folder)
        with suppress(OSError):
            folder.parent.rmdir()

    await hass.async_add_executor_job(remove)


def _name(serial_number: str) -> str:
    """Return what a pump's folder is called: logs tell paths, and must not tell serial numbers."""
    return sha256(serial_number.encode()).hexdigest()[:FOLDER_DIGITS]


def _folder(hass: HomeAssistant, entry_id: str) -> Path:
    return Path(hass.config.path(STORAGE_DIR, DOMAIN, entry_id))
