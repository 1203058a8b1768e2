"""What one Nightscout address was given, a file per pump day."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Protocol

from custom_components.tconnectsync.nightscout.ledger import DamagedLedger, DayLedger

from .private_files import DayFiles, FileKind, unchanged

LEDGER = FileKind(version=3, migrations={1: unchanged, 2: unchanged}, compressed=True)


class Run(Protocol):
    """Runs blocking work on files outside the event loop."""

    async def __call__[*Ts, T](self, work: Callable[[*Ts], T], /, *arguments: *Ts) -> T:
        """Run it to its end and return what it gives."""
        ...


class LedgerFiles:
    """The ledger of one address."""

    def __init__(self, run: Run, folder: Path) -> None:
        """Keep it in a folder."""
        self._run = run
        self._files = DayFiles(folder, LEDGER)

    async def load(self, day: date) -> DayLedger | None:
        """Return what is kept of a day, None when nothing readable is."""
        return await self._run(self._load, day)

    async def save(self, day: date, ledger: DayLedger) -> None:
        """Keep a day in place of what was kept of it; it must not be changed meanwhile."""
        await self._run(self._save, day, ledger)

    async def prune(self, oldest: date) -> None:
        """Forget the days before the oldest that is still compared."""
        await self._run(self._prune, oldest)

    def _load(self, day: date) -> DayLedger | None:
        file = self._files.of(day)
        kept = file.read()
        if kept is None:
            return None
        try:
            return DayLedger.from_json(kept)
        except DamagedLedger:
            file.move_aside()
            return None

    def _save(self, day: date, ledger: DayLedger) -> None:
        self._files.of(day).write(ledger.to_json())

    def _prune(self, oldest: date) -> None:
        for day in self._files.days():
            if day < oldest:
                self._files.of(day).remove()
