"""The move from tconnectsync to this integration: one Nightscout, nothing lost, nothing twice."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise

from custom_components.tconnectsync.nightscout.document import Document
from demo.nightscout import SimulatedNightscout
from demo.tandem.certificate import Certificate

from .basal import CODES as BASAL, SECOND, Piece, drawn, is_true
from .boluses import CODES as BOLUSES
from .common_form import WrittenDocument, written_documents
from .differences import Found
from .glucose import CODES as READINGS
from .groups import Group, groups
from .here import KeptLedger
from .moves import Move
from .sites import World, serving, world
from .truth import Truth, truth_of


async def compare_move(move: Move, certificate: Certificate) -> tuple[list[str], Found]:
    """Let tconnectsync sync, run the pump on, and let this integration continue in the same Nightscout."""
    life, found = move.life, Found()
    async with (
        world(life, certificate) as programs,
        serving(programs.site()) as (site,),
    ):
        programs.upload()
        await programs.sync_there(site)
        before = site.documents("treatments")
        move.go_on()
        programs.upload()
        ledger = KeptLedger()
        result = await programs.sync_here(site, ledger)
        await programs.push_profiles(site)
        await _comes_to_rest(programs, site, ledger, found)
        wanted = await programs.wanted_here()
    after = site.documents("treatments")
    if any(document not in after for document in before):
        found.wrong("a document of tconnectsync was changed or removed")
    seen = truth_of(life.pump, life.zone)
    documents = written_documents(site)
    _compare(documents, [one for day in wanted.values() for one in day], seen, found)
    lines = [
        f"{life.name}: {len(before)} treatments there, then {result.created} documents here"
    ]
    return [*lines, *_sums(documents, seen, found)], found


async def _comes_to_rest(
    programs: World, site: SimulatedNightscout, ledger: KeptLedger, found: Found
) -> None:
    """See that syncing again writes nothing, with the ledger or after it was lost."""
    writes = site.counters.total()
    await programs.sync_here(site, ledger)
    await programs.sync_here(site, KeptLedger())
    await programs.push_profiles(site)
    if site.counters.total() != writes:
        found.wrong("syncing again after the move writes again")


def _compare(
    documents: Sequence[WrittenDocument],
    wanted: Sequence[Document],
    seen: Truth,
    found: Found,
) -> None:
    """See that every event is sent by one of both, and once."""
    compared: set[int] = set()
    newest: dict[date, datetime] = {}
    for one in documents:
        if not one.here:
            newest[one.at.astimezone(seen.zone).date()] = one.at
    for group in groups(documents, seen):
        compared.update(event.number for event in group.events)
        if group.there and group.here:
            _sent_by_both(group, seen, found)
        elif sum(not one.dose for one in group.here) > 1 and group.codes != {33}:
            found.wrong(f"doubled: {group}")
    for document in wanted:
        if document.collection == "devicestatus" or compared.intersection(
            document.numbers
        ):
            continue
        if _overwritten(document, seen):
            found.note("misdated-before-the-move")
            continue
        covered = document.start <= newest.get(document.day, document.start)
        note = document.event_type in ("Note", "Announcement")
        found.require(covered and note, "untold-before-the-move", document.body)


def _overwritten(document: Document, truth: Truth) -> bool:
    """Return whether there is a reading at the same time of a clock that was set back."""
    event = truth.events[document.numbers[0]]
    return event.code in READINGS and any(
        since <= document.created_at <= until for since, until in truth.misdated
    )


def _sent_by_both(group: Group, truth: Truth, found: Found) -> None:
    if group.codes <= BASAL:
        newest = max(one.second for one in group.there if one.type == "Temp Basal")
        starts = [one.second for one in group.here]
        found.require(starts == [newest], "rest-of-a-rate", group)
        return
    only_doses = all(one.dose for one in group.here)
    ended_there = any(truth.events[one.numbers[0]].code == 21 for one in group.there)
    found.require(
        group.codes <= BOLUSES and only_doses and not ended_there,
        "other-half-of-an-extended-bolus",
        f"sent by both: {group}",
    )


def _sums(documents: Sequence[WrittenDocument], seen: Truth, found: Found) -> list[str]:
    """Compare the documents in Nightscout with the true delivery of the pump."""
    bolus = sum(one.insulin for one in documents)
    carbs = sum(one.carbs for one in documents)
    assert seen.bolus is not None
    if abs(bolus - seen.bolus) > 0.1 or carbs != seen.carbs:
        found.wrong(
            f"{bolus:.2f} U, {carbs} g sent; {seen.bolus:.2f} U, {seen.carbs} g"
        )
    edges = list(drawn([one for one in documents if one.type == "Temp Basal"]))
    units = 0.0
    for (start, rate), (end, _) in pairwise(edges):
        piece = Piece(start, end, None, rate)
        if start < seen.newest:
            units += piece.units(rate)
        if end - start > SECOND and not is_true(piece, seen):
            misdated = any(
                since < end and start < until for since, until in seen.misdated
            )
            found.require(misdated, "misdated-before-the-move", f"not the true {piece}")
    return [
        f"  {bolus:.2f} U of boluses, {carbs:g} g, {units:.2f} U of basal sent once"
    ]
