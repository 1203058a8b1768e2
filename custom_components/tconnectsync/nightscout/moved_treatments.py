"""Where a person moved treatments to, in whole or in part."""

from collections.abc import Iterable
from itertools import product

from custom_components.tconnectsync.instants import ONE_DAY

from .client import NightscoutClient
from .found_document import FoundDocument
from .identifiers import APP, Collection
from .ledger import LedgerRow, UpsertKey
from .query_windows import Window, batched_windows

FEW = 3
"""So many are asked for one by one, such as rates and modes that still run: a day holds hundreds."""


async def places_of(
    client: NightscoutClient, rows: Iterable[tuple[str, LedgerRow]]
) -> dict[str, set[UpsertKey]]:
    """Return wherever the site holds treatments of these identifiers.

    They are about to be replaced or removed. Saved in Nightscout's reports, a treatment moves to
    the minute, and its parts can be dragged along the chart: what is not looked for within a day of
    where it was written stays beside what takes its place. Raises any of the errors of errors.py.
    """
    treatments = [
        (name, row) for name, row in rows if row.collection is Collection.TREATMENTS
    ]
    places = {name: set[UpsertKey]() for name, _ in treatments}
    few = len(places) <= FEW
    finds = [{"identifier": name} for name in places] if few else [{"app": APP}]
    spans = list(batched_windows(_span(row) for _, row in treatments))
    for (since, until), find in product(spans, finds):
        reported = await client.read(Collection.TREATMENTS, since, until, find)
        for found in filter(None, map(FoundDocument.read, reported)):
            if found.identifier in places:
                places[found.identifier].add(found.place)
    return places


def _span(row: LedgerRow) -> Window:
    instants = [place.created_at for place in row.places]
    return min(instants) - ONE_DAY, max(instants) + ONE_DAY
