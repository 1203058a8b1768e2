"""Cartridge, tubing and cannula fills, from which Nightscout counts the age of the site and the insulin."""

from collections.abc import Iterable, Iterator

from custom_components.tconnectsync.nightscout.document import (
    ENTERED_BY,
    Document,
    PumpIdentity,
    treatment,
)
from custom_components.tconnectsync.nightscout.identifiers import Kind, event_name
from custom_components.tconnectsync.therapy.records import Fill, FillKind


def fill_documents(fills: Iterable[Fill], pump: PumpIdentity) -> Iterator[Document]:
    """Yield the documents of every fill (U); a cartridge without a cannula fill counts as a site change too."""
    for fill in fills:
        if fill.kind is FillKind.CARTRIDGE:
            notes = _notes(fill, "{:.0f} U filled", "Cartridge filled")
            yield _fill(fill, pump, Kind.CARTRIDGE, "Insulin Change", notes)
            if fill.is_site_change:
                notes = "Cartridge changed, no cannula fill recorded"
                yield _fill(fill, pump, Kind.SITE_CHANGE, "Site Change", notes)
        elif fill.is_site_change:
            notes = _notes(fill, "Cannula filled with {:.2f} U", "Cannula filled")
            yield _fill(fill, pump, Kind.SITE_CHANGE, "Site Change", notes)
        elif fill.kind is FillKind.CANNULA:
            yield _fill(fill, pump, Kind.FILL, "Note", "Cannula fill not completed")
        else:
            notes = _notes(fill, "Tubing filled with {:.1f} U", "Tubing filled")
            yield _fill(fill, pump, Kind.FILL, "Note", notes)


def _notes(fill: Fill, with_amount: str, without: str) -> str:
    return without if fill.amount is None else with_amount.format(fill.amount)


def _fill(
    fill: Fill, pump: PumpIdentity, kind: Kind, event_type: str, notes: str
) -> Document:
    return treatment(
        fill,
        pump,
        kind,
        event_type,
        ENTERED_BY,
        name=event_name(fill.key),
        numbers=(fill.key[1],),
        notes=notes,
    )
