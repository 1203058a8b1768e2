"""Wanted documents against the ledger: what is to be created, replaced and removed."""

from collections.abc import Collection as AnyOf, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from .document import Document
from .features import Feature
from .identifiers import Collection, pump_of
from .ledger import DayLedger, UpsertKey
from .remover import Removal, removals
from .written_by_cli import not_covered

type Wanted = Mapping[date, Sequence[Document]]
"""The documents of each day that is compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A document to send for the ledger of one day."""

    day: date
    document: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What makes Nightscout hold exactly what is wanted of the days compared."""

    create: tuple[Step, ...]
    replace: tuple[Step, ...]
    remove: tuple[Removal, ...]

    @property
    def steps(self) -> list[Step]:
        """What is to be sent, collection by collection, oldest first."""
        return sorted([*self.create, *self.replace], key=_order)

    @property
    def days(self) -> set[date]:
        """The days on which something has to be sent or removed."""
        sent = (step.day for step in (*self.create, *self.replace))
        return {*sent, *(one.day for one in self.remove)}

    @property
    def size(self) -> int:
        """How many documents have to be sent or removed."""
        names = {(step.day, step.document.identifier) for step in self.steps}
        return len(names.union((one.day, one.identifier) for one in self.remove))


def compare(
    wanted: Wanted,
    ledgers: Mapping[date, DayLedger],
    features: AnyOf[Feature],
    starts: Mapping[Feature, date],
    pumps: AnyOf[str] | None = None,
) -> Plan:
    """Return the plan; rows of features that are off, or before their start, stay as they are.

    So do those of other pumps where only some (by serial number) are compared. A row counts as
    what the site holds: what a person deleted or edited there stays so while the document does.
    """
    create: list[Step] = []
    replace: list[Step] = []
    remove: list[Removal] = []
    known = {name for ledger in ledgers.values() for name in ledger.rows}

    def concerned(feature: Feature, day: date) -> bool:
        return feature in features and day >= starts.get(feature, date.min)

    for day, ledger in sorted(ledgers.items()):
        documents = {
            document.identifier: document
            for document in _still_to_send(wanted.get(day, ()), ledger)
            if concerned(document.feature, day)
        }
        for identifier, document in documents.items():
            row = ledger.rows.get(identifier)
            if row is None:
                steps = replace if identifier in known else create
            elif not row.hash:
                steps = create
            elif row.hash == document.hash or not concerned(row.feature, day):
                continue
            else:
                steps = replace
            steps.append(Step(day=day, document=document))
        rows = {
            identifier: row
            for identifier, row in ledger.rows.items()
            if concerned(row.feature, day)
            and (pumps is None or pump_of(identifier) in pumps)
        }
        remove.extend(removals(day, rows, documents.keys()))
    return Plan(
        create=tuple(sorted(create, key=_order)),
        replace=tuple(sorted(replace, key=_order)),
        remove=tuple(remove),
    )


def _still_to_send(wanted: Sequence[Document], ledger: DayLedger) -> Iterator[Document]:
    """Yield what another program did not write before; what was sent stays wanted, by its name."""
    for named in wanted:
        document = _as_written(named, ledger)
        row = ledger.rows.get(document.identifier)
        if row and row.place == UpsertKey.of(document):
            yield document
        elif left := not_covered(document, ledger.covered.get(document.feature)):
            yield left


def _as_written(document: Document, ledger: DayLedger) -> Document:
    """Return a document under the name that an earlier version wrote it by, if it did."""
    former = document.former
    if former is None or document.identifier in ledger.rows:
        return document
    row = ledger.rows.get(former)
    return document.under(former) if row and row.hash else document


def _order(step: Step) -> tuple[int, datetime, str]:
    """Return a step's turn: collection by collection, oldest first."""
    document = step.document
    turn = list(Collection).index(document.collection)
    return turn, document.created_at, document.identifier
