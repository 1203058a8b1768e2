"""A document for Nightscout, with its identity and hash."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from hashlib import sha256
from typing import Any

import orjson

from custom_components.tconnectsync.tandem.event_types import EventKey
from custom_components.tconnectsync.therapy.records import Record

from .features import Feature
from .identifiers import APP, Collection, Kind, feature_of, identifier

ENTERED_BY = "loop://tconnectsync"
"""The `loop://` prefix keeps Nightscout from treating the pump's own actions as a person's, which would snooze alarms."""
ENTERED_BY_ALARM = "tconnectsync"
HASH = "tconnectsync_hash"
HASH_DIGITS = 16
PUMP_TIME = "pump_time"
"""The field with the time on the pump's clock, in documents whose instant cannot be written with its offset."""
DISTINCT_MILLISECONDS = 999
LARGEST_OFFSET = timedelta(hours=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class PumpIdentity:
    """The pump that documents are about."""

    serial_number: str
    model: str

    @property
    def device(self) -> str:
        """The pump's name in Nightscout."""
        return f"{self.model} {self.serial_number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document with the values by which it is compared and found."""

    identifier: str
    kind: Kind
    created_at: datetime
    """UTC, as Nightscout stores it."""
    offset: timedelta
    """How far the pump's clock was ahead of UTC."""
    event_type: str
    start: datetime
    """UTC start of the event or span that it is about."""
    end: datetime
    """UTC end; the start for an event without a duration."""
    numbers: tuple[int, ...]
    """Sequence numbers of the pump's events that it is built from."""
    body: dict[str, Any]
    former: str | None = None
    """The identifier that an earlier version gave it; a document that has it keeps it."""

    @property
    def collection(self) -> Collection:
        """The collection that it belongs to."""
        return self.kind.collection

    @property
    def feature(self) -> Feature:
        """The feature that it is written for."""
        return feature_of(self.kind, self.event_type)

    @property
    def day(self) -> date:
        """The pump day that it belongs to."""
        return (self.created_at + self.offset).date()

    @property
    def hash(self) -> str:
        """Return the hash of the body (hexadecimal digits)."""
        text: str = self.body[HASH]
        return text

    def with_identifier(self, identifier: str) -> Document:
        """Return the document under another identifier."""
        body = hashed(self.body | {"identifier": identifier})
        return replace(self, identifier=identifier, former=None, body=body)


def treatment(
    record: Record,
    pump: PumpIdentity,
    kind: Kind,
    event_type: str,
    entered_by: str,
    *,
    name: str,
    numbers: tuple[int, ...],
    start: datetime | None = None,
    end: datetime | None = None,
    former: str | None = None,
    **fields: Any,
) -> Document:
    """Return a treatment about a record, dated by its start unless `start` is given.

    Fields that are None are left out.
    """
    start = start or record.start
    created_at = distinct_instant(start, record.key)
    return build_document(
        {
            "eventType": event_type,
            "created_at": local_text(created_at, record.offset),
            "enteredBy": entered_by,
            **fields,
        },
        pump=pump,
        kind=kind,
        name=name,
        created_at=created_at,
        offset=record.offset,
        event_type=event_type,
        start=start,
        end=end or start,
        numbers=numbers,
        former=former,
    )


def build_document(
    fields: dict[str, Any],
    *,
    pump: PumpIdentity,
    kind: Kind,
    name: str,
    created_at: datetime,
    offset: timedelta,
    event_type: str,
    start: datetime,
    end: datetime,
    numbers: tuple[int, ...],
    numbers_sent: tuple[int, ...] | None = None,
    former: str | None = None,
) -> Document:
    """Return a document of any collection with its identity and hash.

    Fields that are None are left out. The body names `numbers_sent`, by default all `numbers`. `name` is the
    last part of the identifier; `former` is the one that an earlier version gave the document.
    """
    own_identifier = identifier(pump.serial_number, kind, name)
    sent = numbers if numbers_sent is None else numbers_sent
    body = {
        "identifier": own_identifier,
        "app": APP,
        "device": pump.device,
        "pump_event_id": ",".join(map(str, sent)),
        **{field: value for field, value in fields.items() if value is not None},
        **pump_time(created_at, offset),
    }
    body[HASH] = _hash_of(body)
    return Document(
        identifier=own_identifier,
        kind=kind,
        created_at=created_at,
        offset=offset,
        event_type=event_type,
        start=start,
        end=end,
        numbers=numbers,
        body=body,
        former=former and identifier(pump.serial_number, kind, former),
    )


def hashed(body: dict[str, Any]) -> dict[str, Any]:
    """Return a body with the hash of all its other fields."""
    rest = {field: value for field, value in body.items() if field != HASH}
    return rest | {HASH: _hash_of(rest)}


def _hash_of(fields: dict[str, Any]) -> str:
    text = orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)
    return sha256(text).hexdigest()[:HASH_DIGITS]


def distinct_instant(start: datetime, key: EventKey) -> datetime:
    """Return an instant within the second of `start` that differs from those of neighbouring events."""
    return start.replace(microsecond=1000 * (1 + key[1] % DISTINCT_MILLISECONDS))


def day_of(record: Record) -> date:
    """Return the pump day of a document that is dated by a record's start."""
    if record.start.microsecond or record.pump_time.microsecond:
        return (distinct_instant(record.start, record.key) + record.offset).date()
    return record.day


def by_day[R: Record](records: Iterable[R]) -> dict[date, tuple[R, ...]]:
    """Return records by the pump day of their documents, dated by the records' starts."""
    days: defaultdict[date, list[R]] = defaultdict(list)
    for record in records:
        days[day_of(record)].append(record)
    return {day: tuple(of_day) for day, of_day in days.items()}


def with_milliseconds_of(created_at: datetime, instant: datetime) -> datetime:
    """Return an instant with the milliseconds of a document's own, so that it stays distinct."""
    return instant.replace(microsecond=created_at.microsecond)


def local_text(instant: datetime, offset: timedelta) -> str:
    """Return an instant as text with the offset of the pump's clock, or in UTC if no zone has that offset."""
    zone = _zone_of(offset) or UTC
    return instant.astimezone(zone).isoformat(timespec="milliseconds")


def pump_time(instant: datetime, offset: timedelta) -> dict[str, str]:
    """Return the field with the time on the pump's clock, empty if the text of the instant shows it.

    Without it the pump day of a document would be unknown if the clock's date was wrong.
    """
    if _zone_of(offset):
        return {}
    on_clock = (instant + offset).replace(tzinfo=None)
    return {PUMP_TIME: on_clock.isoformat(timespec="milliseconds")}


@lru_cache
def _zone_of(offset: timedelta) -> timezone | None:
    """Return the zone of an offset, None if no zone has it."""
    if abs(offset) > LARGEST_OFFSET or offset % timedelta(minutes=1):
        return None
    return timezone(offset)


def utc_text(instant: datetime) -> str:
    """Return an instant in UTC as Nightscout writes it."""
    text = instant.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def minutes(start: datetime, end: datetime) -> float:
    """Return a duration in minutes, to 0.06 s."""
    return round((end - start).total_seconds() / 60, 3)
