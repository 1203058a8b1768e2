"""Replay events that were once recorded, e.g. captured from a real pump."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from .parts import MODELS
from .wire import RawEvent


@dataclass(slots=True, kw_only=True)
class RecordedPump:
    """A pump with given events; without any it is one that was never used."""

    serial_number: str
    about: dict[str, Any] = field(
        default_factory=lambda: {
            **MODELS["t:slim X2"],
            "softwareVersion": "7.8.0.0",
            "algorithm": "Control-IQ",
            "glucoseUnit": None,
        }
    )
    settings: dict[str, Any] = field(default_factory=dict)
    events: list[RawEvent] = field(default_factory=list)
    instants: list[datetime] = field(default_factory=list)

    @property
    def assignment_id(self) -> str:
        """Key of this pump in pump-logs."""
        return str(uuid5(NAMESPACE_URL, f"pump {self.serial_number}"))

    def record(self, events: Iterable[Mapping[str, Any]], time_zone: ZoneInfo) -> None:
        """Add recorded events, whose clock was right for a zone, and complete fields that a capture left out."""
        added = [
            RawEvent(
                deviceAssignmentId=self.assignment_id,
                eventCode=event["eventCode"],
                sequenceGroup=event["sequenceGroup"],
                sequenceNumber=event["sequenceNumber"],
                pumpDateTime=event["pumpDateTime"],
                eventProperties=dict(event["eventProperties"]),
                estimatedDateTime=f"{event['pumpDateTime']}Z",
            )
            for event in events
        ]
        self.events = sorted([*self.events, *added], key=_place)
        self.instants = [
            datetime.fromisoformat(event["pumpDateTime"])
            .replace(tzinfo=time_zone)
            .astimezone(UTC)
            for event in self.events
        ]


def _place(event: RawEvent) -> tuple[int, int]:
    return event["sequenceGroup"], event["sequenceNumber"]
