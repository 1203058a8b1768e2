"""One pump's events in the order of its log, with their instants."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from custom_components.tconnectsync.tandem.events import EventKey, PumpEvent

from .clock import Clock


class EventLog:
    """Events of one pump sorted by sequence, each once, up to an instant."""

    def __init__(
        self, events: Iterable[PumpEvent], clock: Clock, until: datetime | None = None
    ) -> None:
        """Sort the events, drop repeats and what the clock dates too late."""
        self._clock = clock
        self._until = until
        self._by_key = {event.key: event for event in events}
        self.events: list[PumpEvent] = []
        self._instants: dict[EventKey, datetime] = {}
        self._by_type: defaultdict[type[PumpEvent], list[PumpEvent]] = defaultdict(list)
        for key in sorted(self._by_key):
            event = self._by_key[key]
            at = self._instants[key] = clock.utc(key, event.pump_time)
            if until is None or at <= until:
                self.events.append(event)
                self._by_type[type(event)].append(event)

    def has_come(self, at: datetime) -> bool:
        """Tell whether an instant lies within the log."""
        return self._until is None or at <= self._until

    def newest_first(self) -> Iterator[tuple[PumpEvent, datetime]]:
        """Yield everything that was logged, with its UTC instant, what has not come included."""
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
        return self._instants[event.group, event.number]

    def utc(self, event: PumpEvent, pump_time: datetime) -> datetime:
        """Return the UTC instant of a wall clock time that an event carries."""
        return self._clock.utc(event.key, pump_time)

    def since(self, event: PumpEvent) -> timedelta:
        """Return how much of the log lies after an event."""
        return self.at(self.events[-1]) - self.at(event)
