"""Removing older copies and documents that are no longer wanted, and never anything else."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import chain
from typing import Self

from .client import NightscoutClient
from .identifiers import Collection
from .in_flight_write import InFlightWrite
from .ledger import DayLedger, LedgerRow, LedgerStore, UpsertKey
from .moved_treatments import keys_at_site
from .stored_document import StoredDocument

MAX_QUERY_SPAN = timedelta(days=1)
NEIGHBOUR_DAYS = 2
"""Days before and after a day on which its documents are found if a clock dates them wrongly."""

type StoredCopy = tuple[str, UpsertKey]
"""An identifier and a key at which the site may have a document of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """An identifier of one day whose older copies, or all copies, have to be removed."""

    day: date
    identifier: str
    row: LedgerRow
    only_older_copies: bool
    """Whether the document at the row's key is still wanted."""

    @property
    def keys(self) -> frozenset[UpsertKey]:
        """The keys at which the site may have copies to remove."""
        return self.row.older_keys if self.only_older_copies else self.row.keys

    def has_copies_besides(self, kept: Iterable[LedgerRow]) -> bool:
        """Return whether a copy may be at a key that no kept row has.

        A document whose hash is that of a kept row is none: a person moved the kept document.
        """
        rows = list(kept)
        was_moved = not self.only_older_copies and any(
            row.hash == self.row.hash for row in rows
        )
        return not was_moved and bool(self.keys - {row.key for row in rows})

    def with_older_keys(self, keys: Iterable[UpsertKey]) -> Self:
        """Return the removal with more keys of older copies."""
        older = self.row.older_keys.union(keys) - {self.row.key}
        return replace(self, row=replace(self.row, older_keys=older))

    @property
    def is_due(self) -> bool:
        """Return whether Nightscout has accepted the replacement."""
        return not self.only_older_copies or bool(self.row.hash)


def removals_of_day(
    day: date, rows: Mapping[str, LedgerRow], wanted: Container[str]
) -> Iterator[Removal]:
    """Yield the removals for a day's rows: unwanted documents, and older copies of wanted ones."""
    for identifier, row in rows.items():
        is_wanted = identifier in wanted
        if row.older_keys or not is_wanted:
            yield Removal(
                day=day, identifier=identifier, row=row, only_older_copies=is_wanted
            )


class Remover:
    """Removes documents and notes in the ledger that they are gone."""

    def __init__(
        self,
        client: NightscoutClient,
        store: LedgerStore,
        ledgers: Mapping[date, DayLedger],
    ) -> None:
        """Take the site, and the ledgers in which removals are noted with the store that saves them."""
        self.removed = 0
        self._client = client
        self._store = store
        self._ledgers = ledgers

    async def possible(self, removals: Sequence[Removal]) -> tuple[Removal, ...]:
        """Return the removals without those whose copies all belong to kept rows, as far as the ledgers say."""
        kept = await self._kept_rows(removals)
        return tuple(
            removal
            for removal in removals
            if removal.row.collection is Collection.DEVICE_STATUS
            or removal.has_copies_besides(kept.get(removal.identifier, ()))
        )

    async def remove(self, removals: Sequence[Removal]) -> None:
        """Carry out all removals; raise any of the errors of errors.py."""
        unwanted = [
            (removal.identifier, removal.row)
            for removal in removals
            if not removal.only_older_copies
        ]
        at_site = await keys_at_site(self._client, unwanted)
        removals = [
            removal
            if removal.only_older_copies
            else removal.with_older_keys(at_site.get(removal.identifier, ()))
            for removal in removals
        ]
        kept = await self._kept_rows(removals)
        for collection, copies in _groups(removals):
            if object_ids := await self._object_ids(collection, copies, kept):
                identifiers = {identifier for identifier, _ in copies}
                concerned = [
                    removal for removal in removals if removal.identifier in identifiers
                ]
                await self._delete(collection, object_ids, concerned)
        for removal in removals:
            rows = self._ledgers[removal.day].rows
            if removal.only_older_copies:
                rows[removal.identifier] = replace(removal.row, older_keys=frozenset())
            else:
                del rows[removal.identifier]
        await self._save({removal.day for removal in removals})

    async def _delete(
        self,
        collection: Collection,
        object_ids: Iterable[str],
        removals: Iterable[Removal],
    ) -> None:
        """Note that the documents of these removals no longer count as written, and delete them.

        So a document that is wanted again is sent again, however the deleting stops.
        """
        identifiers: defaultdict[date, set[str]] = defaultdict(set)
        for removal in removals:
            identifiers[removal.day].add(removal.identifier)
            if not removal.only_older_copies:
                rows = self._ledgers[removal.day].rows
                rows[removal.identifier] = replace(removal.row, hash="")
        in_flight = await InFlightWrite.start(
            self._ledgers, collection, identifiers, self._save
        )
        async with in_flight.until_answered():
            for object_id in object_ids:
                await self._client.delete(collection, object_id)
                self.removed += 1
        await self._save(identifiers)

    async def _save(self, days: Iterable[date]) -> None:
        for day in sorted(days):
            await self._store.save(day, self._ledgers[day])

    async def _neighbours(self, removals: Iterable[Removal]) -> dict[date, DayLedger]:
        """Return the ledgers of the days around these removals that are not compared now."""
        near = {
            removal.day + timedelta(days=days)
            for removal in removals
            for days in range(-NEIGHBOUR_DAYS, NEIGHBOUR_DAYS + 1)
        }
        ledgers = {
            day: await self._store.load(day)
            for day in sorted(near - self._ledgers.keys())
        }
        return {day: ledger for day, ledger in ledgers.items() if ledger}

    async def _kept_rows(
        self, removals: Sequence[Removal]
    ) -> dict[str, list[LedgerRow]]:
        """Return by identifier the rows whose documents have to stay, of whichever day."""
        neighbours = await self._neighbours(removals)
        unwanted = {
            (removal.day, removal.identifier)
            for removal in removals
            if not removal.only_older_copies
        }
        kept: defaultdict[str, list[LedgerRow]] = defaultdict(list)
        for day, ledger in chain(neighbours.items(), self._ledgers.items()):
            for identifier, row in ledger.rows.items():
                if (day, identifier) not in unwanted:
                    kept[identifier].append(row)
        return kept

    async def _object_ids(
        self,
        collection: Collection,
        copies: set[StoredCopy],
        kept: Mapping[str, Sequence[LedgerRow]],
    ) -> list[str]:
        """Return the ids of the documents at exactly these keys that belong to no kept row."""
        instants = [key.created_at for _, key in copies]
        object_ids: list[str] = []
        seen: set[StoredCopy] = set()
        for document in await self._client.read_own(
            collection, min(instants), max(instants)
        ):
            copy = (document.identifier, document.key)
            if copy not in copies:
                continue
            rows = kept.get(document.identifier, ())
            if copy in seen or not _belongs_to_any(document, rows):
                object_ids.append(document.object_id)
            elif collection is Collection.DEVICE_STATUS:
                seen.add(copy)
        return object_ids


def _belongs_to_any(document: StoredDocument, rows: Iterable[LedgerRow]) -> bool:
    """Return whether a document belongs to one of these rows, moved by a person if it has the same hash.

    Nightscout replaces treatments and entries by their key, so any document at a row's key belongs to
    the row; one at a key of its older copies does not.
    """
    if document.kind.collection is Collection.DEVICE_STATUS:
        return any(
            row.hash == document.hash and row.key == document.key for row in rows
        )
    return any(
        row.key == document.key
        or (row.hash == document.hash and document.key not in row.older_keys)
        for row in rows
    )


def _groups(
    removals: Iterable[Removal],
) -> Iterator[tuple[Collection, set[StoredCopy]]]:
    """Yield copies that one query can return: of one collection, at most a day apart."""
    by_collection: defaultdict[Collection, set[StoredCopy]] = defaultdict(set)
    for removal in removals:
        by_collection[removal.row.collection].update(
            (removal.identifier, key) for key in removal.keys
        )
    for collection, copies in by_collection.items():
        group: set[StoredCopy] = set()
        since = None
        for copy in sorted(copies, key=lambda copy: copy[1].created_at):
            at = copy[1].created_at
            if since is None or at - since > MAX_QUERY_SPAN:
                if group:
                    yield collection, group
                group, since = set(), at
            group.add(copy)
        if group:
            yield collection, group
