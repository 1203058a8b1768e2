"""One pump's events in the order of its log, with their instants."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from custom_components.tconnectsync.tandem.events import EventKey, PumpEvent

from .clock import Clock


class EventLog:
    """Events of one pump sorted by sequence, each once."""

    def __init__(self, events: Iterable[PumpEvent], clock: Clock) -> None:
        """Sort the events and drop repeats."""
        self._clock = clock
        self.events = sorted(
            {event.key: event for event in events}.values(), key=lambda event: event.key
        )
        self._by_type: dict[type[PumpEvent], list[PumpEvent]] = {}
        for event in self.events:
            self._by_type.setdefault(type(event), []).append(event)

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
        return self._clock.utc(event.key, event.pump_time)

    def utc(self, event: PumpEvent, pump_time: datetime) -> datetime:
        """Return the UTC instant of a wall clock time that an event carries."""
        return self._clock.utc(event.key, pump_time)

    def since(self, event: PumpEvent) -> timedelta:
        """Return how much of the log lies after an event."""
        return self.at(self.events[-1]) - self.at(event)
