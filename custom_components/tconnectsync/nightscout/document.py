"""One document as Nightscout is to hold it."""

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
"""Begins so that Nightscout does not take what the pump did for a person's hand."""
ENTERED_BY_ALARM = "tconnectsync"
HASH = "tconnectsync_hash"
HASH_DIGITS = 16
PUMP_TIME = "pump_time"
"""What the pump's clock showed, in documents whose instant cannot be written with its offset."""
LARGEST_STEP = 999
LARGEST_OFFSET = timedelta(hours=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class PumpIdentity:
    """The pump that documents are about."""

    serial_number: str
    model: str

    @property
    def device(self) -> str:
        """How Nightscout names it."""
        return f"{self.model} {self.serial_number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document, and what is compared and looked for."""

    identifier: str
    kind: Kind
    created_at: datetime
    """UTC, as Nightscout stores it."""
    offset: timedelta
    """How far the pump's clock was ahead of UTC."""
    event_type: str
    start: datetime
    """UTC, when what it tells began."""
    end: datetime
    """UTC; the same as start for what has no length."""
    numbers: tuple[int, ...]
    """Sequence numbers of the events it is built from."""
    body: dict[str, Any]
    former: str | None = None
    """The identifier an earlier version gave it; what stands under that keeps it."""

    @property
    def collection(self) -> Collection:
        """Where it belongs."""
        return self.kind.collection

    @property
    def feature(self) -> Feature:
        """The feature it is written for."""
        return feature_of(self.kind, self.event_type)

    @property
    def day(self) -> date:
        """The pump day it belongs to."""
        return (self.created_at + self.offset).date()

    @property
    def hash(self) -> str:
        """Return what differs whenever the document does (hexadecimal digits)."""
        text: str = self.body[HASH]
        return text

    def under(self, identifier: str) -> Document:
        """Return it under another identifier."""
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
    """Return a treatment about a record, told for its start; fields that are None are left out."""
    start = start or record.start
    created_at = moment(start, record.key)
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
    """Return a document of any collection with its identity and hash; fields that are None are left out.

    `numbers_sent` are the event numbers that it names, all of them unless given; `former` is a name like `name`.
    """
    called = identifier(pump.serial_number, kind, name)
    sent = numbers if numbers_sent is None else numbers_sent
    body = {
        "identifier": called,
        "app": APP,
        "device": pump.device,
        "pump_event_id": ",".join(map(str, sent)),
        **{field: value for field, value in fields.items() if value is not None},
        **pump_time(created_at, offset),
    }
    body[HASH] = _hash_of(body)
    return Document(
        identifier=called,
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
    """Return a body with the hash of everything else in it."""
    rest = {field: value for field, value in body.items() if field != HASH}
    return rest | {HASH: _hash_of(rest)}


def _hash_of(fields: dict[str, Any]) -> str:
    text = orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)
    return sha256(text).hexdigest()[:HASH_DIGITS]


def moment(start: datetime, key: EventKey) -> datetime:
    """Return an instant that no other event of the same second shares."""
    return start.replace(microsecond=1000 * (1 + key[1] % LARGEST_STEP))


def day_of(record: Record) -> date:
    """Return the pump day of a document that is dated by the start of a record."""
    if record.start.microsecond or record.pump_time.microsecond:
        return (moment(record.start, record.key) + record.offset).date()
    return record.day


def by_day[R: Record](records: Iterable[R]) -> dict[date, tuple[R, ...]]:
    """Return records by the pump day of the documents that are dated by their starts."""
    found: defaultdict[date, list[R]] = defaultdict(list)
    for record in records:
        found[day_of(record)].append(record)
    return {day: tuple(of_day) for day, of_day in found.items()}


def moment_after(instant: datetime, created_at: datetime) -> datetime:
    """Return another instant with the milliseconds of a document's own."""
    return instant.replace(microsecond=created_at.microsecond)


def local_text(instant: datetime, offset: timedelta) -> str:
    """Return an instant as the pump's clock showed it, in UTC where no zone has such an offset."""
    zone = _zone_of(offset) or UTC
    return instant.astimezone(zone).isoformat(timespec="milliseconds")


def pump_time(instant: datetime, offset: timedelta) -> dict[str, str]:
    """Return the field that tells what the pump's clock showed, none where the instant's text does.

    Without it nothing would tell which pump day a document of a clock with a wrong date is of.
    """
    if _zone_of(offset):
        return {}
    shown = (instant + offset).replace(tzinfo=None)
    return {PUMP_TIME: shown.isoformat(timespec="milliseconds")}


@lru_cache
def _zone_of(offset: timedelta) -> timezone | None:
    """Return the zone of an offset, None where no zone has one like it."""
    if abs(offset) > LARGEST_OFFSET or offset % timedelta(minutes=1):
        return None
    return timezone(offset)


def utc_text(instant: datetime) -> str:
    """Return an instant in UTC as Nightscout writes it."""
    text = instant.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def minutes(start: datetime, end: datetime) -> float:
    """Return a length in minutes, to 0.06 s."""
    return round((end - start).total_seconds() / 60, 3)
