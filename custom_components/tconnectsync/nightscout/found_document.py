"""Documents read back from Nightscout, as far as the ledger needs to know them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

from custom_components.tconnectsync.instants import EPOCH

from .document import HASH, PUMP_TIME
from .identifiers import Collection, Kind, kind_of
from .ledger import MILLISECOND, UpsertKey

GLUCOSE_TYPE = "sgv"
STATUS_TYPE = ""
FIRST_YEAR, LAST_YEAR = 1971, 2999
LARGEST_OFFSET_MINUTES = 14 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDocument:
    """One document that this integration once wrote."""

    object_id: str
    identifier: str
    kind: Kind
    place: UpsertKey
    hash: str
    day: date
    """The day it bears on the clock it was written with."""

    @classmethod
    def read(cls, document: dict[str, Any]) -> Self | None:
        """Read what Nightscout answered; None when it is not a document of this integration."""
        identifier, object_id = document.get("identifier"), document.get("_id")
        if not isinstance(identifier, str) or not isinstance(object_id, str):
            return None
        kind = kind_of(identifier)
        if kind is None:
            return None
        created_at = instant(document.get(kind.collection.time_field))
        event_type = type_of(kind.collection, document)
        hashed = str(document.get(HASH, ""))
        if created_at is None or not is_encodable(identifier + event_type + hashed):
            return None
        return cls(
            object_id=object_id,
            identifier=identifier,
            kind=kind,
            place=UpsertKey(created_at, event_type),
            hash=hashed,
            day=local_day(document, created_at),
        )


def instant(reported: Any) -> datetime | None:
    """Return a UTC instant, to the millisecond, given as a text or in milliseconds.

    None for what no clock shows: there is a day before and after every instant that counts.
    """
    try:
        if isinstance(reported, int | float):
            at = EPOCH + round(reported) * MILLISECOND
        else:
            read = datetime.fromisoformat(reported)
            read = read.replace(tzinfo=UTC) if read.tzinfo is None else read
            at = EPOCH + (read - EPOCH) // MILLISECOND * MILLISECOND
    except TypeError, ValueError, OverflowError:
        return None
    return at if FIRST_YEAR <= at.year <= LAST_YEAR else None


def type_of(collection: Collection, document: dict[str, Any]) -> str:
    """Return what Nightscout tells documents of one instant apart by."""
    if collection is Collection.DEVICE_STATUS:
        return STATUS_TYPE
    field = "type" if collection is Collection.ENTRIES else "eventType"
    return str(document.get(field, ""))


def local_day(document: dict[str, Any], created_at: datetime) -> date:
    """Return the day a document bears on the clock it was written with."""
    if shown := instant(document.get(PUMP_TIME)):
        return shown.date()
    offset = document.get("utcOffset")
    if not isinstance(offset, int | float) or not abs(offset) <= LARGEST_OFFSET_MINUTES:
        offset = 0
    return (created_at + timedelta(minutes=offset)).date()


def is_encodable(text: str) -> bool:
    """Return whether a text can be written down again: JSON may hold halves of characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
