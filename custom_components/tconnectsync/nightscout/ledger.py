"""What Nightscout was given, by pump day and identifier."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol, Self

from custom_components.tconnectsync.instants import EPOCH

from .document import Document
from .features import Feature
from .identifiers import Collection, Kind, feature_of, kind_of

UNANSWERED_WINDOW = timedelta(minutes=15)
"""How long after a request without an answer a site may still carry it out."""
MILLISECOND = timedelta(milliseconds=1)


class DamagedLedger(Exception):
    """What was kept is not a day of a ledger."""


@dataclass(frozen=True, slots=True)
class UpsertKey:
    """Where Nightscout holds a document: instant (UTC) and event type."""

    created_at: datetime
    event_type: str

    @classmethod
    def of(cls, document: Document) -> Self:
        """Return where a document belongs."""
        return cls(document.created_at, document.event_type)


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One identifier: where its document is and what it holds."""

    kind: Kind
    place: UpsertKey
    hash: str = ""
    """Empty until Nightscout has accepted the document."""
    older_places: frozenset[UpsertKey] = frozenset()
    """Where older selves of it may still be."""

    @property
    def collection(self) -> Collection:
        """Where it belongs."""
        return self.kind.collection

    @property
    def feature(self) -> Feature:
        """The feature it was written for."""
        return feature_of(self.kind, self.place.event_type)

    @property
    def places(self) -> frozenset[UpsertKey]:
        """Everywhere a document of this identifier may be."""
        return self.older_places | {self.place}

    @classmethod
    def new(cls, document: Document) -> Self:
        """Return the row of a document that is about to be sent for the first time."""
        return cls(document.kind, UpsertKey.of(document))

    def before_writing(
        self, document: Document, edited: Iterable[UpsertKey] = ()
    ) -> Self:
        """Return the row as it is while a document is sent in place of an older self, wherever that is."""
        place = UpsertKey.of(document)
        replaced = self.collection is not Collection.DEVICE_STATUS
        left = self.places.union(edited) - ({place} if replaced else set())
        return replace(self, place=place, hash="", older_places=left)


@dataclass(frozen=True, slots=True)
class Covered:
    """What the command-line tool tconnectsync wrote for one feature on a pump day."""

    newest: datetime
    """UTC instant of its newest document."""
    numbers: frozenset[int]
    """Sequence numbers its documents name."""
    only_immediate_part: frozenset[int] = frozenset()
    """Those of extended boluses of which it wrote only what was given at once."""


@dataclass(frozen=True, slots=True)
class UnconfirmedWrite:
    """Writes to one collection whose end is not known."""

    since: datetime
    """When (UTC) the last of them was begun."""
    names: frozenset[str] | None = None
    """The identifiers that they are about, None where that may be any."""


@dataclass(slots=True)
class DayLedger:
    """The rows of one pump day by identifier, and what another program wrote before."""

    rows: dict[str, LedgerRow] = field(default_factory=dict)
    covered: dict[Feature, Covered] = field(default_factory=dict)
    collections: set[Collection] = field(default_factory=set)
    """Those that were looked into when the rows began; of others nothing is known."""
    unconfirmed: dict[Collection, UnconfirmedWrite] = field(default_factory=dict)
    on_disk: object = field(default=None, compare=False, repr=False)
    """What the files that keep it note about that; nobody else's."""

    def mark_all_unconfirmed(self, now: datetime) -> None:
        """Trust nothing of it as it is: anything may have been begun since."""
        self.unconfirmed |= dict.fromkeys(self.collections, UnconfirmedWrite(now))

    def begin(
        self, collection: Collection, names: Iterable[str], now: datetime
    ) -> None:
        """Note that a write about these identifiers begins."""
        known = self.unconfirmed.get(collection, UnconfirmedWrite(now, frozenset()))
        both = None if known.names is None else known.names.union(names)
        self.unconfirmed[collection] = UnconfirmedWrite(now, both)

    def unconfirmed_identifiers(self, collection: Collection) -> frozenset[str] | None:
        """Return the identifiers of which a collection has to be asked, None for all."""
        if collection not in self.collections:
            return None
        known = self.unconfirmed.get(collection)
        return known.names if known else frozenset()

    def may_still_be_carried_out(self, now: datetime) -> bool:
        """Return whether a write without an answer may still be carried out."""
        return any(
            now - known.since < UNANSWERED_WINDOW for known in self.unconfirmed.values()
        )

    def confirm(self, collection: Collection, read_at: datetime) -> None:
        """Trust what was read at an instant, unless an unanswered write may still come after it.

        One that was begun after that, by a clock that was put back since, counts as begun then.
        """
        known = self.unconfirmed.pop(collection, None)
        if known and read_at - known.since < UNANSWERED_WINDOW:
            since = min(known.since, read_at)
            self.unconfirmed[collection] = replace(known, since=since)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data, short where it repeats itself."""
        return self.changes({})

    def changes(self, earlier: Mapping[str, LedgerRow]) -> dict[str, Any]:
        """Return as plain data what makes it, with earlier rows, what it is: see with_changes."""
        rows: defaultdict[str, dict[str, list[Any] | None]] = defaultdict(dict)
        for identifier, row in self.rows.items():
            if earlier.get(identifier) is not row:
                pump, name = _split(identifier, row)
                rows[pump][name] = _row_to_json(row)
        for identifier in earlier.keys() - self.rows.keys():
            pump, name = _split(identifier, earlier[identifier])
            rows[pump][name] = None
        unconfirmed = {
            collection: _milliseconds(known.since)
            for collection, known in self.unconfirmed.items()
        }
        unconfirmed_identifiers = {
            collection: sorted(known.names)
            for collection, known in self.unconfirmed.items()
            if known.names is not None
        }
        return {
            "rows": rows,
            "foreign": {
                feature: [
                    _milliseconds(known.newest),
                    sorted(known.numbers),
                    *(
                        [sorted(known.only_immediate_part)]
                        if known.only_immediate_part
                        else []
                    ),
                ]
                for feature, known in self.covered.items()
            },
            "collections": sorted(self.collections),
            **({"unanswered": unconfirmed} if unconfirmed else {}),
            **(
                {"in_doubt": unconfirmed_identifiers} if unconfirmed_identifiers else {}
            ),
        }

    @classmethod
    def from_json(cls, kept: Any) -> Self:
        """Read what to_json returned; raise DamagedLedger when it is anything else."""
        try:
            rows = dict(
                _row_from_json(f"{pump}:{rest}", row)
                for pump, part in kept["rows"].items()
                for rest, row in part.items()
            )
            covered = {
                Feature(feature): Covered(
                    _instant(newest), *(frozenset(map(int, some)) for some in reported)
                )
                for feature, (newest, *reported) in kept["foreign"].items()
            }
            collections = set(map(Collection, kept["collections"]))
            unconfirmed_identifiers = kept.get("in_doubt", {})
            unconfirmed = {
                Collection(collection): UnconfirmedWrite(
                    _instant(since), _names(unconfirmed_identifiers.get(collection))
                )
                for collection, since in kept.get("unanswered", {}).items()
            }
        except (
            AttributeError,
            IndexError,
            KeyError,
            OverflowError,
            TypeError,
            ValueError,
        ):
            raise DamagedLedger("not a day of a ledger") from None
        return cls(rows, covered, collections, unconfirmed)


def with_changes(kept: Any, changes: Any) -> Any:
    """Return the plain data of a day with what `changes` gave since; what is kept of it changes.

    Raises AttributeError, KeyError or TypeError where either is nothing of the kind.
    """
    rows = kept["rows"]
    for pump, part in changes["rows"].items():
        of_pump = rows.setdefault(pump, {})
        for name, row in part.items():
            if row is None:
                of_pump.pop(name, None)
            else:
                of_pump[name] = row
    return {**changes, "rows": rows}


class LedgerFiles(Protocol):
    """Keeps the ledger of each pump day; `save` returns when a crash can no longer undo it."""

    async def load(self, day: date) -> DayLedger | None:
        """Return what is kept of a pump day, None when nothing readable is; raises OSError."""

    async def save(self, day: date, ledger: DayLedger) -> None:
        """Keep a pump day in place of what was kept of it; what the disk raises is passed on."""


def _split(identifier: str, row: LedgerRow) -> tuple[str, str]:
    """Return what names the pump, and what is left of an identifier."""
    pump, _, rest = identifier.rpartition(f":{row.kind}:")
    return pump, f"{row.kind}:{rest}"


def _row_to_json(row: LedgerRow) -> list[Any]:
    left = [
        _upsert_key_to_json(place) for place in sorted(row.older_places, key=_order)
    ]
    return [row.hash, *_upsert_key_to_json(row.place), *([left] if left else [])]


def _row_from_json(identifier: str, kept: list[Any]) -> tuple[str, LedgerRow]:
    kind = kind_of(identifier)
    hashed, created_at, event_type, *left = kept
    if kind is None or not isinstance(hashed, str):
        raise DamagedLedger("not a row of a ledger")
    places = left[0] if left else []
    return identifier, LedgerRow(
        kind,
        UpsertKey(_instant(created_at), str(event_type)),
        hashed,
        frozenset(UpsertKey(_instant(instant), str(name)) for instant, name in places),
    )


def _names(kept: Iterable[str] | None) -> frozenset[str] | None:
    return None if kept is None else frozenset(kept)


def _upsert_key_to_json(place: UpsertKey) -> list[Any]:
    return [_milliseconds(place.created_at), place.event_type]


def _order(place: UpsertKey) -> tuple[datetime, str]:
    return place.created_at, place.event_type


def _milliseconds(instant: datetime) -> int:
    return (instant - EPOCH) // MILLISECOND


def _instant(milliseconds: int) -> datetime:
    return EPOCH + milliseconds * MILLISECOND
