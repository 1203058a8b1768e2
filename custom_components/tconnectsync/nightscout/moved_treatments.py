"""The keys at which the site has treatments, wherever a person moved them or parts of them."""

from collections.abc import Iterable
from itertools import product

from custom_components.tconnectsync.instants import ONE_DAY

from .client import NightscoutClient
from .identifiers import Collection
from .ledger import LedgerRow, UpsertKey
from .query_windows import Window, batched_windows

MAX_SINGLE_QUERIES = 3
"""Up to this many treatments, such as a running rate or mode, are queried one by one: a day has hundreds."""


async def keys_at_site(
    client: NightscoutClient, rows: Iterable[tuple[str, LedgerRow]]
) -> dict[str, set[UpsertKey]]:
    """Return by identifier all keys at which the site has the treatments of these rows.

    They are about to be replaced or removed. A treatment that is saved in Nightscout's reports moves
    to the full minute, and its parts can be dragged along the chart: unless it is found, within a day of
    where it was written, it stays beside its replacement. Raises any of the errors of errors.py.
    """
    treatments = [
        (identifier, row)
        for identifier, row in rows
        if row.collection is Collection.TREATMENTS
    ]
    keys = {identifier: set[UpsertKey]() for identifier, _ in treatments}
    few = len(keys) <= MAX_SINGLE_QUERIES
    queries: list[str | None] = [*keys] if few else [None]
    windows = list(batched_windows(_window(row) for _, row in treatments))
    for (since, until), identifier in product(windows, queries):
        for document in await client.read_own(
            Collection.TREATMENTS, since, until, identifier
        ):
            if document.identifier in keys:
                keys[document.identifier].add(document.key)
    return keys


def _window(row: LedgerRow) -> Window:
    instants = [key.created_at for key in row.keys]
    return min(instants) - ONE_DAY, max(instants) + ONE_DAY
