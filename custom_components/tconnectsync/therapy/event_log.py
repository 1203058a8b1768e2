"""One pump's events in the order of its log, with their instants."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import override

from custom_components.tconnectsync.instants import FAR_FUTURE, FAR_PAST
from custom_components.tconnectsync.tandem.event_types import (
    AFTER_ALL,
    EventKey,
    PumpEvent,
)

from .clock.clock_error import MOST_AHEAD
from .clock.dated_events import DatedEvents, Limits
from .clock.dating import Dating
from .clock.offsets import Clock
from .clock.uploads import Upload
from .log_parts import (
    NUMBERS,
    PLACE_IN_LOG,
    LogPart,
    LogParts,
    PartNumber,
    Test,
    in_order,
    part_number,
)
from .result_cache import ResultCache

NUMBER = attrgetter("number")
STILL_GROWING = 2
"""So many parts at the end of a log may be others with the next upload."""


class DatedPart(DatedEvents):
    """One part of a log by itself."""

    def __init__(self, part: LogPart, dating: Dating, limits: Limits | None) -> None:
        """Date the events of a part."""
        super().__init__(dating, limits)
        self.part = part
        self.number = part.number
        self.events = part.events
        self._instants: dict[int, datetime] = {}
        """By their numbers; a part is of one sequence group."""
        self._results: dict[object, tuple[tuple[object, ...], object]] = {}

    @override
    def at(self, event: PumpEvent) -> datetime:
        """Return the UTC instant of an event of this part, worked out once."""
        at = self._instants.get(event.number)
        if at is None:
            at = self._instants[event.number] = super().at(event)
        return at

    def result[*Ts, R](self, work: Callable[[DatedPart, *Ts], R], *inputs: *Ts) -> R:
        """Return what follows from this part and from inputs, worked out anew only where these are others."""
        found = self._results.get(work)
        if found is None or found[0] != inputs:
            found = self._results[work] = inputs, work(self, *inputs)
        result: R = found[1]  # type: ignore[assignment]  # kept under this function
        return result

    def each[R](self, work: Callable[[DatedPart], Iterable[R]]) -> Iterable[R]:
        """Return every one of what follows from this part alone, worked out once."""
        if work not in self._results:
            self._results[work] = (), tuple(work(self))
        found: Iterable[R] = self._results[work][1]  # type: ignore[assignment]  # kept under this function
        return found

    def forget_instants(self) -> None:
        """Hold no longer what is easily worked out again."""
        self._instants.clear()

    def of[E: PumpEvent](self, *types: type[E]) -> list[E]:
        """Return the events of these types, in the order of the log."""
        return _of([self], types)

    def of_type[E: PumpEvent](self, kind: type[E]) -> Sequence[E]:
        """Return the events of one type, in the order of the log."""
        return self.part.of(kind)

    def where(self, test: Test, *types: type[PumpEvent]) -> list[PumpEvent]:
        """Return the events of these types that pass a test which looks at nothing but the event."""
        return [*self.part.where(test, *types)]


class EventLog(DatedEvents):
    """Events of one pump sorted by sequence, each once, none later than its upload."""

    def __init__(
        self,
        events: Iterable[PumpEvent] | LogParts,
        clock: Clock,
        upload: datetime | None = None,
        *,
        with_future_dated: Sequence[Upload] | None = None,
        cache: ResultCache | None = None,
    ) -> None:
        """Sort the events and drop repeats.

        What the clock dates further ahead of the upload than some minutes is left out until that
        time has come. Where uploads are given it is not, and nothing is dated later than the first
        of them that brought it, so that it stays where it is when others follow. What was kept of
        the parts of this log is taken from there where it still follows from the same.
        """
        most = FAR_FUTURE
        if upload and with_future_dated is None:
            most = upload + MOST_AHEAD
        limits = None
        if upload:
            ends = [(one.key, one.at) for one in with_future_dated or ()]
            limits = Limits((*ends, (AFTER_ALL, upload)), most)
        super().__init__(clock.dating, limits)
        self.cache = cache or ResultCache()
        """What follows from parts of the log."""
        self._all = in_order(events)
        self.parts: list[LogPart] = []
        self.dated_parts: list[DatedPart] = []
        """The same, which know the instants of their events and what followed from them before."""
        self.future_dated = 0
        """How many events are left out because their time has not come."""
        self._latest: dict[PartNumber, datetime] = {}
        """Instants that nothing of a part lies behind."""
        self._by_number: dict[PartNumber, DatedPart] = {}
        for every in self._all.parts:
            part, number = every, every.number
            latest = self.cache.get_or_compute(
                "latest", number, (part, self.dating), _latest
            )
            if latest > most:
                part = self.cache.get_or_compute(
                    "come", number, (part, self.dating, most), _without_future_events
                )
                self.future_dated += len(every.events) - len(part.events)
                latest = _latest(part, self.dating)
            if part.events:
                self.parts.append(part)
                self._latest[number] = latest
                inputs = part, self.dating, self.limits_of(part)
                dated = self.cache.get_or_compute("dated", number, inputs, DatedPart)
                self.dated_parts.append(dated)
                self._by_number[number] = dated
        self._settled = tuple(self.dated_parts[:-STILL_GROWING])
        """The parts that nothing changes in as a rule; what follows from them is kept as one."""
        self._growing = self.dated_parts[-STILL_GROWING:]

    @override
    def at(self, event: PumpEvent) -> datetime:
        """Return the UTC instant of an event of this log."""
        return self._by_number[event.group, event.number // NUMBERS].at(event)

    def each[R](
        self, work: Callable[[DatedPart], Iterable[R]], since: datetime | None = None
    ) -> Iterator[R]:
        """Yield what follows from the events of each part alone, worked out anew only where they are others.

        Parts that ended before an instant may be left out.
        """
        if since is None:
            inputs = self._settled, work
            yield from self.cache.get_or_compute("each", work, inputs, _each)
            yield from _each(self._growing, work)
        else:
            latest = zip(self.dated_parts, self._latest.values(), strict=True)
            yield from _each((part for part, ends in latest if ends >= since), work)

    def of_parts[R](self, work: Callable[[DatedPart], R]) -> list[R]:
        """Return what follows from each part alone, worked out anew only where its events are others."""
        return [part.result(work) for part in self.dated_parts]

    def forget_instants(self) -> None:
        """Hold no longer what is easily worked out again."""
        for part in self.dated_parts:
            part.forget_instants()

    def limits_of(self, part: LogPart, latest: datetime | None = None) -> Limits | None:
        """Return the limits where anything of a part, up to an instant, may lie behind its upload."""
        if self._limits is None:
            return None
        latest = latest or self._latest[part.number]
        first, last = part.events[0].key, part.events[-1].key
        if latest <= self._limits.upload_of(first):
            return None
        return self._limits.of(first, last)

    def newest_first(self) -> Iterator[tuple[PumpEvent, datetime]]:
        """Yield everything that was logged as the clock dates it, what has not come included."""
        for event in self._all.newest_first():
            yield event, self.dated(event, event.pump_time)

    @property
    def oldest(self) -> datetime | None:
        """UTC instant of the first event in the log."""
        return self.at(self.parts[0].events[0]) if self.parts else None

    @property
    def newest(self) -> datetime | None:
        """UTC instant of the last event in the log."""
        return self.at(self.parts[-1].events[-1]) if self.parts else None

    @property
    def newest_key(self) -> EventKey | None:
        """PartNumber of the last event in the log."""
        return self.parts[-1].events[-1].key if self.parts else None

    def of[E: PumpEvent](self, *types: type[E]) -> list[E]:
        """Return the events of these types, in the order of the log."""
        inputs = self._settled, types
        found = self.cache.get_or_compute("of", types, inputs, _of)
        return [*found, *_of(self._growing, types)]

    def where(self, test: Test, *types: type[PumpEvent]) -> list[PumpEvent]:
        """Return the events of these types that pass a test which looks at nothing but the event."""
        inputs = self._settled, test, types
        found = self.cache.get_or_compute("where", (test, types), inputs, _where)
        return [*found, *_where(self._growing, test, types)]

    def before(self, event: PumpEvent) -> PumpEvent | None:
        """Return what was logged right before an event of this log, None where that is the first."""
        place = bisect_left(self.parts, part_number(event.key), key=NUMBER)
        inside = bisect_left(self.parts[place].events, event.key, key=PLACE_IN_LOG)
        if inside:
            return self.parts[place].events[inside - 1]
        return self.parts[place - 1].events[-1] if place else None

    def since(self, event: PumpEvent) -> timedelta:
        """Return how much of the log lies after an event."""
        return self.at(self.parts[-1].events[-1]) - self.at(event)


def _each[R](
    parts: Iterable[DatedPart], work: Callable[[DatedPart], Iterable[R]]
) -> list[R]:
    return [one for part in parts for one in part.each(work)]


def _where(
    parts: Iterable[DatedPart], test: Test, types: Iterable[type[PumpEvent]]
) -> list[PumpEvent]:
    return [event for part in parts for event in part.where(test, *types)]


def _of[E: PumpEvent](parts: Iterable[DatedPart], types: Iterable[type[E]]) -> list[E]:
    found: list[E] = []
    for part in parts:
        of_part = [event for kind in types for event in part.of_type(kind)]
        of_part.sort(key=PLACE_IN_LOG)
        found += of_part
    return found


def _latest(part: LogPart, dating: Dating) -> datetime:
    """Return an instant that nothing of a part lies behind."""
    return dating.latest(part.latest_shown) if part.latest_shown else FAR_PAST


def _without_future_events(part: LogPart, dating: Dating, most: datetime) -> LogPart:
    """Return a part without what lies further ahead than an instant."""
    return LogPart(
        part.number,
        (one for one in part.events if dating.utc(one.key, one.pump_time) <= most),
    )
