"""The comparison of wanted documents with the ledger: documents to create, replace and remove."""

from collections.abc import Collection as AnyOf, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from .document import Document
from .features import Feature
from .identifiers import Collection, pump_of
from .ledger import DayLedger, UpsertKey
from .remover import Removal, removals_of_day
from .written_by_cli import not_covered

type Wanted = Mapping[date, Sequence[Document]]
"""The wanted documents of each day that is compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """A document to send for the ledger of one day."""

    day: date
    document: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The writes and removals after which Nightscout has exactly the wanted documents of some days."""

    create: tuple[Write, ...]
    replace: tuple[Write, ...]
    remove: tuple[Removal, ...]

    @property
    def writes(self) -> list[Write]:
        """The documents to send, collection by collection, oldest first."""
        return sorted([*self.create, *self.replace], key=_order)

    @property
    def days(self) -> set[date]:
        """The days on which something has to be sent or removed."""
        written = (write.day for write in (*self.create, *self.replace))
        return {*written, *(removal.day for removal in self.remove)}

    @property
    def size(self) -> int:
        """How many documents have to be sent or removed."""
        written = {(write.day, write.document.identifier) for write in self.writes}
        removed = {(removal.day, removal.identifier) for removal in self.remove}
        return len(written | removed)


def compare(
    wanted: Wanted,
    ledgers: Mapping[date, DayLedger],
    features: AnyOf[Feature],
    starts: Mapping[Feature, date],
    pumps: AnyOf[str] | None = None,
) -> Plan:
    """Return the plan for these days.

    Rows of features that are off, or before their start, stay as they are; so do those of other
    pumps than `pumps` (serial numbers). The site counts as having the document of each row: one
    that a person deleted or edited there stays so until the wanted document changes.
    """
    create: list[Write] = []
    replace: list[Write] = []
    remove: list[Removal] = []
    in_any_ledger = {name for ledger in ledgers.values() for name in ledger.rows}

    def is_compared(feature: Feature, day: date) -> bool:
        return feature in features and day >= starts.get(feature, date.min)

    for day, ledger in sorted(ledgers.items()):
        documents = {
            document.identifier: document
            for document in _still_to_send(wanted.get(day, ()), ledger)
            if is_compared(document.feature, day)
        }
        for identifier, document in documents.items():
            row = ledger.rows.get(identifier)
            write = Write(day=day, document=document)
            if row is None:
                # A document that another day had replaces its copy there.
                (replace if identifier in in_any_ledger else create).append(write)
            elif not row.hash:
                create.append(write)
            elif row.hash != document.hash and is_compared(row.feature, day):
                replace.append(write)
        rows = {
            identifier: row
            for identifier, row in ledger.rows.items()
            if is_compared(row.feature, day)
            and (pumps is None or pump_of(identifier) in pumps)
        }
        remove.extend(removals_of_day(day, rows, documents.keys()))
    return Plan(
        create=tuple(sorted(create, key=_order)),
        replace=tuple(sorted(replace, key=_order)),
        remove=tuple(remove),
    )


def _still_to_send(wanted: Sequence[Document], ledger: DayLedger) -> Iterator[Document]:
    """Yield the documents, or parts of them, that another program did not write before.

    A document that this integration sent stays wanted, under the identifier that it was sent by.
    """
    for document in (_as_written(document, ledger) for document in wanted):
        row = ledger.rows.get(document.identifier)
        if row and row.key == UpsertKey.of(document):
            yield document
        elif rest := not_covered(document, ledger.covered.get(document.feature)):
            yield rest


def _as_written(document: Document, ledger: DayLedger) -> Document:
    """Return a document under the identifier that an earlier version gave it, if that wrote it."""
    former = document.former
    if former is None or document.identifier in ledger.rows:
        return document
    row = ledger.rows.get(former)
    return document.with_identifier(former) if row and row.hash else document


def _order(write: Write) -> tuple[int, datetime, str]:
    """Return the sort key of a write: collection by collection, oldest first."""
    document = write.document
    turn = list(Collection).index(document.collection)
    return turn, document.created_at, document.identifier
