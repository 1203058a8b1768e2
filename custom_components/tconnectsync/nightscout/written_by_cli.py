"""Documents of the command-line tool tconnectsync, so that a user who moves over gets nothing twice."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
import re
from typing import Any

from custom_components.tconnectsync.instants import EPOCH

from .document import (
    Document,
    hashed,
    local_text,
    minutes,
    pump_time,
    with_milliseconds_of,
)
from .documents.sensors import LONGEST_SESSION
from .features import Feature
from .identifiers import TEMP_BASAL, Collection, Kind
from .ledger import Covered
from .stored_document import local_day, parse_instant

WRITER = "Pump (tconnectsync)"
WRITER_FIELDS = {
    Collection.TREATMENTS: "enteredBy",
    Collection.ENTRIES: "device",
}
"""The field that names tconnectsync as the writer; its device statuses cover none of this integration's."""
COMBO_BOLUS = "Combo Bolus"
"""Its event type of every bolus, in this integration that of extended boluses only."""
EXTENDED_PART_NOTES = "Extended Bolus"
"""Its notes on the document that it adds, about one event, when an extended part has ended."""
FEATURES = {
    TEMP_BASAL: Feature.BASAL,
    COMBO_BOLUS: Feature.BOLUS,
    "CGM Alert": Feature.CGM_ALERTS,
}
NUMBER = re.compile(r"\d{1,10}", re.ASCII)
LARGEST_NUMBER = 2**32 - 1
"""Sequence numbers of a pump have 32 bits."""
SAME_NUMBERS_WITHIN = timedelta(days=1)
"""How far apart in time equal sequence numbers still name the same events."""
LONGEST_RATE = timedelta(minutes=15)
"""Rates are reported every five minutes; a longer one may hide events that arrived late."""


def collection_of(feature: Feature) -> Collection:
    """Return the collection to which tconnectsync writes a feature's documents."""
    return Collection.ENTRIES if feature is Feature.CGM else Collection.TREATMENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """One document of tconnectsync."""

    feature: Feature
    at: datetime
    """UTC."""
    until: datetime
    """UTC end of a rate, which is the start of the next one; else the same as `at`."""
    day: date
    numbers: frozenset[int]
    """Sequence numbers of the pump's events that it names."""
    is_extended_part: bool
    """Whether it is only about the extended part of a bolus."""

    def is_about(self, document: Document) -> bool:
        """Return whether it is near enough that equal numbers name the same events.

        tconnectsync dates a sensor session by the instant at which the pump joined it.
        """
        is_session = document.kind is Kind.SENSOR_START
        after = LONGEST_SESSION if is_session else SAME_NUMBERS_WITHIN
        return document.start - SAME_NUMBERS_WITHIN <= self.at <= document.end + after


def covered_by_day(
    collection: Collection,
    documents: Iterable[dict[str, Any]],
    wanted: Mapping[date, Iterable[Document]],
) -> dict[date, dict[Feature, Covered]]:
    """Return the documents of tconnectsync by day and feature.

    It dates a bolus by its end: a document that it dates on another day than the wanted one counts
    on the wanted one's day.
    """
    written = _read(collection, documents)
    covered: defaultdict[date, dict[Feature, Covered]] = defaultdict(dict)
    naming: defaultdict[tuple[Feature, int], list[_Written]] = defaultdict(list)
    for theirs in written:
        _cover(covered[theirs.day], theirs.feature, theirs.until, theirs.numbers)
        for number in theirs.numbers:
            naming[theirs.feature, number].append(theirs)
    for day, of_day in wanted.items():
        for document in of_day:
            about = {
                id(theirs): theirs
                for number in document.numbers
                for theirs in naming.get((document.feature, number), ())
                if document.collection is collection and theirs.is_about(document)
            }
            on_other_days = [theirs for theirs in about.values() if theirs.day != day]
            if shared := _shared_numbers(document, on_other_days):
                _cover(covered[day], document.feature, EPOCH, shared)
            is_extended = document.kind is Kind.EXTENDED
            if (is_extended or document.event_type == COMBO_BOLUS) and len(about) == 1:
                (theirs,) = about.values()
                if not theirs.is_extended_part:
                    _cover_immediate_part(covered[day], document, theirs)
    return covered


def _shared_numbers(document: Document, written: Iterable[_Written]) -> frozenset[int]:
    """Return the sequence numbers that a document shares with these."""
    return frozenset(document.numbers).intersection(
        number for theirs in written for number in theirs.numbers
    )


def _cover(
    day: dict[Feature, Covered],
    feature: Feature,
    until: datetime,
    numbers: frozenset[int],
) -> None:
    """Add a document up to an instant (UTC), with its sequence numbers, to a day's covered documents."""
    before = day.get(feature, Covered(until, frozenset()))
    newest = max(before.newest, until)
    day[feature] = replace(before, newest=newest, numbers=before.numbers | numbers)


def _cover_immediate_part(
    day: dict[Feature, Covered], bolus: Document, theirs: _Written
) -> None:
    """Note that tconnectsync wrote only the immediate part of an extended bolus."""
    before = day[Feature.BOLUS]
    shared = _shared_numbers(bolus, [theirs])
    day[Feature.BOLUS] = replace(
        before, only_immediate_part=before.only_immediate_part | shared
    )


def _read(
    collection: Collection, documents: Iterable[dict[str, Any]]
) -> list[_Written]:
    """Return the documents that have an instant, in the order of time."""
    written: list[_Written] = []
    for document in documents:
        at = parse_instant(document.get(collection.time_field))
        if at is None:
            continue
        event_type = str(document.get("eventType"))
        feature = (
            FEATURES.get(event_type, Feature.PUMP_EVENTS)
            if collection is Collection.TREATMENTS
            else Feature.CGM
        )
        numbers = _numbers(document)
        written.append(
            _Written(
                feature=feature,
                at=at,
                until=at,
                day=local_day(document, at),
                numbers=numbers,
                is_extended_part=document.get("notes") == EXTENDED_PART_NOTES
                and len(numbers) == 1,
            )
        )
    written.sort(key=lambda theirs: theirs.at)
    rates = [
        index for index, theirs in enumerate(written) if theirs.feature is Feature.BASAL
    ]
    for index, following in pairwise(rates):
        until = written[following].at
        if until - written[index].at <= LONGEST_RATE:
            written[index] = replace(written[index], until=until)
    return written


def not_covered(document: Document, covered: Covered | None) -> Document | None:
    """Return the part of a document that tconnectsync did not write: all, the rest of a rate, or None."""
    if covered is None:
        return document
    if covered.only_immediate_part.intersection(document.numbers):
        return document if document.kind is Kind.EXTENDED else None
    is_rate = document.event_type == TEMP_BASAL
    if not is_rate and covered.numbers.intersection(document.numbers):
        return None
    if document.start > covered.newest:
        return document
    if document.end <= covered.newest:
        return None
    return _from(document, covered.newest) if is_rate else document


def _from(document: Document, newest: datetime) -> Document:
    """Return a basal rate cut to the time after an instant."""
    created_at = with_milliseconds_of(document.created_at, newest)
    body = document.body | {
        "created_at": local_text(created_at, document.offset),
        "duration": minutes(newest, document.end),
        **pump_time(created_at, document.offset),
    }
    return replace(document, created_at=created_at, start=newest, body=hashed(body))


def _numbers(document: dict[str, Any]) -> frozenset[int]:
    parts = str(document.get("pump_event_id", "")).split(",")
    numbers = (int(part) for part in parts if NUMBER.fullmatch(part.strip()))
    return frozenset(number for number in numbers if number <= LARGEST_NUMBER)
