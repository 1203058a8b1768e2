"""What one account keeps on disk: the pump's events, what was sent, and where reading stands."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import orjson

from custom_components.tconnectsync.const import DOMAIN
from custom_components.tconnectsync.error_texts import failure
from custom_components.tconnectsync.nightscout.ledger import DamagedLedger, DayLedger
from homeassistant.core import HomeAssistant
from homeassistant.helpers.json import json_bytes
from homeassistant.helpers.storage import STORAGE_DIR

from .account_state import Notes, PumpNotes, forget_where_reading_stands
from .event_store import PumpStore
from .private_files import DayFiles, PrivateFile, remove_folder, remove_unfinished

FOLDER_DIGITS = 16


class LedgerOnDisk:
    """What one Nightscout address was given, a file per pump day."""

    def __init__(self, store: AccountStore, files: DayFiles) -> None:
        """Keep it in these files."""
        self._store = store
        self._files = files

    async def load(self, day: date) -> DayLedger | None:
        """Return what is kept of a day, None when nothing readable is."""
        file = self._files.of(day)
        kept = await self._store.run(file.read)
        if kept is None:
            return None
        try:
            return DayLedger.from_json(kept)
        except DamagedLedger:
            await self._store.run(file.move_aside)
            return None

    async def save(self, day: date, ledger: DayLedger) -> None:
        """Keep a day in place of what was kept of it."""
        await self._store.run(self._files.of(day).write, ledger.to_json())

    async def prune(self, oldest: date) -> None:
        """Forget the days before the oldest that is still compared."""
        await self._store.run(self._prune, oldest)

    def _prune(self, oldest: date) -> None:
        for day in self._files.days():
            if day < oldest:
                self._files.of(day).remove()


class AccountStore:
    """Everything one entry keeps, in a private folder of its own."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Use the entry's folder."""
        self._hass = hass
        self._folder = _folder(hass, entry_id)
        self._notes_file = PrivateFile(self._folder / "account.json")
        self._saving = asyncio.Lock()
        self._written: bytes | None = None
        """The notes as they are on disk."""
        self._work: set[asyncio.Future[Any]] = set()
        self._closed = False
        self.notes: Notes = {}
        self.pumps: dict[str, PumpStore] = {}

    async def async_load(self) -> None:
        """Read everything from disk."""
        self.notes = await self.run(self._load)

    async def async_save_notes(self) -> None:
        """Write the notes, unless they are on disk as they are."""
        self._refuse_once_closed()
        async with self._saving:
            await self._run(self._write_notes)

    async def async_close(self) -> None:
        """End it: what was begun or noted is still written, and nothing after that."""
        self._closed = True
        async with self._saving:
            if self.notes:
                await self._run(self._write_notes)
        if self._work:
            await asyncio.wait(self._work)

    async def run[*Ts, T](self, work: Callable[[*Ts], T], *arguments: *Ts) -> T:
        """Run blocking work on the files outside the event loop, to its end even if nobody waits for it.

        Raises HomeAssistantError once it is closed: another one may have these files by then.
        """
        self._refuse_once_closed()
        return await self._run(work, *arguments)

    async def _run[*Ts, T](self, work: Callable[[*Ts], T], *arguments: *Ts) -> T:
        running = self._hass.async_add_executor_job(work, *arguments)
        self._work.add(running)
        running.add_done_callback(self._work.discard)
        return await asyncio.shield(running)

    def _refuse_once_closed(self) -> None:
        if self._closed:
            raise failure(None)

    def _write_notes(self) -> None:
        content = json_bytes(self.notes)
        if content != self._written:
            self._notes_file.write(orjson.Fragment(content))
            self._written = content

    def pump(self, serial_number: str) -> PumpStore:
        """Return the store of a pump, a new one for a new pump."""
        return self.pumps.setdefault(
            serial_number, PumpStore(self._folder / "events" / _name(serial_number))
        )

    def pump_notes(self, serial_number: str) -> PumpNotes:
        """Return the notes on a pump, to be changed in place."""
        return self.notes.setdefault("pumps", {}).setdefault(serial_number, {})

    def last_upload(self, serial_number: str) -> datetime | None:
        """Return the greatest time of upload seen of a pump (UTC)."""
        seen = self.pump_notes(serial_number).get("last_upload")
        return datetime.fromisoformat(seen) if seen else None

    def known_until(self, serial_number: str) -> datetime | None:
        """Return the instant (UTC) up to which anything can be known of a pump."""
        notes = self.pump_notes(serial_number)
        until = max(notes.get("last_upload", ""), notes.get("read_at", ""))
        return datetime.fromisoformat(until) if until else None

    def owe(self, day: date) -> None:
        """Note that everything from a pump day on is owed, up to the days that are kept."""
        first = day.isoformat()
        self.notes["owed_from"] = min(self.notes.get("owed_from", first), first)

    def ledger(self, address: str) -> LedgerOnDisk:
        """Return the ledger of a Nightscout address."""
        return LedgerOnDisk(self, DayFiles(self._folder / "ledger" / address))

    def _load(self) -> Notes:
        """Read everything; events of a pump that no note names are read again from Tandem."""
        remove_unfinished(self._folder)
        notes: Notes = {}
        kept = self._notes_file.read()
        if isinstance(kept, dict):
            notes = cast(Notes, kept)
        for serial_number, of_pump in notes.get("pumps", {}).items():
            pump = self.pump(serial_number)
            pump.load()
            if pump.damaged:
                forget_where_reading_stands(of_pump)
                self._notes_file.write(notes)
        events = self._folder / "events"
        known = {_name(serial_number) for serial_number in self.pumps}
        for folder in events.iterdir() if events.is_dir() else ():
            if folder.name not in known:
                remove_folder(folder)
        self._written = json_bytes(notes) if notes else None
        return notes


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
