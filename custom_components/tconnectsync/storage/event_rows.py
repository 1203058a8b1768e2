"""Events as compact rows, the form in which files store them."""

from typing import Any

from custom_components.tconnectsync.tandem.event_types import EventKey, RawEvent

PADDING = ("spare", "reserved")
"""Prefixes of the properties that are left out."""

type EventRow = list[Any]


def to_row(raw: RawEvent) -> EventRow:
    """Return an event as a compact row, without its padding."""
    properties = raw.get("eventProperties")
    if isinstance(properties, dict):
        properties = {
            key: value
            for key, value in properties.items()
            if not key.startswith(PADDING)
        }
    return [
        raw["eventCode"],
        raw["sequenceGroup"],
        raw["sequenceNumber"],
        raw["pumpDateTime"],
        properties,
    ]


def raw_event(row: EventRow) -> RawEvent:
    """Return the event of a row in wire format; raise ValueError where it has another length."""
    code, group, number, pump_time, properties = row
    return {
        "eventCode": code,
        "sequenceGroup": group,
        "sequenceNumber": number,
        "pumpDateTime": pump_time,
        "eventProperties": properties,
    }


def row_key(row: EventRow) -> EventKey:
    """Return the key of the event in a row."""
    _, group, number, *_ = row
    return group, number
