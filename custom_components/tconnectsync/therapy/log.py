"""One pump's events in the order of its log, with their instants."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from custom_components.tconnectsync.tandem.event_types import EventKey, PumpEvent

from .clock import Clock
from .clock_anchor import FAST


class EventLog:
    """Events of one pump sorted by sequence, each once, none later than its upload."""

    def __init__(
        self,
        events: Iterable[PumpEvent],
        clock: Clock,
        upload: datetime | None = None,
        *,
        whole: bool = False,
    ) -> None:
        """Sort the events and drop repeats.

        What was uploaded has happened: what a clock some minutes fast dates past the upload
        was at the latest then. What it dates further ahead is left out until that time has
        come, unless the log is to be whole.
        """
        self._clock = clock
        self._upload = upload
        self._most = datetime.max.replace(tzinfo=UTC) if whole else None
        if upload and not whole:
            self._most = upload + FAST
        self._by_key = {event.key: event for event in events}
        self.events: list[PumpEvent] = []
        self.ahead = 0
        """How many events are left out because their time has not come."""
        self._instants: dict[EventKey, datetime] = {}
        self._by_type: defaultdict[type[PumpEvent], list[PumpEvent]] = defaultdict(list)
        for key in sorted(self._by_key):
            event = self._by_key[key]
            at = self._instants[key] = clock.utc(key, event.pump_time)
            if self._most is None or at <= self._most:
                self.events.append(event)
                self._by_type[type(event)].append(event)
            else:
                self.ahead += 1

    def has_come(self, at: datetime) -> bool:
        """Return whether an instant lies within the log."""
        return self._upload is None or at <= self._upload

    def newest_first(self) -> Iterator[tuple[PumpEvent, datetime]]:
        """Yield everything that was logged as the clock dates it, what has not come included."""
        for key, at in reversed(self._instants.items()):
            yield self._by_key[key], at

    @property
    def oldest(self) -> datetime | None:
        """UTC instant of the first event in the log."""
        return self.at(self.events[0]) if self.events else None

    @property
    def newest(self) -> datetime | None:
        """UTC instant of the last event in the log."""
        return self.at(self.events[-1]) if self.events else None

    @property
    def newest_key(self) -> EventKey | None:
        """Place of the last event in the log."""
        return self.events[-1].key if self.events else None

    def of[E: PumpEvent](self, *types: type[E]) -> list[E]:
        """Return the events of these types, in the order of the log."""
        found = [event for kind in types for event in self._by_type.get(kind, ())]
        if len(types) > 1:
            found.sort(key=lambda event: event.key)
        return found  # type: ignore[return-value]  # grouped by exactly that type above

    def at(self, event: PumpEvent) -> datetime:
        """Return the UTC instant of an event."""
        return self.at_most(self._instants[event.group, event.number])

    def utc(self, event: PumpEvent, pump_time: datetime) -> datetime:
        """Return the UTC instant of a wall clock time that an event carries."""
        return self.at_most(self.dated(event, pump_time))

    def dated(self, event: PumpEvent, pump_time: datetime) -> datetime:
        """Return the UTC instant of a wall clock time as the clock dates it, be it behind the upload."""
        return self._clock.utc(event.key, pump_time)

    def since(self, event: PumpEvent) -> timedelta:
        """Return how much of the log lies after an event."""
        return self.at(self.events[-1]) - self.at(event)

    def at_most(self, at: datetime) -> datetime:
        """Return an instant as the clock dates it, or that of the upload where it lies behind by some minutes."""
        if self._upload and self._most and self._upload < at <= self._most:
            return self._upload
        return at
