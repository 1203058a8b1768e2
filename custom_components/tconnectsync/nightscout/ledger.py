"""The ledger: the documents that Nightscout was given, by pump day and identifier."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Protocol, Self

from .document import Document
from .features import Feature
from .identifiers import Collection, Kind, feature_of

UNCONFIRMED_WINDOW = timedelta(minutes=15)
"""How long a site may still carry out a request that it has not answered."""


@dataclass(frozen=True, slots=True)
class UpsertKey:
    """A document's instant (UTC) and event type: Nightscout replaces a treatment or entry that has the same."""

    created_at: datetime
    event_type: str

    @classmethod
    def of(cls, document: Document) -> Self:
        """Return the key of a document."""
        return cls(document.created_at, document.event_type)


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """The document of one identifier: its key and its content."""

    kind: Kind
    key: UpsertKey
    hash: str = ""
    """The hash of its content; empty until Nightscout has accepted the document."""
    older_keys: frozenset[UpsertKey] = frozenset()
    """Keys at which older copies of it may still be."""

    @property
    def collection(self) -> Collection:
        """The collection of the document."""
        return self.kind.collection

    @property
    def feature(self) -> Feature:
        """The feature that the document was written for."""
        return feature_of(self.kind, self.key.event_type)

    @property
    def keys(self) -> frozenset[UpsertKey]:
        """All keys at which a document of this identifier may be."""
        return self.older_keys | {self.key}

    @classmethod
    def new(cls, document: Document) -> Self:
        """Return the row of a document that is about to be sent for the first time."""
        return cls(document.kind, UpsertKey.of(document))

    def before_writing(
        self, document: Document, keys_at_site: Iterable[UpsertKey] = ()
    ) -> Self:
        """Return the row while a document is sent that replaces the older copies at all keys."""
        key = UpsertKey.of(document)
        is_replaced = self.collection is not Collection.DEVICE_STATUS
        older = self.keys.union(keys_at_site) - ({key} if is_replaced else set())
        return replace(self, key=key, hash="", older_keys=older)


@dataclass(frozen=True, slots=True)
class Covered:
    """The documents that the command-line tool tconnectsync wrote for one feature on a pump day."""

    newest: datetime
    """UTC instant of the newest one."""
    numbers: frozenset[int]
    """Sequence numbers of the pump's events that they name."""
    only_immediate_part: frozenset[int] = frozenset()
    """Sequence numbers of extended boluses of which it wrote only the immediate part."""


@dataclass(frozen=True, slots=True)
class UnconfirmedWrite:
    """Writes to one collection that the site may still carry out."""

    since: datetime
    """When (UTC) the latest of them started."""
    identifiers: frozenset[str] | None = None
    """The identifiers that they are about; None if it may be any."""


@dataclass(slots=True)
class DayLedger:
    """The rows of one pump day by identifier, and the documents of another program."""

    rows: dict[str, LedgerRow] = field(default_factory=dict)
    covered: dict[Feature, Covered] = field(default_factory=dict)
    collections: set[Collection] = field(default_factory=set)
    """The collections that were read from the site for this day; nothing is known of the others."""
    unconfirmed: dict[Collection, UnconfirmedWrite] = field(default_factory=dict)
    on_disk: object = field(default=None, compare=False, repr=False)
    """Notes of the files that store this ledger; nothing else uses them."""

    def mark_all_unconfirmed(self, now: datetime) -> None:
        """Mark every collection as unconfirmed: a write that is not noted may have started."""
        self.unconfirmed |= dict.fromkeys(self.collections, UnconfirmedWrite(now))

    def start_write(
        self, collection: Collection, identifiers: Iterable[str], now: datetime
    ) -> None:
        """Note that a write about these identifiers starts."""
        earlier = self.unconfirmed.get(collection, UnconfirmedWrite(now, frozenset()))
        concerned = (
            None
            if earlier.identifiers is None
            else earlier.identifiers.union(identifiers)
        )
        self.unconfirmed[collection] = UnconfirmedWrite(now, concerned)

    def unconfirmed_identifiers(self, collection: Collection) -> frozenset[str] | None:
        """Return the identifiers that have to be read back from a collection; None for all."""
        if collection not in self.collections:
            return None
        write = self.unconfirmed.get(collection)
        return write.identifiers if write else frozenset()

    def may_still_be_carried_out(self, now: datetime) -> bool:
        """Return whether the site may still carry out an unconfirmed write."""
        return any(
            now - write.since < UNCONFIRMED_WINDOW
            for write in self.unconfirmed.values()
        )

    def confirm(self, collection: Collection, read_at: datetime) -> None:
        """Trust what was read from a collection, unless the site may carry out a write after that.

        A write that started later than the read, by a clock that was put back since, counts as
        started at the read.
        """
        write = self.unconfirmed.pop(collection, None)
        if write and read_at - write.since < UNCONFIRMED_WINDOW:
            since = min(write.since, read_at)
            self.unconfirmed[collection] = replace(write, since=since)


class LedgerStore(Protocol):
    """Stores the ledger of each pump day."""

    async def load(self, day: date) -> DayLedger | None:
        """Return the ledger of a pump day, None if none is readable; raise OSError if the disk fails."""

    async def save(self, day: date, ledger: DayLedger) -> None:
        """Store the ledger of a pump day; return when a crash can no longer undo it.

        Raises the errors of the disk.
        """
