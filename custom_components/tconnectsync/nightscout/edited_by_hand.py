"""Where a person moved treatments to, in whole or in part."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from itertools import product

from custom_components.tconnectsync.instants import ONE_DAY

from .client import NightscoutClient
from .found_document import Found
from .identifiers import APP, Collection
from .ledger import DayLedger, Place, Row
from .windows import Window, merged

FEW = 3
"""So many are asked for one by one, such as rates and modes that still run: a day holds hundreds."""

type RowName = tuple[date, str]
"""A pump day and an identifier in its ledger."""


async def note_edits(
    client: NightscoutClient,
    concerned: Iterable[RowName],
    ledgers: Mapping[date, DayLedger],
) -> None:
    """Note as older places wherever the site holds treatments that are about to be replaced or removed.

    Saved in Nightscout's reports, a treatment moves to the minute, and its parts can be dragged
    along the chart: what is not looked for within a day of where it was written stays beside what
    takes its place. Raises any of the errors of errors.py.
    """
    rows = [
        (day, name, row)
        for day, name in concerned
        if (row := ledgers[day].rows[name]).collection is Collection.TREATMENTS
    ]
    places = {name: set[Place]() for _, name, _ in rows}
    few = len(places) <= FEW
    finds = [{"identifier": name} for name in places] if few else [{"app": APP}]
    spans = list(merged(_span(row) for _, _, row in rows))
    for (since, until), find in product(spans, finds):
        reported = await client.read(Collection.TREATMENTS, since, until, find)
        for found in filter(None, map(Found.read, reported)):
            if found.identifier in places:
                places[found.identifier].add(found.place)
    for day, name, row in rows:
        older = (row.older_places | places[name]) - {row.place}
        ledgers[day].rows[name] = replace(row, older_places=older)


def _span(row: Row) -> Window:
    instants = [place.created_at for place in row.places]
    return min(instants) - ONE_DAY, max(instants) + ONE_DAY
