"""What tconnectsync itself wrote, so that whoever moves over gets nothing twice."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
import re
from typing import Any

from custom_components.tconnectsync.instants import EPOCH

from .document import Document, hashed, local_text, minutes, moment_after, pump_time
from .documents.sensors import LONGEST_SESSION
from .features import Feature
from .found_document import instant, local_day
from .identifiers import TEMP_BASAL, Collection, Kind
from .ledger import Covered

WRITER = "Pump (tconnectsync)"
WRITER_FIELDS = {
    Collection.TREATMENTS: "enteredBy",
    Collection.ENTRIES: "device",
}
"""Where tconnectsync signs; its device status tells other things than the one written here."""
EXTENDED = "Combo Bolus"
"""What it calls every bolus; here only one with an extended part is called so."""
SECOND_PART = "Extended Bolus"
"""Its notes on the document that it adds, about one event, when an extended part has ended."""
FEATURES = {
    TEMP_BASAL: Feature.BASAL,
    EXTENDED: Feature.BOLUS,
    "CGM Alert": Feature.CGM_ALERTS,
}
NUMBER = re.compile(r"\d{1,10}", re.ASCII)
LARGEST_NUMBER = 2**32 - 1
"""Sequence numbers of a pump have 32 bits."""
SAME_NUMBERS_WITHIN = timedelta(days=1)
"""tconnectsync dates a sensor's session by when the pump joined it."""
LONGEST_RATE = timedelta(minutes=15)
"""Rates are reported every five minutes; one that it drew for longer may hide what came late."""


def collection_of(feature: Feature) -> Collection:
    """Return where tconnectsync writes what a feature is about."""
    return Collection.ENTRIES if feature is Feature.CGM else Collection.TREATMENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """One document of tconnectsync."""

    feature: Feature
    at: datetime
    until: datetime
    """UTC; as long as a rate holds until the next one is reported."""
    day: date
    numbers: frozenset[int]
    second_part: bool
    """Whether it tells no more than what was given over time."""

    def is_about(self, document: Document) -> bool:
        """Return whether it is near enough that equal numbers name the same events."""
        begins = document.kind is Kind.SENSOR_START
        after = LONGEST_SESSION if begins else SAME_NUMBERS_WITHIN
        return document.start - SAME_NUMBERS_WITHIN <= self.at <= document.end + after


def covered_by_day(
    collection: Collection,
    documents: Iterable[dict[str, Any]],
    wanted: Mapping[date, Iterable[Document]],
) -> dict[date, dict[Feature, Covered]]:
    """Return what tconnectsync covered of each day and feature.

    What it dates on another day than what is wanted, a bolus by its end, counts on that of the wanted.
    """
    written = _read(collection, documents)
    covered: defaultdict[date, dict[Feature, Covered]] = defaultdict(dict)
    naming: defaultdict[tuple[Feature, int], list[_Written]] = defaultdict(list)
    for one in written:
        _cover(covered[one.day], one.feature, one.until, one.numbers)
        for number in one.numbers:
            naming[one.feature, number].append(one)
    for day, of_day in wanted.items():
        for document in of_day:
            about = {
                id(one): one
                for number in document.numbers
                for one in naming.get((document.feature, number), ())
                if document.collection is collection and one.is_about(document)
            }
            named = _both(document, [one for one in about.values() if one.day != day])
            if named:
                _cover(covered[day], document.feature, EPOCH, named)
            is_extended = document.kind is Kind.EXTENDED
            if (is_extended or document.event_type == EXTENDED) and len(about) == 1:
                (part,) = about.values()
                half = frozenset() if part.second_part else _both(document, [part])
                known = covered[day][Feature.BOLUS]
                covered[day][Feature.BOLUS] = replace(
                    known, only_immediate_part=known.only_immediate_part | half
                )
    return covered


def _both(document: Document, written: Iterable[_Written]) -> frozenset[int]:
    """Return the numbers that a document shares with these."""
    return frozenset(document.numbers).intersection(
        number for one in written for number in one.numbers
    )


def _cover(
    day: dict[Feature, Covered],
    feature: Feature,
    until: datetime,
    numbers: frozenset[int],
) -> None:
    known = day.get(feature, Covered(until, frozenset()))
    newest = max(known.newest, until)
    day[feature] = replace(known, newest=newest, numbers=known.numbers | numbers)


def _read(
    collection: Collection, documents: Iterable[dict[str, Any]]
) -> list[_Written]:
    """Return the documents that tell when they are about, in the order of time."""
    written: list[_Written] = []
    for document in documents:
        at = instant(document.get(collection.time_field))
        if at is None:
            continue
        reported = document.get("eventType")
        feature = (
            FEATURES.get(str(reported), Feature.PUMP_EVENTS)
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
                second_part=document.get("notes") == SECOND_PART and len(numbers) == 1,
            )
        )
    written.sort(key=lambda one: one.at)
    rates = [place for place, one in enumerate(written) if one.feature is Feature.BASAL]
    for place, following in pairwise(rates):
        until = written[following].at
        if until - written[place].at <= LONGEST_RATE:
            written[place] = replace(written[place], until=until)
    return written


def not_covered(document: Document, covered: Covered | None) -> Document | None:
    """Return what tconnectsync did not write of a document: nothing, all, or the rest of it."""
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
    """Return a basal cut to what lies behind an instant."""
    created_at = moment_after(newest, document.created_at)
    body = document.body | {
        "created_at": local_text(created_at, document.offset),
        "duration": minutes(newest, document.end),
        **pump_time(created_at, document.offset),
    }
    return replace(document, created_at=created_at, start=newest, body=hashed(body))


def _numbers(document: dict[str, Any]) -> frozenset[int]:
    reported = str(document.get("pump_event_id", "")).split(",")
    numbers = (int(part) for part in reported if NUMBER.fullmatch(part.strip()))
    return frozenset(number for number in numbers if number <= LARGEST_NUMBER)
