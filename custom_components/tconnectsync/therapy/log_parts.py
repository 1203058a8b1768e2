"""One pump's log in parts of about a day each, so that results can be cached by part; see event_log.py."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import chain
from operator import attrgetter

from custom_components.tconnectsync.tandem.event_types import (
    BEFORE_ALL,
    DateChanged,
    EventKey,
    PumpEvent,
    TimeChanged,
)

from .result_cache import ResultCache

CHANGES = (TimeChanged, DateChanged)
PLACE_IN_LOG = attrgetter("group", "number")
NUMBERS = 1024
"""Sequence numbers in a part; a pump logs about 1000 events a day."""
MOST_NUMBERS_MISSING = 3
"""More numbers than these are not skipped unless events are missing."""
EVENTS_OF_CONTINUOUS_LOG = 6
"""Events within an hour that show that the pump logs continuously."""

type PartNumber = tuple[int, int]
"""A part of the log: its sequence group, and its first sequence number divided by NUMBERS."""
type Test = Callable[[PumpEvent], bool]


class LogPart:
    """The events of one part in the order of the log, each once; immutable."""

    __slots__ = (
        "_by_type",
        "_passing",
        "clock_changes",
        "events",
        "latest_shown",
        "number",
    )

    def __init__(self, number: PartNumber, events: Iterable[PumpEvent]) -> None:
        """Take sorted events; changes of the clock are stored separately."""
        self.number = number
        logged = tuple(events)
        self.clock_changes = tuple(
            event for event in logged if isinstance(event, CHANGES)
        )
        self.events = logged
        if self.clock_changes:
            self.events = tuple(
                event for event in logged if not isinstance(event, CHANGES)
            )
        self.latest_shown = max(
            (event.pump_time for event in self.events), default=None
        )
        """The latest pump time of any of them."""
        self._by_type: dict[type[PumpEvent], list[PumpEvent]] = {}
        for event in self.events:
            self._by_type.setdefault(type(event), []).append(event)
        self._passing: dict[tuple[object, ...], list[PumpEvent]] = {}

    def of[E: PumpEvent](self, kind: type[E]) -> Sequence[E]:
        """Return the events of a type."""
        return self._by_type.get(kind, ())  # type: ignore[return-value]  # grouped by exactly that type

    def where(self, test: Test, *types: type[PumpEvent]) -> Sequence[PumpEvent]:
        """Return the events of these types that pass a test; the test may depend on the event alone."""
        passing = self._passing.get((test, *types))
        if passing is None:
            of_types = chain.from_iterable(map(self.of, types))
            passing = sorted(filter(test, of_types), key=PLACE_IN_LOG)
            self._passing[(test, *types)] = passing
        return passing


class LogParts:
    """All parts of one pump's log, in its order."""

    def __init__(self, parts: Iterable[LogPart]) -> None:
        """Take the parts in the order of the log."""
        self.parts = tuple(parts)
        self.clock_changes = [
            *chain.from_iterable(part.clock_changes for part in self.parts)
        ]

    @cached_property
    def events(self) -> list[PumpEvent]:
        """All events; newest_first() is faster where only the last ones are needed."""
        return [*chain.from_iterable(part.events for part in self.parts)]

    def newest_first(self) -> Iterator[PumpEvent]:
        """Yield the events from the end of the log backwards."""
        for part in reversed(self.parts):
            yield from reversed(part.events)

    @staticmethod
    def of(events: Iterable[PumpEvent]) -> LogParts:
        """Return events as the parts of a log; they may be in any order and contain duplicates."""
        return log_parts({date.min: tuple(events)}, ResultCache())

    def where(self, test: Test, *types: type[PumpEvent]) -> list[PumpEvent]:
        """Return the events of these types that pass a test; the test may depend on the event alone."""
        return [*chain.from_iterable(part.where(test, *types) for part in self.parts)]


def part_number(key: EventKey) -> PartNumber:
    """Return the part of the log that an event belongs to."""
    group, number = key
    return group, number // NUMBERS


def within(part: LogPart, key: EventKey | None) -> EventKey | None:
    """Return a place in the log clipped to a part: BEFORE_ALL if it is earlier, None if it is later."""
    if key is None or key > part.events[-1].key:
        return None
    return max(key, BEFORE_ALL) if key > part.events[0].key else BEFORE_ALL


def log_parts(days: Mapping[date, Sequence[PumpEvent]], cache: ResultCache) -> LogParts:
    """Return the stored events of some days as the parts of a log; the last of duplicates counts."""
    by_part: defaultdict[PartNumber, list[tuple[PumpEvent, ...]]] = defaultdict(list)
    for day in sorted(days):
        events = tuple(days[day])
        by_number = cache.get_or_compute("day_by_part", day, (events,), _by_number)
        for number, of_day in by_number.items():
            by_part[number].append(of_day)
    return LogParts(
        cache.get_or_compute("part", number, (number, tuple(by_part[number])), _joined)
        for number in sorted(by_part)
    )


def _by_number(events: Iterable[PumpEvent]) -> dict[PartNumber, tuple[PumpEvent, ...]]:
    by_number: defaultdict[PartNumber, list[PumpEvent]] = defaultdict(list)
    for event in events:
        by_number[event.group, event.number // NUMBERS].append(event)
    return {number: tuple(of_part) for number, of_part in by_number.items()}


def _joined(number: PartNumber, days: Iterable[Iterable[PumpEvent]]) -> LogPart:
    by_key = {event.key: event for events in days for event in events}
    return LogPart(number, (by_key[key] for key in sorted(by_key)))


def in_order(events: Iterable[PumpEvent] | LogParts) -> LogParts:
    """Return events in the order of the log."""
    return events if isinstance(events, LogParts) else LogParts.of(events)


def numbers_skipped(before: EventKey, after: EventKey) -> bool:
    """Return whether sequence numbers show that events between two successive ones are missing."""
    (group, number), (later_group, later_number) = before, after
    return group != later_group or later_number - number > MOST_NUMBERS_MISSING
