"""The ledger files of one Nightscout address, one per pump day."""

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
    """The rows in a day's file, and how far the file is known to be intact."""

    rows: Mapping[str, LedgerRow]
    extent: Extent


class Run(Protocol):
    """Runs blocking work on files outside the event loop."""

    async def __call__[*Ts, T](self, work: Callable[[*Ts], T], /, *arguments: *Ts) -> T:
        """Run the work to its end and return its result."""
        ...


class LedgerFiles:
    """The ledger of one address."""

    def __init__(self, run: Run, folder: Path) -> None:
        """Store the ledger in a folder."""
        self._run = run
        self._files = DayFiles(folder, LEDGER)

    async def load(self, day: date) -> DayLedger | None:
        """Return the ledger of a pump day, None without a readable file.

        A damaged file is moved aside. Raises OSError where the disk cannot be read.
        """
        return await self._run(self._load, day)

    async def save(self, day: date, ledger: DayLedger) -> None:
        """Store the ledger of a pump day, which must not be changed meanwhile.

        Raises WriteError or OSError where writing fails; then the previous content stays.
        """
        await self._run(self._save, day, ledger)

    async def prune(self, oldest: date) -> None:
        """Remove the pump days before the oldest that is still compared; raises OSError.

        A day with an unconfirmed write stays as long as that may still be carried out: a backfill
        that tries again must not take the documents it finds for all of them.
        """
        await self._run(self._prune, oldest)

    def _load(self, day: date) -> DayLedger | None:
        file = self._files.of(day)
        content = file.read_content()
        if content is None:
            return None
        try:
            ledger = ledger_from_json(content.data)
        except DamagedLedger:
            file.move_aside()
            return None
        if content.is_truncated:
            ledger.mark_all_unconfirmed(datetime.now(UTC))
        elif content.extent:
            ledger.on_disk = OnDisk(dict(ledger.rows), content.extent)
        return ledger

    def _save(self, day: date, ledger: DayLedger) -> None:
        """Append the changes since this ledger was loaded or saved; only then is its file known."""
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
            if day < oldest and not self._may_still_change(day, now):
                self._files.of(day).remove()

    def _may_still_change(self, day: date, now: datetime) -> bool:
        ledger = self._load(day)
        if ledger is None or not ledger.may_still_be_carried_out(now):
            return False
        if ledger.on_disk is None:
            # Or each load would count it as unconfirmed from then on.
            self._save(day, ledger)
        return True
