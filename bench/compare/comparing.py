"""Compares two sites with the documents of each program for one pump."""

from dataclasses import dataclass

from demo.nightscout import SimulatedNightscout

from . import basal, boluses, glucose, occurrences
from .basal import compare_basal, compare_pieces, pieces
from .boluses import compare_boluses
from .common_form import WrittenDocument, written_documents
from .daily_totals import DailyTotals, add_group, add_pieces
from .differences import Found
from .glucose import compare_readings
from .groups import Group, groups
from .lives import Life
from .occurrences import compare_happenings
from .profiles import compare_profiles
from .truth import Truth, truth_of

MOVES_AMOUNTS = {
    "bolus-by-its-start",
    "bolus-rounded",
    "carbs-of-a-wholly-extended-bolus",
    "extended-bolus-as-it-flows",
    "extended-part-on-its-way",
    "bolus-whose-end-has-not-come",
    "meal-entered-again",
    "moved-clock",
}
"""Explanations for units or grams on another day, or in one program only."""

NOT_EXACT = {"bolus U": 0.1, "carbs g": 0.0, "basal U": 0.02}
"""How far the sums may be from the true delivery of a simulated pump, half a running dose included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The result of a comparison."""

    name: str
    documents: tuple[int, int]
    """There and here."""
    lines: list[str]
    found: Found


def compare(
    life: Life, there: SimulatedNightscout, here: SimulatedNightscout
) -> Compared:
    """Return every difference between two sites, and the sums."""
    seen = truth_of(life.pump, life.zone)
    documents = [*written_documents(there), *written_documents(here)]
    lines, found = compare_documents(documents, seen)
    if there.documents("devicestatus"):
        found.wrong("device status sent there")
    found.note("device-status", len(here.documents("devicestatus")))
    compare_profiles(there.documents("profile"), here.documents("profile"), found)
    counts = sum(not one.here for one in documents), sum(one.here for one in documents)
    return Compared(name=life.name, documents=counts, lines=lines, found=found)


def compare_documents(
    documents: list[WrittenDocument], seen: Truth
) -> tuple[list[str], Found]:
    """Return the sums in words, and every difference between the documents of both."""
    found = Found()
    sums = {name: DailyTotals(name) for name in ("bolus U", "carbs g", "basal U")}
    for group in groups(documents, seen):
        of_group = compare_group(group, seen)
        found.add(of_group)
        names = MOVES_AMOUNTS & of_group.explained.keys()
        add_group(sums["bolus U"], group, names, "insulin", seen)
        add_group(sums["carbs g"], group, names, "carbs", seen)
    drawn = pieces(documents)
    compare_pieces(drawn, seen, found)
    add_pieces(sums["basal U"], drawn, seen)
    for one in sums.values():
        one.check(found)
    true = _true(seen)
    for name, amount in true.items():
        if amount is not None and abs(sums[name].here - amount) > NOT_EXACT[name]:
            found.wrong(f"{name}: {sums[name].here:.3f} here, {amount:.3f} by the pump")
    return [one.line(true[name]) for name, one in sums.items()], found


def compare_group(group: Group, seen: Truth) -> Found:
    """Return the differences within one group, by the kind of its events."""
    found = Found()
    for codes, compare_kind in (
        (boluses.CODES, compare_boluses),
        (basal.CODES, compare_basal),
        (occurrences.CODES, compare_happenings),
        (glucose.CODES, compare_readings),
    ):
        if group.codes <= codes:
            compare_kind(group, seen, found)
            return found
    found.wrong(f"of no known kind: {group}")
    return found


def _true(seen: Truth) -> dict[str, float | None]:
    """Return the true delivery of the pump, boluses up to the newest event."""
    first = next(iter(seen.events.values())).instant
    return {
        "bolus U": seen.bolus,
        "carbs g": seen.carbs,
        "basal U": None if seen.basal is None else seen.basal(first, seen.newest),
    }
