"""Define how each collection treats its documents; the versions differ here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
import json
from typing import Literal

from .database import Key
from .documents import (
    Document,
    prepare_entry,
    prepare_profile,
    prepare_status,
    prepare_treatment,
)
from .queries import Query, Reading, expression, whole_number

type Version = Literal["15.0.7", "15.0.6"]

MEGABYTE = 1024 * 1024


def _identity(document: Document) -> Iterator[Key]:
    yield ("_id", document["_id"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How one collection takes, replaces and finds documents."""

    name: str
    reading: Reading
    prepare: Callable[[Document, datetime], Document]
    replaces: Callable[[Document], Key | None] = lambda document: None
    """The key a posted document replaces by, None when it is always added."""
    keys: Callable[[Document], Iterator[Key]] = _identity
    limit: int = MEGABYTE
    """Largest body taken, in bytes."""
    default_count: int = 10
    stops_at_refusal: bool = False
    """A batch ends at the first document the database does not take."""

    def count_for(self, query: Query) -> int:
        """Return how many documents are given when the query does not say."""
        return (
            1000
            if self.name == "treatments" and "find" in query
            else self.default_count
        )


def kinds(version: Version) -> dict[str, Kind]:
    """Return the collections as a version has them."""
    return {
        kind.name: kind
        for kind in (
            Kind(
                name="treatments",
                reading=Reading(
                    readers=dict.fromkeys(("insulin", "carbs", "glucose"), whole_number)
                    | dict.fromkeys(("notes", "eventType", "enteredBy"), expression)
                ),
                prepare=prepare_treatment,
                replaces=_by_identity if version == "15.0.7" else _by_moment,
                keys=_treatment_keys,
                limit=50 * MEGABYTE,
                default_count=100,
                stops_at_refusal=True,
            ),
            Kind(
                name="entries",
                reading=Reading(
                    date_field="date",
                    in_epoch=True,
                    readers=dict.fromkeys(
                        (
                            "date",
                            "sgv",
                            "filtered",
                            "unfiltered",
                            "rssi",
                            "noise",
                            "mbg",
                        ),
                        whole_number,
                    ),
                ),
                prepare=prepare_entry,
                replaces=_entry_key,
                keys=_entry_keys,
                limit=50 * MEGABYTE,
            ),
            Kind(
                name="devicestatus",
                reading=Reading(readers=dict.fromkeys(("date", "sgv"), whole_number)),
                prepare=prepare_status,
            ),
            Kind(
                name="profile",
                reading=Reading(date_field="startDate", readers={}),
                prepare=prepare_profile,
            ),
            Kind(
                name="activity",
                reading=Reading(readers=dict.fromkeys(("date", "sgv"), whole_number)),
                prepare=prepare_profile,
                default_count=0,
            ),
        )
    }


def _by_moment(treatment: Document) -> Key:
    return ("moment", treatment["created_at"], treatment.get("eventType"))


def _by_identity(treatment: Document) -> Key:
    for name in ("identifier", "_id"):
        if value := treatment.get(name):
            return (name, str(value))
    return _by_moment(treatment)


def _treatment_keys(treatment: Document) -> Iterator[Key]:
    yield _by_moment(treatment)
    yield from _identity(treatment)
    if identifier := treatment.get("identifier"):
        yield ("identifier", str(identifier))


def _entry_key(entry: Document) -> Key:
    if kind := entry.get("type"):
        return ("moment", entry["sysTime"], kind)
    rest = {name: value for name, value in entry.items() if name != "_id"}
    return ("whole", json.dumps(rest, sort_keys=True))


def _entry_keys(entry: Document) -> Iterator[Key]:
    yield from _identity(entry)
    yield _entry_key(entry)
