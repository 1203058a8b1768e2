"""Reading days of long ago, without keeping them."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from custom_components.tconnectsync.instants import ONE_DAY
from custom_components.tconnectsync.storage.account_store import AccountStore
from custom_components.tconnectsync.tandem import Pump, Pumper, PumpLog
from custom_components.tconnectsync.tandem.decode import decode_events
from custom_components.tconnectsync.tandem.event_types import (
    DateChanged,
    PumpEvent,
    RawEvent,
    TimeChanged,
)
from custom_components.tconnectsync.tandem.pump_log_requests import MAX_DAYS_PER_REQUEST
from custom_components.tconnectsync.therapy.clock.uploads import Upload
from custom_components.tconnectsync.therapy.history import Derivation, History
from homeassistant.util import dt as dt_util

from .account_reader import AccountReader

LOOK_AHEAD = 2 * ONE_DAY
LONGEST_LOOK_AHEAD = 28 * ONE_DAY
PAGE = ONE_DAY * MAX_DAYS_PER_REQUEST


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteDays:
    """Some pump days whose records are whole, of every pump in use then."""

    first: date
    last: date
    days: frozenset[date]
    """Those of which anything is known."""
    histories: Mapping[str, History]
    """By serial number; they hold a little of the days around as well."""
    ended: frozenset[str] = frozenset()
    """Serial numbers of the pumps whose log was read to its end."""
    kept: bool = False
    """Whether these are days that are kept, and so recorded as they come."""


class _PumpPast:
    """The events of one pump around the days that are looked at."""

    def __init__(
        self,
        pump: Pump,
        zone: ZoneInfo,
        known_until: datetime | None,
        uploads: list[Upload],
    ) -> None:
        self.pump = pump
        self._zone = zone
        self._known_until = known_until
        self._uploads = uploads
        self._days: defaultdict[date, list[PumpEvent]] = defaultdict(list)
        self._derivation = Derivation()
        self._clock_changes: list[TimeChanged | DateChanged] = []
        self.history = History()

    @property
    def days(self) -> set[date]:
        """The pump days of which there are events."""
        return set(self._days)

    def take(self, raws: Iterable[RawEvent], clock_changes: Iterable[RawEvent]) -> None:
        """Add a page and derive what happened."""
        for event in decode_events(raws).events:
            self._days[event.pump_time.date()].append(event)
        self._clock_changes = [
            event
            for event in decode_events(clock_changes).events
            if isinstance(event, TimeChanged | DateChanged)
        ]
        self.history = self._derivation.derive(
            self._days,
            self._clock_changes,
            self._zone,
            self._known_until,
            self._uploads,
        )

    def ends_by(self, day: date) -> bool:
        """Return whether nothing comes after a pump day."""
        newest, today = self.pump.newest_event, dt_util.utcnow().date()
        return newest is None or min(newest.date(), today + ONE_DAY) <= day

    def unfinished(self) -> Iterator[date]:
        """Yield the days on which something began that has not ended."""
        history = self.history
        yield from (segment.day for segment in history.basal if segment.running)
        yield from (one.day for one in history.suspensions if one.running)
        yield from (gap.day for gap in history.basal_gaps if gap.running)
        yield from (bolus.day for bolus in history.boluses if bolus.in_progress)
        yield from (mode.day for mode in history.activities if mode.end is None)

    def forget_before(self, day: date) -> None:
        """Drop the days that are no longer needed as context."""
        for known in [known for known in self._days if known < day]:
            del self._days[known]


async def older_days(
    reader: AccountReader,
    store: AccountStore,
    pumper: Pumper,
    zone: ZoneInfo,
    span: tuple[date, date],
    *,
    context_days: int = 1,
    shared: bool = False,
) -> AsyncGenerator[CompleteDays]:
    """Yield the pump days of a span, oldest first, each with its neighbours read.

    So many days before are known as well, those that a yielded span begins with included.
    A day waits until what began on it has ended, however long a suspension lasts, but not for
    more than four weeks. Shared, pages that were read a moment ago are not asked for again.
    Raises any of the errors of tandem.errors, once all that came before is yielded.
    """
    first, last = span
    pasts = [
        _PumpPast(
            pump,
            zone,
            store.known_until(pump.serial_number),
            store.read_progress(pump.serial_number).uploads,
        )
        for pump in reader.pumps_between(pumper, first, last)
    ]
    context = ONE_DAY * context_days

    async def read(page: date) -> list[tuple[_PumpPast, PumpLog]]:
        """Return a page of every pump whose log goes on until then."""
        until = page + PAGE - ONE_DAY
        return [
            (past, await reader.read_past(past.pump, page, until, shared=shared))
            for past in pasts
            if not past.ends_by(page - ONE_DAY)
        ]

    done, page = first - ONE_DAY, _page_with(first - context)
    ahead: asyncio.Task[list[tuple[_PumpPast, PumpLog]]] | None = None
    try:
        while done < last:
            answers = await (ahead or read(page))
            page_end = page + PAGE - ONE_DAY
            page += PAGE
            # What will be needed in any case is read while this is passed on.
            needed = page_end - LOOK_AHEAD < last
            ahead = asyncio.create_task(read(page)) if needed else None
            for past, answer in answers:
                await store.run(past.take, answer.events, answer.clock_changes)
            ready = min(last, _ready(pasts, page_end))
            if ready > done:
                days = {
                    day for past in pasts for day in past.days if done < day <= ready
                }
                yield CompleteDays(
                    first=done + ONE_DAY,
                    last=ready,
                    days=frozenset(days),
                    histories={past.pump.serial_number: past.history for past in pasts},
                    ended=frozenset(
                        past.pump.serial_number
                        for past in pasts
                        if past.ends_by(page_end)
                    ),
                )
                done = ready
                for past in pasts:
                    past.forget_before(done + ONE_DAY - context)
    finally:
        if ahead:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)


def _page_with(day: date) -> date:
    """Return the first day of the page that holds a day: spans that overlap have pages in common."""
    return day - ONE_DAY * (day.toordinal() % MAX_DAYS_PER_REQUEST)


def _ready(pasts: Iterable[_PumpPast], page_end: date) -> date:
    """Return the last pump day whose records are whole when everything up to a page's end was read."""
    going_on = [past for past in pasts if not past.ends_by(page_end)]
    if not going_on:
        return date.max
    whole = min(
        (day - ONE_DAY for past in going_on for day in past.unfinished()),
        default=date.max,
    )
    return max(min(whole, page_end - LOOK_AHEAD), page_end - LONGEST_LOOK_AHEAD)
