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
from .identifiers import Collection
from .in_flight_write import InFlightWrite
from .ledger import DayLedger, LedgerRow, LedgerStore, UpsertKey
from .plan import Write
from .stored_document import StoredDocument

MAX_DOCUMENTS = 500
MAX_BYTES = 900_000
MAX_FAILURES_IN_A_ROW = 5
"""After this many single documents that failed one after another, the site itself counts as failing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A document that Nightscout does not accept, while it accepts others."""

    identifier: str = field(repr=False)
    reason: str


class Sender:
    """Sends the writes of one plan and notes in the ledger which were accepted."""

    def __init__(
        self,
        client: NightscoutClient,
        store: LedgerStore,
        ledgers: Mapping[date, DayLedger],
        batch_size: int,
        read_back: Iterable[date] = (),
    ) -> None:
        """Take the site, and the ledgers in which writes are noted with the store that saves them.

        A batch has at most `batch_size` documents. `read_back` are the days that were rebuilt from the
        site and not saved yet.
        """
        self.accepted: set[str] = set()
        self.rejected: list[Rejection] = []
        self.batch_size = batch_size
        self.keys_at_site: Mapping[str, AnyOf[UpsertKey]] = {}
        """By identifier, keys besides those in the ledgers at which the site has documents to replace."""
        self._failures_in_a_row = 0
        self._unsaved: set[date] = set()
        """Days with accepted documents that are not saved as accepted yet."""
        self._read_back = set(read_back)
        """Days that are not saved since they were read back; after a crash they would be read again."""
        self._client = client
        self._store = store
        self._ledgers = ledgers

    async def send(self, writes: Iterable[Write]) -> None:
        """Send all documents; raise a NightscoutError if the site itself fails."""
        for batch in batches(writes, self.batch_size):
            await self._send_or_halve(batch)

    async def finish(self) -> None:
        """Save the last accepted documents; those of earlier batches were saved with the next one.

        Documents that a crash leaves unsaved are read back, like those of any unconfirmed write.
        """
        await self._save(self._read_back)

    async def _send_or_halve(self, batch: Sequence[Write]) -> None:
        """Send a batch, in ever smaller parts while the site fails on it."""
        try:
            await self._send_with_retry(batch)
        except NightscoutError as error:
            if not _may_lie_in_documents(error):
                raise
            if len(batch) == 1:
                self._note_failure(batch[0], error)
                return
        else:
            self._failures_in_a_row = 0
            return
        middle = len(batch) // 2
        await self._send_or_halve(batch[:middle])
        await self._send_or_halve(batch[middle:])

    def _note_failure(self, write: Write, error: NightscoutError) -> None:
        """Note a single document that failed; raise its error after too many of them in a row."""
        identifier = write.document.identifier
        self.rejected.append(Rejection(identifier=identifier, reason=error.reason))
        self._failures_in_a_row += 1
        if self._failures_in_a_row >= MAX_FAILURES_IN_A_ROW:
            raise error

    async def _send_with_retry(self, batch: Sequence[Write]) -> None:
        """Send a batch, a second time without an answer; without a second answer send smaller ones from then on."""
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
            self.batch_size = max(1, len(batch) // 2)
            raise

    async def _send(self, batch: Sequence[Write]) -> None:
        """Note the documents that are about to be sent, send them, note that they were accepted."""
        collection = batch[0].document.collection
        # Some hundred documents, each looked up in the ledger of every day.
        identifiers = await asyncio.to_thread(self._note_before_writing, batch)
        in_flight = await InFlightWrite.start(
            self._ledgers, collection, identifiers, self._save
        )
        missing = batch
        if collection is Collection.DEVICE_STATUS:
            missing = await self._missing_at_site(batch)
        async with in_flight.until_answered():
            if missing:
                bodies = [write.document.body for write in missing]
                await self._client.write(collection, bodies)
        for write in batch:
            document, rows = write.document, self._ledgers[write.day].rows
            row = rows[document.identifier]
            rows[document.identifier] = replace(row, hash=document.hash)
            self.accepted.add(document.identifier)
        self._unsaved |= identifiers.keys()

    def _note_before_writing(self, batch: Iterable[Write]) -> dict[date, set[str]]:
        """Put documents into the ledgers as not accepted; return the changed rows' identifiers by day."""
        changed: defaultdict[date, set[str]] = defaultdict(set)
        for write, (day, ledger) in product(batch, self._ledgers.items()):
            document, identifier = write.document, write.document.identifier
            row = ledger.rows.get(identifier)
            at_site = self.keys_at_site.get(identifier, ())
            if day == write.day:
                ledger.rows[identifier] = (
                    row.before_writing(document, at_site)
                    if row
                    else LedgerRow.new(document)
                )
            elif row:
                older = row.older_keys.union(at_site) - {row.key}
                ledger.rows[identifier] = replace(row, hash="", older_keys=older)
            else:
                continue
            changed[day].add(identifier)
        return dict(changed)

    async def _missing_at_site(self, batch: Sequence[Write]) -> list[Write]:
        """Return the device statuses that the site does not have yet: it never replaces one."""
        instants = [write.document.created_at for write in batch]
        collection = batch[0].document.collection
        stored: dict[str, list[StoredDocument]] = {}
        for copy in await self._client.read_own(
            collection, min(instants), max(instants)
        ):
            stored.setdefault(copy.identifier, []).append(copy)
        missing = []
        for write in batch:
            document, rows = write.document, self._ledgers[write.day].rows
            copies = stored.get(document.identifier, [])
            is_missing = all(copy.hash != document.hash for copy in copies)
            if is_missing:
                missing.append(write)
            if len(copies) > 1 or (copies and is_missing):
                row = rows[document.identifier]
                older = row.older_keys.union(copy.key for copy in copies)
                rows[document.identifier] = replace(row, older_keys=older)
        return missing

    async def _save(self, days: AnyOf[date]) -> None:
        for day in sorted(self._unsaved.union(days)):
            await self._store.save(day, self._ledgers[day])
            self._unsaved.discard(day)
            self._read_back.discard(day)


def batches(writes: Iterable[Write], batch_size: int) -> Iterator[list[Write]]:
    """Yield writes to one collection each, few and small enough for one request."""
    batch: list[Write] = []
    size = 0
    for write in writes:
        length = len(orjson.dumps(write.document.body)) + 1
        if batch and (
            write.document.collection is not batch[0].document.collection
            or len(batch) >= batch_size
            or size + length > MAX_BYTES
        ):
            yield batch
            batch, size = [], 0
        batch.append(write)
        size += length
    if batch:
        yield batch


def _may_lie_in_documents(error: NightscoutError) -> bool:
    """Return whether the site might accept fewer documents, although it failed on these."""
    if isinstance(error, NightscoutBusy):
        failed = (error.status or 0) >= HTTPStatus.INTERNAL_SERVER_ERROR
        return failed and error.retry_after is None
    return isinstance(error, NightscoutRejected)
