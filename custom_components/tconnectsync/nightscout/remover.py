"""Removing older copies and what is no longer wanted, and never anything else."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import chain
from typing import Self

from .client import NightscoutClient
from .errors import NightscoutError
from .found_document import FoundDocument
from .identifiers import APP, Collection
from .in_flight_write import InFlightWrite
from .ledger import DayLedger, LedgerFiles, LedgerRow, UpsertKey
from .moved_treatments import places_of

SPAN_AT_ONCE = timedelta(days=1)
NEIGHBOURS = 2
"""So many days before and after one: there a document is found that a clock dates wrongly."""

type StoredCopy = tuple[str, UpsertKey]
"""An identifier and where a document of it may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """An identifier of one day whose older selves, or all of it, have to go."""

    day: date
    identifier: str
    row: LedgerRow
    keep: bool
    """It is still wanted where the row says it is."""

    @property
    def places(self) -> frozenset[UpsertKey]:
        """Where to look."""
        return self.row.older_places if self.keep else self.row.places

    def goes_beside(self, held: Iterable[LedgerRow]) -> bool:
        """Return whether some of it is elsewhere, and not what a person moved of what stays."""
        rows = list(held)
        moved = not self.keep and any(row.hash == self.row.hash for row in rows)
        return not moved and bool(self.places - {row.place for row in rows})

    def also_at(self, places: Iterable[UpsertKey]) -> Self:
        """Return it with more places to look."""
        left = self.row.older_places.union(places) - {self.row.place}
        return replace(self, row=replace(self.row, older_places=left))

    @property
    def is_due(self) -> bool:
        """Return whether what takes its place has been accepted."""
        return not self.keep or bool(self.row.hash)


def removals(
    day: date, rows: Mapping[str, LedgerRow], wanted: Container[str]
) -> Iterator[Removal]:
    """Yield what of a day's rows has to go: what is not wanted any more, and older copies of what is."""
    for identifier, row in rows.items():
        keep = identifier in wanted
        if row.older_places or not keep:
            yield Removal(day=day, identifier=identifier, row=row, keep=keep)


class Remover:
    """Removes what has to go and notes in the ledger that it is gone."""

    def __init__(
        self,
        client: NightscoutClient,
        files: LedgerFiles,
        ledgers: Mapping[date, DayLedger],
    ) -> None:
        """Write down in these ledgers."""
        self.removed = 0
        self._client = client
        self._files = files
        self._ledgers = ledgers

    async def possible(self, removals: Sequence[Removal]) -> tuple[Removal, ...]:
        """Return those of which not all has to stay for another day, as far as the ledgers tell."""
        held = await self._held(removals)
        return tuple(
            removal
            for removal in removals
            if removal.row.collection is Collection.DEVICE_STATUS
            or removal.goes_beside(held.get(removal.identifier, ()))
        )

    async def remove(self, removals: Sequence[Removal]) -> None:
        """Remove all of it; raise any of the errors of errors.py."""
        going = [(one.identifier, one.row) for one in removals if not one.keep]
        edited = await places_of(self._client, going)
        removals = [
            one if one.keep else one.also_at(edited.get(one.identifier, ()))
            for one in removals
        ]
        held = await self._held(removals)
        for collection, copies in _groups(removals):
            if old := await self._old(collection, copies, held):
                names = {identifier for identifier, _ in copies}
                concerned = [one for one in removals if one.identifier in names]
                await self._delete(collection, old, concerned)
        for removal in removals:
            rows = self._ledgers[removal.day].rows
            if removal.keep:
                rows[removal.identifier] = replace(
                    removal.row, older_places=frozenset()
                )
            else:
                del rows[removal.identifier]
        await self._save({removal.day for removal in removals})

    async def _delete(
        self, collection: Collection, old: Iterable[str], going: Iterable[Removal]
    ) -> None:
        """Note that none of what goes counts as written any more, and delete it by its ids.

        However this stops, what is wanted again by then has to be sent again.
        """
        days: defaultdict[date, set[str]] = defaultdict(set)
        for removal in going:
            days[removal.day].add(removal.identifier)
            if not removal.keep:
                rows = self._ledgers[removal.day].rows
                rows[removal.identifier] = replace(removal.row, hash="")
        under_way = InFlightWrite.note(self._ledgers, collection, days)
        await self._save(days)
        for object_id in old:
            try:
                await self._client.delete(collection, object_id)
            except NightscoutError as error:
                if not error.sent:
                    under_way.end()
                    await self._save(days)
                raise
            self.removed += 1
        under_way.end()
        await self._save(days)

    async def _save(self, days: Iterable[date]) -> None:
        for day in sorted(days):
            await self._files.save(day, self._ledgers[day])

    async def _neighbours(self, removals: Iterable[Removal]) -> dict[date, DayLedger]:
        """Return what is kept of the days around these that are not compared now."""
        near = {
            removal.day + timedelta(days=away)
            for removal in removals
            for away in range(-NEIGHBOURS, NEIGHBOURS + 1)
        }
        kept = {
            day: await self._files.load(day)
            for day in sorted(near - self._ledgers.keys())
        }
        return {day: ledger for day, ledger in kept.items() if ledger}

    async def _held(self, removals: Sequence[Removal]) -> dict[str, list[LedgerRow]]:
        """Return by identifier what has to stay, whichever day it belongs to."""
        neighbours = await self._neighbours(removals)
        going = {
            (removal.day, removal.identifier)
            for removal in removals
            if not removal.keep
        }
        held: defaultdict[str, list[LedgerRow]] = defaultdict(list)
        for day, ledger in chain(neighbours.items(), self._ledgers.items()):
            for identifier, row in ledger.rows.items():
                if (day, identifier) not in going:
                    held[identifier].append(row)
        return held

    async def _old(
        self,
        collection: Collection,
        copies: set[StoredCopy],
        held: Mapping[str, Sequence[LedgerRow]],
    ) -> list[str]:
        """Return the ids of documents that are exactly these copies and not what stays."""
        instants = [place.created_at for _, place in copies]
        reported = await self._client.read(
            collection, min(instants), max(instants), {"app": APP}
        )
        old: list[str] = []
        seen: set[StoredCopy] = set()
        for found in filter(None, map(FoundDocument.read, reported)):
            copy = (found.identifier, found.place)
            if copy not in copies:
                continue
            stays = copy not in seen and _stays(found, held.get(found.identifier, ()))
            if not stays:
                old.append(found.object_id)
            elif collection is Collection.DEVICE_STATUS:
                seen.add(copy)
        return old


def _stays(found: FoundDocument, held: Iterable[LedgerRow]) -> bool:
    """Return whether it is one of these; one with the same hash elsewhere was moved by a person.

    Of what Nightscout replaces by its place, whatever is there is one; what a row knows as older is not.
    """
    if found.kind.collection is Collection.DEVICE_STATUS:
        return any(row.hash == found.hash and row.place == found.place for row in held)
    return any(
        row.place == found.place
        or (row.hash == found.hash and found.place not in row.older_places)
        for row in held
    )


def _groups(
    removals: Iterable[Removal],
) -> Iterator[tuple[Collection, set[StoredCopy]]]:
    """Yield what can be looked for at once: one collection, at most a day apart."""
    by_collection: defaultdict[Collection, set[StoredCopy]] = defaultdict(set)
    for removal in removals:
        by_collection[removal.row.collection].update(
            (removal.identifier, place) for place in removal.places
        )
    for collection, copies in by_collection.items():
        group: set[StoredCopy] = set()
        since = None
        for copy in sorted(copies, key=lambda one: one[1].created_at):
            at = copy[1].created_at
            if since is None or at - since > SPAN_AT_ONCE:
                if group:
                    yield collection, group
                group, since = set(), at
            group.add(copy)
        if group:
            yield collection, group
