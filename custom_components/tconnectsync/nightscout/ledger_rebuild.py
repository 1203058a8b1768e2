"""Rebuilding the ledger of days from the documents that Nightscout has."""

import asyncio
from collections import defaultdict
from collections.abc import (
    Callable,
    Collection as AnyOf,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from datetime import UTC, date, datetime, time
from typing import Any

from custom_components.tconnectsync.instants import ONE_DAY

from .client import NightscoutClient
from .document import LARGEST_OFFSET, Document
from .features import Feature
from .identifiers import Collection, Kind, feature_of
from .ledger import DayLedger, LedgerRow, UpsertKey
from .plan import Wanted
from .query_windows import Window, batched_windows
from .stored_document import StoredDocument
from .written_by_cli import WRITER, WRITER_FIELDS, collection_of, covered_by_day


async def rebuild_ledger(
    client: NightscoutClient,
    collection: Collection,
    wanted: Wanted,
    ledgers: Mapping[date, DayLedger],
    unconfirmed: Mapping[date, frozenset[str] | None],
) -> None:
    """Rebuild the rows of one collection in these ledgers from the documents of the site.

    `unconfirmed` are the identifiers to rebuild by pump day, None for all. The other rows stay, those of
    documents that a person deleted included. The ledgers are changed once everything has been
    read. Raises any of the errors of errors.py.
    """
    stored: list[StoredDocument] = []
    of_cli: list[dict[str, Any]] = []
    for since, until in _windows(wanted, ledgers):
        stored += await client.read_own(collection, since, until)
        if field := WRITER_FIELDS.get(collection):
            of_cli += await client.read(collection, since, until, {field: WRITER})
    # A document that moved to another day is rebuilt on both.
    on_any_day = set[str]().union(*filter(None, unconfirmed.values()))

    def is_rebuilt(day: date, identifier: str) -> bool:
        return day in unconfirmed and (
            unconfirmed[day] is None or identifier in on_any_day
        )

    rows = await asyncio.to_thread(_rows, stored, wanted, is_rebuilt)
    covered = await asyncio.to_thread(covered_by_day, collection, of_cli, wanted)
    for day, ledger in ledgers.items():
        other_rows = {
            identifier: row
            for identifier, row in ledger.rows.items()
            if row.collection is not collection or not is_rebuilt(day, identifier)
        }
        other_covered = {
            feature: of_feature
            for feature, of_feature in ledger.covered.items()
            if collection_of(feature) is not collection
        }
        ledger.rows = other_rows | {
            identifier: row
            for identifier, row in rows.get(day, {}).items()
            if is_rebuilt(day, identifier)
        }
        ledger.covered = other_covered | covered.get(day, {})
        ledger.collections.add(collection)


def collections_of(features: AnyOf[Feature]) -> list[Collection]:
    """Return the collections that these features write to."""
    return [
        collection
        for collection in Collection
        if any(
            kind.collection is collection and feature_of(kind, "") in features
            for kind in Kind
        )
    ]


def _windows(wanted: Wanted, ledgers: Mapping[date, DayLedger]) -> Iterator[Window]:
    """Return windows that contain every document of these days, in any zone of the pump."""
    return batched_windows(
        _window(day, ledger, wanted.get(day, ())) for day, ledger in ledgers.items()
    )


def _window(day: date, ledger: DayLedger, documents: Sequence[Document]) -> Window:
    """Return the window of one day.

    A clock with a wrong date puts documents far outside the day: the rows and wanted documents of the
    day show where.
    """
    midnight = datetime.combine(day, time(), UTC)
    instants = [key.created_at for row in ledger.rows.values() for key in row.keys]
    offsets = [document.offset for document in documents]
    starts = [midnight - offset for offset in offsets]
    since = min([midnight - LARGEST_OFFSET, *starts])
    until = max([midnight + LARGEST_OFFSET, *starts])
    return min([since, *instants]), max([until + ONE_DAY, *instants])


def _under_each_name(document: Document) -> Iterator[Document]:
    """Yield a document under its identifier, and under the one that an earlier version gave it."""
    yield document
    if document.former:
        yield document.with_identifier(document.former)


def _rows(
    stored: Iterable[StoredDocument],
    wanted: Wanted,
    is_rebuilt: Callable[[date, str], bool],
) -> dict[date, dict[str, LedgerRow]]:
    """Return rows by day and identifier; of several copies of a document the wanted one counts.

    An edited document may seem to belong to another day. It belongs to the day that wants its identifier,
    if that is rebuilt on that day.
    """
    homes = {
        (document.identifier, UpsertKey.of(document)): (day, document.hash)
        for day, of_day in wanted.items()
        for wanted_document in of_day
        for document in _under_each_name(wanted_document)
    }
    day_of = {
        identifier: day
        for (identifier, _), (day, _) in homes.items()
        if is_rebuilt(day, identifier)
    }
    copies: defaultdict[tuple[date, str], dict[str, StoredDocument]] = defaultdict(dict)
    for document in stored:
        likely = day_of.get(document.identifier, document.day)
        day, _ = homes.get((document.identifier, document.key), (likely, ""))
        copies[day, document.identifier][document.object_id] = document
    rows: defaultdict[date, dict[str, LedgerRow]] = defaultdict(dict)

    def rank(copy: StoredDocument) -> tuple[bool, bool, datetime]:
        _, wanted_hash = homes.get((copy.identifier, copy.key), (None, None))
        return wanted_hash == copy.hash, wanted_hash is not None, copy.key.created_at

    for (day, identifier), by_id in copies.items():
        best = max(by_id.values(), key=rank)
        others = (copy for copy in by_id.values() if copy is not best)
        if best.kind.collection is not Collection.DEVICE_STATUS:
            others = (copy for copy in others if _is_older(copy, best))
        older_keys = frozenset(copy.key for copy in others)
        rows[day][identifier] = LedgerRow(best.kind, best.key, best.hash, older_keys)
    return rows


def _is_older(copy: StoredDocument, best: StoredDocument) -> bool:
    """Return whether a copy is an older one; a copy with the same hash is a part that a person moved."""
    return copy.hash != best.hash and copy.key != best.key
