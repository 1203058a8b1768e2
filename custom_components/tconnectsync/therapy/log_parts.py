"""One pump's log in parts of about a day, so that what follows from a part alone is found once."""

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
"""How many sequence numbers a part spans: a pump logs about 1000 events a day."""
MOST_NUMBERS_MISSING = 3
"""A larger gap in the numbers is a part of the log that has not come yet."""

type PartNumber = tuple[int, int]
"""Which part of the log: the sequence group, and which so many numbers of it."""
type Test = Callable[[PumpEvent], bool]


class LogPart:
    """The events of one part in the order of the log, each once; it never changes."""

    __slots__ = (
        "_by_type",
        "_passing",
        "clock_changes",
        "events",
        "latest_shown",
        "number",
    )

    def __init__(self, number: PartNumber, events: Iterable[PumpEvent]) -> None:
        """Hold events that are sorted; changes of the clock by themselves."""
        self.number = number
        both = tuple(events)
        self.clock_changes = tuple(one for one in both if isinstance(one, CHANGES))
        self.events = both
        if self.clock_changes:
            self.events = tuple(one for one in both if not isinstance(one, CHANGES))
        self.latest_shown = max((one.pump_time for one in self.events), default=None)
        """The latest that the clock showed at any of them."""
        self._by_type: dict[type[PumpEvent], list[PumpEvent]] = {}
        for event in self.events:
            self._by_type.setdefault(type(event), []).append(event)
        self._passing: dict[tuple[object, ...], list[PumpEvent]] = {}

    def of[E: PumpEvent](self, kind: type[E]) -> Sequence[E]:
        """Return the events of a type."""
        return self._by_type.get(kind, ())  # type: ignore[return-value]  # grouped by exactly that type

    def where(self, test: Test, *types: type[PumpEvent]) -> Sequence[PumpEvent]:
        """Return the events of these types that pass a test which looks at nothing but the event."""
        found = self._passing.get((test, *types))
        if found is None:
            of_types = chain.from_iterable(map(self.of, types))
            found = sorted(filter(test, of_types), key=PLACE_IN_LOG)
            self._passing[(test, *types)] = found
        return found


class LogParts:
    """All parts of one pump's log, in its order."""

    def __init__(self, parts: Iterable[LogPart]) -> None:
        """Take parts in the order of the log."""
        self.parts = tuple(parts)
        self.clock_changes = [
            *chain.from_iterable(part.clock_changes for part in self.parts)
        ]

    @cached_property
    def events(self) -> list[PumpEvent]:
        """All events; who looks for the last ones does better by newest_first()."""
        return [*chain.from_iterable(part.events for part in self.parts)]

    def newest_first(self) -> Iterator[PumpEvent]:
        """Yield the events from the end of the log on."""
        for part in reversed(self.parts):
            yield from reversed(part.events)

    @staticmethod
    def of(events: Iterable[PumpEvent]) -> LogParts:
        """Return events in any order, some of them twice, as the parts of a log."""
        return log_parts({date.min: tuple(events)}, ResultCache())

    def where(self, test: Test, *types: type[PumpEvent]) -> list[PumpEvent]:
        """Return the events of these types that pass a test which looks at nothing but the event."""
        return [*chain.from_iterable(part.where(test, *types) for part in self.parts)]


def part_number(key: EventKey) -> PartNumber:
    """Return the part of the log that an event stands in."""
    group, number = key
    return group, number // NUMBERS


def within(part: LogPart, key: EventKey | None) -> EventKey | None:
    """Return as much of a place in the log as matters within a part: None where it lies behind."""
    if key is None or key > part.events[-1].key:
        return None
    return max(key, BEFORE_ALL) if key > part.events[0].key else BEFORE_ALL


def log_parts(days: Mapping[date, Sequence[PumpEvent]], cache: ResultCache) -> LogParts:
    """Return what is held of some days as the parts of a log; of what comes twice the last counts."""
    pieces: defaultdict[PartNumber, list[tuple[PumpEvent, ...]]] = defaultdict(list)
    for day in sorted(days):
        events = tuple(days[day])
        by_number = cache.get_or_compute("places", day, (events,), _by_number)
        for number, piece in by_number.items():
            pieces[number].append(piece)
    return LogParts(
        cache.get_or_compute("part", number, (number, tuple(pieces[number])), _joined)
        for number in sorted(pieces)
    )


def _by_number(events: Iterable[PumpEvent]) -> dict[PartNumber, tuple[PumpEvent, ...]]:
    found: defaultdict[PartNumber, list[PumpEvent]] = defaultdict(list)
    for event in events:
        found[event.group, event.number // NUMBERS].append(event)
    return {number: tuple(piece) for number, piece in found.items()}


def _joined(number: PartNumber, pieces: Iterable[Iterable[PumpEvent]]) -> LogPart:
    by_key = {event.key: event for piece in pieces for event in piece}
    return LogPart(number, (by_key[key] for key in sorted(by_key)))


def in_order(events: Iterable[PumpEvent] | LogParts) -> LogParts:
    """Return events in the order of the log."""
    return events if isinstance(events, LogParts) else LogParts.of(events)
