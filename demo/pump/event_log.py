"""Log events of the simulated pump, each with its place in the sequence."""

from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Any

from .timeline import Timeline
from .wire import RawEvent


class EventLog:
    """Writes events in their wire format, and stores their true time separately."""

    def __init__(
        self, timeline: Timeline, assignment_id: str, random: Random, first: int
    ) -> None:
        """Begin an empty log at a sequence number."""
        self._timeline = timeline
        self._assignment_id = assignment_id
        self._random = random
        self._stamped = -1
        self._day = -1
        self._date = ""
        self._stamp = ""
        self.group = 0
        self.number = first
        self.gaps = True
        """Whether numbers are skipped, as by entries the service does not show."""
        self.off = False
        """Whether the pump is off and logs nothing."""
        self.wall: Callable[[int], int] = lambda second: second
        self.events: list[RawEvent] = []
        self.instants: list[datetime] = []
        self.clock_changes: list[RawEvent] = []

    def write(self, code: int, **properties: Any) -> RawEvent:
        """Log an event now."""
        now = self._timeline.now
        wall = self.wall(now)
        if wall != self._stamped:
            self._stamped = wall
            self._stamp = self._stamp_of(wall)
        if not self.off:
            self.number += self._random.choice((1, 1, 1, 2, 3)) if self.gaps else 1
        event = RawEvent(
            deviceAssignmentId=self._assignment_id,
            eventCode=code,
            sequenceGroup=self.group,
            sequenceNumber=self.number,
            pumpDateTime=self._stamp,
            eventProperties=properties,
            estimatedDateTime=f"{self._stamp}Z",
        )
        if self.off:
            return event
        self.events.append(event)
        self.instants.append(datetime.fromtimestamp(now, UTC))
        if code in (13, 14):
            self.clock_changes.append(event)
        return event

    def restart(self) -> None:
        """Begin a new group of sequence numbers, as after a reset of the pump."""
        self.group += 1
        self.number = 0

    def _stamp_of(self, wall: int) -> str:
        day, second = divmod(wall, 86400)
        if day != self._day:
            self._day = day
            self._date = datetime.fromtimestamp(wall, UTC).date().isoformat()
        minute, second = divmod(second, 60)
        hour, minute = divmod(minute, 60)
        return f"{self._date}T{hour:02}:{minute:02}:{second:02}"
