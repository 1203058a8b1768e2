"""Documents read back from Nightscout, as far as the ledger needs them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

from custom_components.tconnectsync.instants import EPOCH, MILLISECOND

from .document import HASH, PUMP_TIME
from .identifiers import Collection, Kind, kind_of
from .ledger import UpsertKey

GLUCOSE_TYPE = "sgv"
STATUS_TYPE = ""
FIRST_YEAR, LAST_YEAR = 1971, 2999
LARGEST_OFFSET_MINUTES = 14 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """One document that this integration once wrote."""

    object_id: str
    """Nightscout's `_id`."""
    identifier: str
    kind: Kind
    key: UpsertKey
    hash: str
    day: date
    """Its day by the clock it was written with."""

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self | None:
        """Read a document of the site; return None if this integration did not write it."""
        identifier, object_id = document.get("identifier"), document.get("_id")
        if not isinstance(identifier, str) or not isinstance(object_id, str):
            return None
        kind = kind_of(identifier)
        if kind is None:
            return None
        created_at = parse_instant(document.get(kind.collection.time_field))
        event_type = event_type_of(kind.collection, document)
        hashed = str(document.get(HASH, ""))
        if created_at is None or not is_encodable(identifier + event_type + hashed):
            return None
        return cls(
            object_id=object_id,
            identifier=identifier,
            kind=kind,
            key=UpsertKey(created_at, event_type),
            hash=hashed,
            day=local_day(document, created_at),
        )


def own_documents(documents: Iterable[dict[str, Any]]) -> list[StoredDocument]:
    """Return those documents of a site that this integration wrote."""
    return list(filter(None, map(StoredDocument.from_json, documents)))


def parse_instant(value: Any) -> datetime | None:
    """Return the UTC instant, to the millisecond, of a text or a number of milliseconds since 1970.

    None for any other value, and for years out of range: every accepted instant has a day before and after it.
    """
    try:
        if isinstance(value, int | float):
            at = EPOCH + round(value) * MILLISECOND
        else:
            read = datetime.fromisoformat(value)
            read = read.replace(tzinfo=UTC) if read.tzinfo is None else read
            at = EPOCH + (read - EPOCH) // MILLISECOND * MILLISECOND
    except TypeError, ValueError, OverflowError:
        return None
    return at if FIRST_YEAR <= at.year <= LAST_YEAR else None


def event_type_of(collection: Collection, document: dict[str, Any]) -> str:
    """Return the event type of a document's upsert key."""
    if collection is Collection.DEVICE_STATUS:
        return STATUS_TYPE
    field = "type" if collection is Collection.ENTRIES else "eventType"
    return str(document.get(field, ""))


def local_day(document: dict[str, Any], created_at: datetime) -> date:
    """Return the day of a document by the clock it was written with."""
    if shown := parse_instant(document.get(PUMP_TIME)):
        return shown.date()
    offset = document.get("utcOffset")
    if not isinstance(offset, int | float) or not abs(offset) <= LARGEST_OFFSET_MINUTES:
        offset = 0
    return (created_at + timedelta(minutes=offset)).date()


def is_encodable(text: str) -> bool:
    """Return whether a text can be encoded as UTF-8 (JSON may contain lone surrogates)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
