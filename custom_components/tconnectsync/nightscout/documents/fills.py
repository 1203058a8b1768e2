"""Cartridge, tubing and cannula fills, from which Nightscout counts the age of site and insulin."""

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
    """Yield what every fill was; a cartridge alone is a change of insulin and of the site."""
    for fill in fills:
        if fill.kind is FillKind.CARTRIDGE:
            words = _words(fill, "{:.0f} U filled", "Cartridge filled")
            yield _fill(fill, pump, Kind.CARTRIDGE, "Insulin Change", words)
            if fill.is_site_change:
                words = "Cartridge changed, no cannula fill recorded"
                yield _fill(fill, pump, Kind.SITE_CHANGE, "Site Change", words)
        elif fill.is_site_change:
            words = _words(fill, "Cannula filled with {:.2f} U", "Cannula filled")
            yield _fill(fill, pump, Kind.SITE_CHANGE, "Site Change", words)
        elif fill.kind is FillKind.CANNULA:
            yield _fill(fill, pump, Kind.FILL, "Note", "Cannula fill not completed")
        else:
            words = _words(fill, "Tubing filled with {:.1f} U", "Tubing filled")
            yield _fill(fill, pump, Kind.FILL, "Note", words)


def _words(fill: Fill, with_amount: str, without: str) -> str:
    return without if fill.amount is None else with_amount.format(fill.amount)


def _fill(
    fill: Fill, pump: PumpIdentity, kind: Kind, event_type: str, words: str
) -> Document:
    return treatment(
        fill,
        pump,
        kind,
        event_type,
        ENTERED_BY,
        name=event_name(fill.key),
        numbers=(fill.key[1],),
        notes=words,
    )
