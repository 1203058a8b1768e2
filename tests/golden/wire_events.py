"""The events of a case in wire shape, with short forms expanded and numbers added."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from demo.pump import RawEvent

from .shape import CaseError, keys, wall_clock
from .short_forms import SHORT_FORMS

LEFT_OUT = (
    "sequenceGroup",
    "sequenceNumber",
    "deviceAssignmentId",
    "estimatedDateTime",
)
"""Fields that a case names only when they are unusual."""


class EventRow:
    """Sequence numbers of the events of one pump, over all of its uploads."""

    def __init__(self, assignment_id: str, first_number: int) -> None:
        """Start at a sequence number."""
        self._assignment_id = assignment_id
        self._group = 0
        self._next = first_number

    def write_out(self, raw_events: Iterable[Any], where: str) -> list[RawEvent]:
        """Return the events of an upload in wire shape; raise CaseError for an unreadable one."""
        return [
            self._numbered(event)
            for position, raw in enumerate(raw_events, 1)
            for event in _events_of(raw, f"{where}, event {position}")
        ]

    def _numbered(self, event: Mapping[str, Any]) -> RawEvent:
        self._group = event.get("sequenceGroup", self._group)
        number = event.get("sequenceNumber", self._next)
        self._next = number + 1
        stamp = event["pumpDateTime"]
        return RawEvent(
            deviceAssignmentId=event.get("deviceAssignmentId", self._assignment_id),
            eventCode=event["eventCode"],
            sequenceGroup=self._group,
            sequenceNumber=number,
            pumpDateTime=stamp,
            eventProperties=dict(event["eventProperties"]),
            estimatedDateTime=event.get("estimatedDateTime", f"{stamp}Z"),
        )


def _events_of(raw: Any, where: str) -> Iterator[Mapping[str, Any]]:
    """Yield the events of one entry of a case."""
    for name, written_out in SHORT_FORMS.items():
        if name in raw:
            for shown, code, properties in written_out(raw, where):
                yield {
                    "eventCode": code,
                    "pumpDateTime": shown.isoformat(),
                    "eventProperties": properties,
                }
            return
    need = ["eventCode", "pumpDateTime", "eventProperties"]
    keys(raw, where, need=need, may=LEFT_OUT)
    wall_clock(raw["pumpDateTime"], where)
    if not isinstance(raw["eventProperties"], Mapping):
        raise CaseError(f"{where}: says nothing")
    yield raw
