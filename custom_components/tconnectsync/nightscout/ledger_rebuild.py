"""Beginning the ledger of days with what Nightscout holds."""

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
from .found_document import FoundDocument
from .identifiers import APP, Collection, Kind, feature_of
from .ledger import DayLedger, LedgerRow, UpsertKey
from .plan import Wanted
from .query_windows import Window, batched_windows
from .written_by_cli import WRITER, WRITER_FIELDS, collection_of, covered_by_day


async def rebuild_ledger(
    client: NightscoutClient,
    collection: Collection,
    wanted: Wanted,
    ledgers: Mapping[date, DayLedger],
    unconfirmed_identifiers: Mapping[date, frozenset[str] | None],
) -> None:
    """Make what these ledgers tell about one collection anew, as the site holds it.

    Ledgers and what is in doubt are by pump day. Where that is some identifiers, the rest stays as
    it is: what a person deleted is not found either. The ledgers are changed once all of it is
    read. Raises any of the errors of errors.py.
    """
    found: list[FoundDocument] = []
    of_the_command_line: list[dict[str, Any]] = []
    for since, until in _windows(wanted, ledgers):
        mine = await client.read(collection, since, until, {"app": APP})
        found += await asyncio.to_thread(_found, mine)
        if signed := WRITER_FIELDS.get(collection):
            of_the_command_line += await client.read(
                collection, since, until, {signed: WRITER}
            )
    # A document that moved to another day is asked for on both.
    doubtful = set[str]().union(*filter(None, unconfirmed_identifiers.values()))

    def is_asked(day: date, identifier: str) -> bool:
        return day in unconfirmed_identifiers and (
            unconfirmed_identifiers[day] is None or identifier in doubtful
        )

    rows = await asyncio.to_thread(_rows, found, wanted, is_asked)
    covered = await asyncio.to_thread(
        covered_by_day, collection, of_the_command_line, wanted
    )
    for day, ledger in ledgers.items():
        others = {
            identifier: row
            for identifier, row in ledger.rows.items()
            if row.collection is not collection or not is_asked(day, identifier)
        }
        of_others = {
            feature: known
            for feature, known in ledger.covered.items()
            if collection_of(feature) is not collection
        }
        ledger.rows = others | {
            identifier: row
            for identifier, row in rows.get(day, {}).items()
            if is_asked(day, identifier)
        }
        ledger.covered = of_others | covered.get(day, {})
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
    """Return spans of a few days that hold every document of these days, wherever the pump was.

    That of a clock with a wrong date is looked for around those that are known of its day.
    """
    return batched_windows(
        _span(day, ledger, wanted.get(day, ())) for day, ledger in ledgers.items()
    )


def _span(day: date, ledger: DayLedger, documents: Sequence[Document]) -> Window:
    midnight = datetime.combine(day, time(), UTC)
    known = [place.created_at for row in ledger.rows.values() for place in row.places]
    offsets = [document.offset for document in documents]
    since = min([midnight - LARGEST_OFFSET, *(midnight - one for one in offsets)])
    until = max([midnight + LARGEST_OFFSET, *(midnight - one for one in offsets)])
    return min([since, *known]), max([until + ONE_DAY, *known])


def _selves(document: Document) -> Iterator[Document]:
    """Yield a document under each name that it may have been written by."""
    yield document
    if document.former:
        yield document.under(document.former)


def _found(reported: Iterable[Any]) -> list[FoundDocument]:
    """Return the documents that this integration wrote."""
    return list(filter(None, map(FoundDocument.read, reported)))


def _rows(
    found: Sequence[FoundDocument],
    wanted: Wanted,
    is_asked: Callable[[date, str], bool],
) -> dict[date, dict[str, LedgerRow]]:
    """Sort what was found into days; of several selves the one that is wanted counts.

    What a person edited may seem to be of another day: the one that wants its name is its own, if
    the site is asked for that name on that day.
    """
    homes = {
        (one.identifier, UpsertKey.of(one)): (day, one.hash)
        for day, documents in wanted.items()
        for document in documents
        for one in _selves(document)
    }
    by_name = {
        name: day for (name, _), (day, _) in homes.items() if is_asked(day, name)
    }
    selves: defaultdict[tuple[date, str], dict[str, FoundDocument]] = defaultdict(dict)
    for one in found:
        own = by_name.get(one.identifier, one.day)
        day, _ = homes.get((one.identifier, one.place), (own, ""))
        selves[day, one.identifier][one.object_id] = one
    rows: defaultdict[date, dict[str, LedgerRow]] = defaultdict(dict)

    def rank(one: FoundDocument) -> tuple[bool, bool, datetime]:
        _, hashed = homes.get((one.identifier, one.place), (None, None))
        return hashed == one.hash, hashed is not None, one.place.created_at

    for (day, identifier), several in selves.items():
        best = max(several.values(), key=rank)
        others = (one for one in several.values() if one is not best)
        if best.kind.collection is not Collection.DEVICE_STATUS:
            others = (one for one in others if _is_older(one, best))
        left = frozenset(one.place for one in others)
        rows[day][identifier] = LedgerRow(best.kind, best.place, best.hash, left)
    return rows


def _is_older(one: FoundDocument, best: FoundDocument) -> bool:
    """Return whether it is another self; what has the same hash is a part that a person moved."""
    return one.hash != best.hash and one.place != best.place
