"""Sending documents in batches, so that a crash or a failure neither loses nor doubles any."""

import asyncio
from collections import defaultdict
from collections.abc import Collection as AnyOf, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from http import HTTPStatus
from itertools import product

import orjson

from .client import NightscoutClient
from .errors import (
    NightscoutBusy,
    NightscoutError,
    NightscoutRejected,
    NightscoutUnreachable,
)
from .found_document import FoundDocument
from .identifiers import APP, Collection
from .in_flight_write import InFlightWrite
from .ledger import DayLedger, LedgerFiles, LedgerRow, UpsertKey
from .plan import Step

MOST_DOCUMENTS = 500
MOST_BYTES = 900_000
HOPELESS = 5
"""So many single documents failing one after another mean that the site itself fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A document that Nightscout does not take, while it takes others."""

    identifier: str = field(repr=False)
    reason: str


class Sender:
    """Sends the steps of one plan and notes in the ledger what was accepted."""

    def __init__(
        self,
        client: NightscoutClient,
        files: LedgerFiles,
        ledgers: Mapping[date, DayLedger],
        largest: int,
        read_back: Iterable[date] = (),
    ) -> None:
        """Write down in these ledgers; a batch has at most `largest` documents.

        What was read back of some days is not on disk yet.
        """
        self.accepted: set[str] = set()
        self.rejected: list[Rejection] = []
        self.largest = largest
        self.edited: Mapping[str, AnyOf[UpsertKey]] = {}
        """Where the site holds what is to be replaced, by identifier, besides where the ledgers know it."""
        self._failed_in_a_row = 0
        self._unsaved: set[date] = set()
        """Days of which it is not on disk what was accepted."""
        self._read_back = set(read_back)
        """Days of which it is not on disk what the site told, which it would tell again after a crash."""
        self._client = client
        self._files = files
        self._ledgers = ledgers

    async def send(self, steps: Iterable[Step]) -> None:
        """Send all steps; raise a NightscoutError when the site itself fails."""
        for batch in batches(steps, self.largest):
            await self._send_or_halve(batch)

    async def finish(self) -> None:
        """Have on disk what was accepted last; the batches before are noted with each that followed.

        What a crash leaves unnoted is looked for, like everything that no answer came to.
        """
        await self._save(self._read_back)

    async def _send_or_halve(self, batch: Sequence[Step]) -> None:
        """Send a batch, in ever smaller parts while the site fails on it."""
        try:
            await self._send_twice(batch)
        except NightscoutError as error:
            if not _may_lie_in_documents(error):
                raise
            if len(batch) == 1:
                self._note_failure(batch[0], error)
                return
        else:
            self._failed_in_a_row = 0
            return
        middle = len(batch) // 2
        await self._send_or_halve(batch[:middle])
        await self._send_or_halve(batch[middle:])

    def _note_failure(self, step: Step, error: NightscoutError) -> None:
        """Note a document that fails by itself; raise its error when it is one of many."""
        identifier = step.document.identifier
        self.rejected.append(Rejection(identifier=identifier, reason=error.reason))
        self._failed_in_a_row += 1
        if self._failed_in_a_row >= HOPELESS:
            raise error

    async def _send_twice(self, batch: Sequence[Step]) -> None:
        """Send a batch, once more when no answer came; smaller ones from then on if again none."""
        try:
            await self._send(batch)
        except NightscoutUnreachable as error:
            if not error.sent:
                raise
        else:
            return
        try:
            await self._send(batch)
        except NightscoutUnreachable:
            self.largest = max(1, len(batch) // 2)
            raise

    async def _send(self, batch: Sequence[Step]) -> None:
        """Note what is about to be sent, send it, note that it was accepted."""
        collection = batch[0].document.collection
        # Some hundred documents, each looked up in the ledger of every day.
        days = await asyncio.to_thread(self._intend, batch)
        under_way = InFlightWrite.note(self._ledgers, collection, days)
        await self._save(days)
        missing = batch
        if collection is Collection.DEVICE_STATUS:
            missing = await self._not_there(batch)
        if missing:
            bodies = [step.document.body for step in missing]
            try:
                await self._client.write(collection, bodies)
            except NightscoutError as error:
                if not error.sent:
                    under_way.end()
                    await self._save(days)
                raise
        under_way.end()
        for step in batch:
            document, rows = step.document, self._ledgers[step.day].rows
            row = rows[document.identifier]
            rows[document.identifier] = replace(row, hash=document.hash)
            self.accepted.add(document.identifier)
        self._unsaved |= days.keys()

    def _intend(self, batch: Iterable[Step]) -> dict[date, set[str]]:
        """Put steps into the ledger as not accepted; return the identifiers by the days that this concerns."""
        concerned: defaultdict[date, set[str]] = defaultdict(set)
        for step, (day, ledger) in product(batch, self._ledgers.items()):
            document, name = step.document, step.document.identifier
            row, edited = ledger.rows.get(name), self.edited.get(name, ())
            if day == step.day:
                new = (
                    row.before_writing(document, edited)
                    if row
                    else LedgerRow.new(document)
                )
                ledger.rows[name] = new
            elif row:
                left = row.older_places.union(edited) - {row.place}
                ledger.rows[name] = replace(row, hash="", older_places=left)
            else:
                continue
            concerned[day].add(name)
        return dict(concerned)

    async def _not_there(self, batch: Sequence[Step]) -> list[Step]:
        """Return the steps that a collection which never replaces does not hold already."""
        instants = [step.document.created_at for step in batch]
        collection = batch[0].document.collection
        reported = await self._client.read(
            collection, min(instants), max(instants), {"app": APP}
        )
        there: dict[str, list[FoundDocument]] = {}
        for one in filter(None, map(FoundDocument.read, reported)):
            there.setdefault(one.identifier, []).append(one)
        missing = []
        for step in batch:
            document, rows = step.document, self._ledgers[step.day].rows
            selves = there.get(document.identifier, [])
            if all(one.hash != document.hash for one in selves):
                missing.append(step)
            if len(selves) > 1 or (selves and step in missing):
                row = rows[document.identifier]
                left = row.older_places.union(one.place for one in selves)
                rows[document.identifier] = replace(row, older_places=left)
        return missing

    async def _save(self, days: AnyOf[date]) -> None:
        for day in sorted(self._unsaved.union(days)):
            await self._files.save(day, self._ledgers[day])
            self._unsaved.discard(day)
            self._read_back.discard(day)


def batches(steps: Iterable[Step], largest: int) -> Iterator[list[Step]]:
    """Yield steps of one collection each, few and small enough for one request."""
    batch: list[Step] = []
    size = 0
    for step in steps:
        length = len(orjson.dumps(step.document.body)) + 1
        if batch and (
            step.document.collection is not batch[0].document.collection
            or len(batch) >= largest
            or size + length > MOST_BYTES
        ):
            yield batch
            batch, size = [], 0
        batch.append(step)
        size += length
    if batch:
        yield batch


def _may_lie_in_documents(error: NightscoutError) -> bool:
    """Return whether fewer documents might pass where these did not."""
    if isinstance(error, NightscoutBusy):
        failed = (error.status or 0) >= HTTPStatus.INTERNAL_SERVER_ERROR
        return failed and error.retry_after is None
    return isinstance(error, NightscoutRejected)
