"""Boluses, as far as they are known."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice

from custom_components.tconnectsync.tandem.event_types import (
    BEFORE_ALL,
    EventKey,
    GlucoseEntered,
    PumpEvent,
)

from .bolus_delivered import TIME_PER_UNIT
from .bolus_joining import joined
from .bolus_messages import BolusMessages
from .bolus_record import KnownOfBolus, bolus_of
from .delivery_stops import DeliveryStop, delivery_stops
from .event_log import DatedPart, EventLog
from .records import Bolus
from .records_by_place import KEY
from .result_cache import ResultCache
from .timeline import Records, Timeline

ENTERED_AGAIN_WITHIN = timedelta(minutes=15)
AUTOMATIC_REJECTED = 288
MESSAGES_COMPLETE_AFTER = timedelta(days=1)
"""What is logged so long after a bolus should have ended tells nothing of it."""
MOST_ASKED = 1000
"""U; no pump gives more."""

type Name = tuple[int, int, date]
"""Sequence group, id and pump day, which boluses share where ids begin anew."""
type Entry = tuple[GlucoseEntered, datetime]
"""A value that was entered, and when (UTC)."""


def boluses(log: EventLog) -> Records[Bolus]:
    """Return every bolus that was asked for, in the order they began; carbs entered again count once.

    Those that began in one part of the log are worked out anew only where something that they may
    depend on changed.
    """
    surroundings, cache = _Surroundings(log), log.cache
    met: dict[Name, int] = {}
    found: list[tuple[_Begun, _Boluses]] = []
    for place, messages in joined(log):
        begun = cache.get_or_compute("begun", place, (messages,), _begun)
        before = {name: met[name] for name in begun.counts.keys() & met.keys()}
        inputs = begun, before, surroundings.of(begun), cache
        of_part = cache.get_or_compute("boluses", place, inputs, _boluses)
        found.append((begun, of_part))
        met |= begun.counts
        for name, times in before.items():
            met[name] += times
    timelines: list[Timeline[Bolus]] = []
    for index, (begun, of_part) in enumerate(found):
        timeline = of_part.boluses
        if again := tuple(_entered_again(found[index:])):
            timeline = cache.get_or_compute(
                "carbs once", begun.first, (timeline, again), _without_carbs
            )
        timelines.append(timeline)
    return Records(timelines)


def _entered_again(found: Sequence[tuple[_Begun, _Boluses]]) -> Iterator[int]:
    """Yield which boluses of a part of the log gave nothing of a meal that was entered anew."""
    begun, of_part = found[0]
    for place in of_part.empty:
        later = (
            one
            for begun_there, there in found
            for one in zip(begun_there.asked_at, there.boluses.records, strict=True)
        )
        if _is_entered_again(begun.asked_at[place], islice(later, place + 1, None)):
            yield place


def _without_carbs(boluses: Timeline[Bolus], places: Container[int]) -> Timeline[Bolus]:
    return Timeline(
        replace(bolus, carbs=0) if place in places else bolus
        for place, bolus in enumerate(boluses.records)
    )


def _is_entered_again(
    asked_at: datetime, later: Iterable[tuple[datetime, Bolus]]
) -> bool:
    """Return whether the meal of a bolus that gave nothing was entered anew."""
    for other_asked_at, other in later:
        if other_asked_at - asked_at > ENTERED_AGAIN_WITHIN:
            return False
        if other.carbs:
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Begun:
    """What was logged of the boluses that began in one part of the log."""

    boluses: tuple[BolusMessages, ...]
    """In the order of their first messages."""
    asked_at: tuple[datetime, ...]
    """When the first message of each was logged (UTC)."""
    names: tuple[Name, ...]
    counts: Mapping[Name, int]
    """How often each name comes."""
    first: EventKey
    last: EventKey
    """Of all their messages."""
    settled: datetime
    """When nothing that is logged tells of them any more (UTC)."""


def _begun(messages: Iterable[BolusMessages]) -> _Begun:
    boluses = tuple(sorted(messages, key=lambda one: one.all[0].key))
    begins = [one.start_message for one in boluses]
    names = tuple((one.group, one.bolus_id, one.pump_time.date()) for one in begins)
    return _Begun(
        boluses,
        tuple(one.first_at for one in boluses),
        names,
        dict(Counter(names)),
        boluses[0].all[0].key,
        max(one.all[-1].key for one in boluses),
        max(map(_settled, boluses)),
    )


def _settled(messages: BolusMessages) -> datetime:
    asked = min(messages.now_requested or 0.0, MOST_ASKED)
    lasts = timedelta(minutes=messages.planned_minutes) + TIME_PER_UNIT * asked
    return max(messages.instants) + lasts + MESSAGES_COMPLETE_AFTER


@dataclass(frozen=True, slots=True)
class _Around:
    """What else in a log the boluses that began in one part of it may depend on."""

    newest: datetime
    """How far the log goes on (UTC)."""
    stops: Sequence[DeliveryStop]
    """Those from the first message to the first one behind the last."""
    entries: Sequence[Entry]
    """Those up to the last message, and the last one before the first."""
    last_rejection: EventKey
    """Of automatic boluses; those behind the last message are alike."""


class _Surroundings:
    """Knows what else is in a log."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._stops = delivery_stops(log)
        self._entries = list(log.each(_entries))
        self._entry_keys = list(log.each(_entry_keys))
        rejections = log.where(_is_rejection, PumpEvent)
        self._last_rejection = rejections[-1].key if rejections else BEFORE_ALL

    def of(self, begun: _Begun) -> _Around:
        """Return what some boluses may depend on, equal as long as nothing of that changes."""
        newest, (group, number) = self._log.newest, begun.last
        assert newest is not None
        before = bisect_left(self._entry_keys, begun.first)
        until = bisect_left(self._entry_keys, begun.last, before)
        return _Around(
            min(newest, begun.settled),
            _between(self._stops, begun.first, begun.last),
            tuple(self._entries[max(before - 1, 0) : until]),
            min(self._last_rejection, (group, number + 1)),
        )


def _between(
    stops: Sequence[DeliveryStop], first: EventKey, last: EventKey
) -> tuple[DeliveryStop, ...]:
    """Return the stops from one place in the log to another, and the first one behind."""
    begin, behind = (
        bisect_left(stops, first, key=KEY),
        bisect_right(stops, last, key=KEY),
    )
    return tuple(stops[begin : behind + 1])


def _entries(log: DatedPart) -> Iterator[Entry]:
    for event in log.of(GlucoseEntered):
        yield event, log.at(event)


def _entry_keys(log: DatedPart) -> Iterator[EventKey]:
    for event in log.of(GlucoseEntered):
        yield event.key


def _entry_key(entry: Entry) -> EventKey:
    return entry[0].key


def _is_rejection(event: PumpEvent) -> bool:
    return event.code == AUTOMATIC_REJECTED


@dataclass(frozen=True, slots=True)
class _Boluses:
    """The boluses that began in one part of the log, in the order of their first messages."""

    boluses: Timeline[Bolus]
    empty: tuple[int, ...]
    """Which of them gave nothing of what was asked for a meal."""


def _boluses(
    begun: _Begun, met: Mapping[Name, int], around: _Around, cache: ResultCache
) -> _Boluses:
    """Return the boluses that began in a part of the log; each is kept by itself while others change."""
    count, found = Counter(met), []
    for messages, name in zip(begun.boluses, begun.names, strict=True):
        count[name] += 1
        first, last = messages.all[0].key, messages.all[-1].key
        before = bisect_left(around.entries, first, key=_entry_key)
        known = KnownOfBolus(
            tuple(messages.all),
            tuple(messages.instants),
            min(around.newest, _settled(messages)),
            _between(around.stops, first, last),
            around.entries[before - 1] if before else None,
            around.last_rejection > last,
        )
        found.append(
            cache.get_or_compute("bolus", first, (known, count[name]), bolus_of)
        )
    return _Boluses(
        Timeline(found),
        tuple(place for place, bolus in enumerate(found) if _gave_nothing(bolus)),
    )


def _gave_nothing(bolus: Bolus) -> bool:
    return bool(
        bolus.requested
        and bolus.carbs != 0
        and not bolus.in_progress
        and not bolus.delivered
    )
