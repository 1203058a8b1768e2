"""The inputs of the boluses of one part of the log: their messages, and events around them."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from custom_components.tconnectsync.tandem.event_codes import EventCode
from custom_components.tconnectsync.tandem.event_types import (
    BEFORE_ALL,
    EventKey,
    GlucoseEntered,
    PumpEvent,
)

from .bolus_delivered import TIME_PER_UNIT
from .bolus_messages import BolusMessages
from .bolus_record import KnownOfBolus
from .delivery_stops import DeliveryStop, delivery_stops
from .event_log import DatedPart, EventLog
from .log_gaps import Skip, skips
from .records_by_place import KEY

MESSAGES_COMPLETE_AFTER = timedelta(days=1)
"""Events later than this after the planned end of a bolus do not change it."""
MOST_REQUESTED = 1000
"""U; no pump gives more."""

type BolusName = tuple[int, int, date]
"""Sequence group, bolus id and pump day; boluses share a name where ids start over."""
type Entry = tuple[GlucoseEntered, datetime]
"""An entered glucose value, and when it was entered (UTC)."""


@dataclass(frozen=True, slots=True)
class PartBoluses:
    """The messages of the boluses that began in one part of the log."""

    boluses: tuple[BolusMessages, ...]
    """In the order of their first messages."""
    first_messages_at: tuple[datetime, ...]
    """When the first message of each was logged (UTC)."""
    names: tuple[BolusName, ...]
    counts: Mapping[BolusName, int]
    """How many boluses have each name."""
    first: EventKey
    last: EventKey
    """Of all their messages."""
    settled_at: datetime
    """From when on (UTC) no new event changes them."""


def part_boluses(messages: Iterable[BolusMessages]) -> PartBoluses:
    """Return the messages of the boluses that began in one part of the log, in their order."""
    boluses = tuple(sorted(messages, key=lambda bolus: bolus.all[0].key))
    starts = [bolus.start_message for bolus in boluses]
    names = tuple(
        (start.group, start.bolus_id, start.pump_time.date()) for start in starts
    )
    return PartBoluses(
        boluses,
        tuple(bolus.first_at for bolus in boluses),
        names,
        dict(Counter(names)),
        boluses[0].all[0].key,
        max(bolus.all[-1].key for bolus in boluses),
        max(map(_settled_at, boluses)),
    )


def _settled_at(messages: BolusMessages) -> datetime:
    """Return from when on (UTC) no new event changes a bolus."""
    requested = min(messages.now_requested or 0.0, MOST_REQUESTED)
    duration = timedelta(minutes=messages.planned_minutes) + TIME_PER_UNIT * requested
    return max(messages.instants) + duration + MESSAGES_COMPLETE_AFTER


@dataclass(frozen=True, slots=True)
class BolusContext:
    """The events of a log around the boluses of one part that these may depend on."""

    newest: datetime
    """The end of the log (UTC), or when the boluses are settled if that is earlier."""
    stops: Sequence[DeliveryStop]
    """From the first message to the first stop after the last message."""
    entries: Sequence[Entry]
    """Up to the last message, with the last one before the first message."""
    last_rejection: EventKey
    """The last rejected automatic bolus; one value stands for all places after the last message."""
    skips: Sequence[Skip]
    """From the first message to the first skip after the last message."""

    def inputs_of(self, messages: BolusMessages) -> KnownOfBolus:
        """Return the inputs of one bolus; equal while nothing that it depends on changes."""
        first, last = messages.all[0].key, messages.all[-1].key
        before = bisect_left(self.entries, first, key=_entry_key)
        return KnownOfBolus(
            tuple(messages.all),
            tuple(messages.instants),
            min(self.newest, _settled_at(messages)),
            _between(self.stops, first, last),
            self.entries[before - 1] if before else None,
            self.last_rejection > last,
            _between(self.skips, last, last)[:1],
        )


class BolusContexts:
    """Finds the context of the boluses of each part of a log."""

    def __init__(self, log: EventLog) -> None:
        """Collect the stops, entries, rejections and skips of a log."""
        self._log = log
        self._stops = delivery_stops(log)
        self._skips = skips(log)
        self._entries = list(log.each(_entries))
        self._entry_keys = list(log.each(_entry_keys))
        rejections = log.where(_is_rejection, PumpEvent)
        self._last_rejection = rejections[-1].key if rejections else BEFORE_ALL

    def of(self, boluses: PartBoluses) -> BolusContext:
        """Return the context of some boluses; equal while nothing that they depend on changes."""
        newest, (group, number) = self._log.newest, boluses.last
        assert newest is not None
        before = bisect_left(self._entry_keys, boluses.first)
        until = bisect_left(self._entry_keys, boluses.last, before)
        return BolusContext(
            min(newest, boluses.settled_at),
            _between(self._stops, boluses.first, boluses.last),
            tuple(self._entries[max(before - 1, 0) : until]),
            min(self._last_rejection, (group, number + 1)),
            _between(self._skips, boluses.first, boluses.last),
        )


def _between[P: (DeliveryStop, Skip)](
    places: Sequence[P], first: EventKey, last: EventKey
) -> tuple[P, ...]:
    """Return the places from one in the log to another, and the first one after."""
    begin = bisect_left(places, first, key=KEY)
    after = bisect_right(places, last, key=KEY)
    return tuple(places[begin : after + 1])


def _entries(log: DatedPart) -> Iterator[Entry]:
    for event in log.of(GlucoseEntered):
        yield event, log.at(event)


def _entry_keys(log: DatedPart) -> Iterator[EventKey]:
    for event in log.of(GlucoseEntered):
        yield event.key


def _entry_key(entry: Entry) -> EventKey:
    return entry[0].key


def _is_rejection(event: PumpEvent) -> bool:
    return event.code == EventCode.AUTOMATIC_BOLUS_REJECTED
