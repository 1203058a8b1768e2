"""What one Nightscout address was given, a file per pump day."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

from custom_components.tconnectsync.nightscout.ledger import DayLedger, LedgerRow
from custom_components.tconnectsync.nightscout.ledger_json import (
    DamagedLedger,
    ledger_changes,
    ledger_from_json,
    ledger_to_json,
    with_changes,
)

from .private_files import DayFiles, Extent, FileKind, unchanged

LEDGER = FileKind(
    version=4,
    migrations={1: unchanged, 2: unchanged, 3: unchanged},
    compressed=True,
    with_change=with_changes,
)


@dataclass(frozen=True, slots=True)
class OnDisk:
    """What a day's file holds, and how far it is known to be whole."""

    rows: Mapping[str, LedgerRow]
    extent: Extent


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
        """Return what is kept of a pump day, None when nothing readable is.

        What is damaged is moved aside. Raises OSError where the disk cannot be read.
        """
        return await self._run(self._load, day)

    async def save(self, day: date, ledger: DayLedger) -> None:
        """Keep a pump day in place of what was kept of it; it must not be changed meanwhile.

        Raises WriteError or OSError where the disk does not take it; then what was kept stays.
        """
        await self._run(self._save, day, ledger)

    async def prune(self, oldest: date) -> None:
        """Forget the pump days before the oldest that is still compared; raises OSError.

        One that tells of a write without an answer stays as long as that may still be carried
        out: a backfill that tries again must not take what it finds for all.
        """
        await self._run(self._prune, oldest)

    def _load(self, day: date) -> DayLedger | None:
        file = self._files.of(day)
        kept = file.read_kept()
        if kept is None:
            return None
        try:
            ledger = ledger_from_json(kept.data)
        except DamagedLedger:
            file.move_aside()
            return None
        if kept.is_truncated:
            ledger.mark_all_unconfirmed(datetime.now(UTC))
        elif kept.extent:
            ledger.on_disk = OnDisk(dict(ledger.rows), kept.extent)
        return ledger

    def _save(self, day: date, ledger: DayLedger) -> None:
        """Append what changed; what is on disk already is what this very ledger was loaded with or saved."""
        file = self._files.of(day)
        match ledger.on_disk:
            case OnDisk(rows, extent):
                extent = file.add(
                    ledger_changes(ledger, rows),
                    extent,
                    lambda: ledger_to_json(ledger),
                )
            case _:
                extent = file.write(ledger_to_json(ledger))
        ledger.on_disk = OnDisk(dict(ledger.rows), extent)

    def _prune(self, oldest: date) -> None:
        now = datetime.now(UTC)
        for day in self._files.days():
            if day < oldest and not self._is_doubtful(day, now):
                self._files.of(day).remove()

    def _is_doubtful(self, day: date, now: datetime) -> bool:
        ledger = self._load(day)
        if ledger is None or not ledger.may_still_be_carried_out(now):
            return False
        if ledger.on_disk is None:
            self._save(day, ledger)  # or it would be in doubt since now for ever
        return True
