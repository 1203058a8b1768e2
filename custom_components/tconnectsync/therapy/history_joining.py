"""Joins several histories of one pump, each of some of its days."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date
from typing import Any

from custom_components.tconnectsync.tandem.event_types import BEFORE_ALL

from .history import History
from .records import Record

KINDS = tuple(
    field.name
    for field in fields(History)
    if field.default == () and field.name != "uploads"
)
"""The fields of a history that are records."""


def within_days(history: History, first: date, last: date) -> History:
    """Return the records of the pump days from one to another, both included."""
    records: dict[str, Any] = {
        kind: tuple(
            record for record in getattr(history, kind) if first <= record.day <= last
        )
        for kind in KINDS
    }
    return replace(history, with_future_dated=None, **records)


def joined(parts: Sequence[History]) -> History:
    """Return the records of all parts of one pump's log; every record is in just one part."""
    records: dict[str, Any] = {kind: [] for kind in KINDS}
    for part in parts:
        for kind in KINDS:
            records[kind] += getattr(part, kind)
    newest = max(parts, key=lambda part: part.newest_key or BEFORE_ALL)
    in_order: dict[str, Any] = {
        kind: tuple(sorted(of_kind, key=_key)) for kind, of_kind in records.items()
    }
    oldest = min((part.oldest for part in parts if part.oldest), default=None)
    return replace(newest, oldest=oldest, with_future_dated=None, **in_order)


def _key(record: Record) -> tuple[int, int]:
    return record.key
