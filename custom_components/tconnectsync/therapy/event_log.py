"""One pump's events in the order of its log, with their instants, and results computed from them.

The log is cut into parts of 1024 sequence numbers, about a day each. Almost everything that happened
follows from one part, sometimes with a little of what is around it, so results are cached by part.
A cached result is reused while its inputs are equal, compared by value, so nothing is ever
invalidated by hand. Functions passed here must be pure, and must be module level functions, as they
are the cache's keys.

`DatedPart.result(compute, *inputs)` caches one result of a part for the last inputs.
`DatedPart.each(compute)` caches what a function of the part alone yields.
`EventLog.each()`, `of_parts()`, `of()` and `where()` combine the parts' results, in the order of the log.
`ResultCache.get_or_compute()` caches results that belong to no part, by a name and a key.
`Timeline.result()` caches a result of the records of a part.

A `DatedPart` is reused, with its results, while its events, the clock's offsets and its limits are
equal: an upload changes the last parts, a correction of the clock all of them. Results that the
last derivation did not use are dropped. `history.Derivation` owns the caches.
"""

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
"""Parts at the end of a log that the next upload usually changes."""


class DatedPart(DatedEvents):
    """One part of a log, with the instants of its events and the results computed from it."""

    def __init__(self, part: LogPart, dating: Dating, limits: Limits | None) -> None:
        """Take a part and how its events are dated."""
        super().__init__(dating, limits)
        self.part = part
        self.number = part.number
        self.events = part.events
        self._instants: dict[int, datetime] = {}
        """By sequence number; a part has one sequence group."""
        self._results: dict[object, tuple[tuple[object, ...], object]] = {}

    @override
    def at(self, event: PumpEvent) -> datetime:
        """Return the UTC instant of an event of this part; it is computed once."""
        at = self._instants.get(event.number)
        if at is None:
            at = self._instants[event.number] = super().at(event)
        return at

    def result[*Ts, R](self, compute: Callable[[DatedPart, *Ts], R], *inputs: *Ts) -> R:
        """Return the result for this part and these inputs, cached while the inputs are equal."""
        cached = self._results.get(compute)
        if cached is None or cached[0] != inputs:
            cached = self._results[compute] = inputs, compute(self, *inputs)
        result: R = cached[1]  # type: ignore[assignment]  # stored under this function
        return result

    def each[R](self, compute: Callable[[DatedPart], Iterable[R]]) -> Iterable[R]:
        """Return everything that a function yields for this part alone; it is computed once."""
        if compute not in self._results:
            self._results[compute] = (), tuple(compute(self))
        results: Iterable[R] = self._results[compute][1]  # type: ignore[assignment]  # stored under this function
        return results

    def forget_instants(self) -> None:
        """Drop the cached instants, which are quick to compute again."""
        self._instants.clear()

    def of[E: PumpEvent](self, *types: type[E]) -> list[E]:
        """Return the events of these types, in the order of the log."""
        return _of([self], types)

    def where(self, test: Test, *types: type[PumpEvent]) -> list[PumpEvent]:
        """Return the events of these types that pass a test; the test may depend on the event alone."""
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
        """Sort the events and drop duplicates.

        Events dated more than MOST_AHEAD after the upload (UTC) are left out until that time. With
        the uploads of `with_future_dated` they are included instead, dated no later than the first
        upload that contained them, so that their time is stable. Results are reused from `cache`.
        """
        limits = _limits(upload, with_future_dated)
        super().__init__(clock.dating, limits)
        self.cache = cache or ResultCache()
        """Results computed from parts of the log."""
        self._all = in_order(events)
        self.parts: list[LogPart] = []
        self.dated_parts: list[DatedPart] = []
        """The same parts, with instants and cached results."""
        self.future_dated = 0
        """How many events are left out because they are dated in the future."""
        self._latest: dict[PartNumber, datetime] = {}
        """An instant by part that none of its events is after."""
        self._by_number: dict[PartNumber, DatedPart] = {}
        for part in self._all.parts:
            self._add(part, limits.most if limits else FAR_FUTURE)
        self._settled = tuple(self.dated_parts[:-STILL_GROWING])
        """Parts that rarely change; their results are cached together."""
        self._growing = self.dated_parts[-STILL_GROWING:]

    def _add(self, part: LogPart, most: datetime) -> None:
        """Add a part, without its events that are dated later than `most`."""
        number, count = part.number, len(part.events)
        latest = self.cache.get_or_compute(
            "latest", number, (part, self.dating), _latest
        )
        if latest > most:
            inputs = part, self.dating, most
            part = self.cache.get_or_compute(
                "part_until_now", number, inputs, _without_future_events
            )
            self.future_dated += count - len(part.events)
            latest = _latest(part, self.dating)
        if not part.events:
            return
        self._latest[number] = latest
        dated = self.cache.get_or_compute(
            "dated_part", number, (part, self.dating, self.limits_of(part)), DatedPart
        )
        self.parts.append(part)
        self.dated_parts.append(dated)
        self._by_number[number] = dated

    @override
    def at(self, event: PumpEvent) -> datetime:
        """Return the UTC instant of an event of this log."""
        return self._by_number[event.group, event.number // NUMBERS].at(event)

    def each[R](
        self, compute: Callable[[DatedPart], Iterable[R]], since: datetime | None = None
    ) -> Iterator[R]:
        """Yield everything that a function yields for each part; see DatedPart.each().

        Parts that ended before `since` (UTC) may be left out.
        """
        if since is None:
            inputs = self._settled, compute
            yield from self.cache.get_or_compute("each", compute, inputs, _each)
            yield from _each(self._growing, compute)
        else:
            latest = zip(self.dated_parts, self._latest.values(), strict=True)
            yield from _each((part for part, ends in latest if ends >= since), compute)

    def of_parts[R](self, compute: Callable[[DatedPart], R]) -> list[R]:
        """Return a function's result for each part; see DatedPart.result()."""
        return [part.result(compute) for part in self.dated_parts]

    def forget_instants(self) -> None:
        """Drop the cached instants, which are quick to compute again."""
        for part in self.dated_parts:
            part.forget_instants()

    def limits_of(self, part: LogPart, latest: datetime | None = None) -> Limits | None:
        """Return the limits of a part, None where no event of it, up to `latest`, is dated after its upload."""
        if self._limits is None:
            return None
        latest = latest or self._latest[part.number]
        first, last = part.events[0].key, part.events[-1].key
        if latest <= self._limits.upload_of(first):
            return None
        return self._limits.of(first, last)

    def newest_first(self) -> Iterator[tuple[PumpEvent, datetime]]:
        """Yield all events from the end of the log with the clock's dates (UTC), future ones included."""
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
        """Key of the last event in the log."""
        return self.parts[-1].events[-1].key if self.parts else None

    def of[E: PumpEvent](self, *types: type[E]) -> list[E]:
        """Return the events of these types, in the order of the log."""
        inputs = self._settled, types
        settled = self.cache.get_or_compute("of", types, inputs, _of)
        return [*settled, *_of(self._growing, types)]

    def where(self, test: Test, *types: type[PumpEvent]) -> list[PumpEvent]:
        """Return the events of these types that pass a test; the test may depend on the event alone."""
        inputs = self._settled, test, types
        settled = self.cache.get_or_compute("where", (test, types), inputs, _where)
        return [*settled, *_where(self._growing, test, types)]

    def before(self, event: PumpEvent) -> PumpEvent | None:
        """Return the event before one of this log, None for the first."""
        index = bisect_left(self.parts, part_number(event.key), key=NUMBER)
        index_in_part = bisect_left(
            self.parts[index].events, event.key, key=PLACE_IN_LOG
        )
        if index_in_part:
            return self.parts[index].events[index_in_part - 1]
        return self.parts[index - 1].events[-1] if index else None

    def since(self, event: PumpEvent) -> timedelta:
        """Return how long the log goes on after an event."""
        return self.at(self.parts[-1].events[-1]) - self.at(event)


def _each[R](
    parts: Iterable[DatedPart], compute: Callable[[DatedPart], Iterable[R]]
) -> list[R]:
    return [result for part in parts for result in part.each(compute)]


def _limits(
    upload: datetime | None, with_future_dated: Sequence[Upload] | None
) -> Limits | None:
    """Return the limits for the events of a log with this upload (UTC); see EventLog."""
    if upload is None:
        return None
    most = upload + MOST_AHEAD if with_future_dated is None else FAR_FUTURE
    ends = [(earlier.key, earlier.at) for earlier in with_future_dated or ()]
    return Limits((*ends, (AFTER_ALL, upload)), most)


def _where(
    parts: Iterable[DatedPart], test: Test, types: Iterable[type[PumpEvent]]
) -> list[PumpEvent]:
    return [event for part in parts for event in part.where(test, *types)]


def _of[E: PumpEvent](parts: Iterable[DatedPart], types: Iterable[type[E]]) -> list[E]:
    events: list[E] = []
    for part in parts:
        of_part = [event for kind in types for event in part.part.of(kind)]
        of_part.sort(key=PLACE_IN_LOG)
        events += of_part
    return events


def _latest(part: LogPart, dating: Dating) -> datetime:
    """Return an instant that no event of a part is after."""
    return dating.latest(part.latest_shown) if part.latest_shown else FAR_PAST


def _without_future_events(part: LogPart, dating: Dating, most: datetime) -> LogPart:
    """Return a part without its events that are dated later than `most`."""
    return LogPart(
        part.number,
        (
            event
            for event in part.events
            if dating.utc(event.key, event.pump_time) <= most
        ),
    )
