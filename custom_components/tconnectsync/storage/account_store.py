"""The storage of one account: its pumps' events, the ledgers of Nightscout, and its state."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, override

from custom_components.tconnectsync.const import DOMAIN
from custom_components.tconnectsync.error_texts import as_action_error
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
        """Return the stored state; move the file aside where it is not the state of an account.

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
        """Write now; raise WriteError where that fails.

        Home Assistant's own method only logs a failed write, and waits while it stops; but here
        the caller must not go on before the state is on disk. It also takes twice the space.
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
    """Everything that one entry stores, in a private folder of its own."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Set up the storage in the entry's folder, without reading it."""
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

        Raises UnsupportedStorageVersionError where a newer version wrote it, HomeAssistantError
        or OSError where it cannot be read.
        """
        await self.run(self._prepare)
        self.state = await self._state_store.async_load_or_move_aside()
        if data := self.state.to_json():
            self._written = json_bytes(data)
        if await self.run(self._load_pumps):
            await self.async_save_if_possible()

    async def async_save(self) -> None:
        """Write the state, unless it is unchanged on disk; raise WriteError or OSError where that fails."""
        self._refuse_once_closed()
        await self._finish(self._hass.async_create_task(self._save()))

    async def async_save_if_possible(self) -> None:
        """Write the state; if that fails, the next save writes it."""
        with suppress(WriteError, OSError):
            await self.async_save()

    async def async_close(self) -> None:
        """Close the storage: finish running work, write the state if possible, and refuse everything after that."""
        self._closed = True
        if self._written or self.state.to_json():
            with suppress(WriteError, OSError):
                await self._finish(self._hass.async_create_task(self._save()))
        if self._work:
            await asyncio.wait(self._work)

    async def run[*Ts, T](self, work: Callable[[*Ts], T], /, *arguments: *Ts) -> T:
        """Run blocking work on the files outside the event loop, to its end even if the caller is cancelled.

        Raises HomeAssistantError once closed: another AccountStore may use these files by then.
        """
        self._refuse_once_closed()
        worker = async_worker_thread(self._hass)
        return await self._finish(
            self._hass.loop.run_in_executor(worker, work, *arguments)
        )

    async def _finish[T](self, work: asyncio.Future[T]) -> T:
        """Wait for work that runs to its end even if the caller is cancelled."""
        self._work.add(work)
        work.add_done_callback(self._work.discard)
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            # Retrieve its exception, as nobody is left to do so.
            work.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
            raise

    def _refuse_once_closed(self) -> None:
        if self._closed:
            raise as_action_error(None)

    async def _save(self) -> None:
        async with self._saving:
            for serial_number, events in self.event_stores.items():
                if progress := self.state.reading.pumps.get(serial_number):
                    progress.highest_counts = events.highest_counts
            data = self.state.to_json()
            content = json_bytes(data)
            if content != self._written:
                await self._state_store.async_save_surely(data)
                self._written = content

    def event_store(self, serial_number: str) -> EventStore:
        """Return the event store of a pump, a new one for a new pump."""
        return self.event_stores.setdefault(
            serial_number, EventStore(self._folder / "events" / _name(serial_number))
        )

    async def async_forget_before(self, oldest: Mapping[str, date]) -> None:
        """Forget the days before the given ones (by serial number), and write the state.

        Their files are removed once the state on disk no longer lists them, or a missing day would count as damage.
        """
        forgotten = {
            serial_number: days
            for serial_number, day in oldest.items()
            if (days := self.event_store(serial_number).forget(day))
        }
        await self.async_save()
        for serial_number, days in forgotten.items():
            await self.run(self.event_store(serial_number).remove_files, days)

    def read_progress(self, serial_number: str) -> PumpReadProgress:
        """Return the reading progress of a pump, to be changed in place."""
        return self.state.reading.pumps.setdefault(serial_number, PumpReadProgress())

    def last_upload(self, serial_number: str) -> datetime | None:
        """Return the latest upload seen of a pump (UTC)."""
        return self.read_progress(serial_number).last_upload

    def known_until(self, serial_number: str) -> datetime | None:
        """Return the instant (UTC) up to which a pump's events can be known."""
        return self.read_progress(serial_number).known_until

    def ledger(self, address: str) -> LedgerFiles:
        """Return the ledger of a Nightscout address."""
        return LedgerFiles(self.run, self._folder / "ledger" / address)

    def _prepare(self) -> None:
        make_private_folder(self._folder)
        remove_unfinished(self._folder)

    def _load_pumps(self) -> bool:
        """Read the events of the pumps; return whether damage changed their reading progress.

        Folders of pumps without reading progress are removed; Tandem is asked again for their events.
        """
        damaged = False
        for serial_number, progress in self.state.reading.pumps.items():
            events = self.event_store(serial_number)
            events.load(progress.highest_counts)
            if events.damaged:
                progress.forget()
                damaged = True
        parent = self._folder / "events"
        folders = {_name(serial_number) for serial_number in self.event_stores}
        for folder in parent.iterdir() if parent.is_dir() else ():
            if folder.name not in folders:
                remove_folder(folder)
        return damaged


async def async_remove_store(hass: HomeAssistant, entry_id: str) -> None:
    """Remove everything that an entry stored, and the folder of all entries with the last one."""

    def remove() -> None:
        folder = _folder(hass, entry_id)
        remove_folder(folder)
        with suppress(OSError):
            folder.parent.rmdir()

    await hass.async_add_executor_job(remove)


def _name(serial_number: str) -> str:
    """Return the name of a pump's folder, a hash: paths appear in logs, and serial numbers must not."""
    return sha256(serial_number.encode()).hexdigest()[:FOLDER_DIGITS]


def _folder(hass: HomeAssistant, entry_id: str) -> Path:
    return Path(hass.config.path(STORAGE_DIR, DOMAIN, entry_id))
