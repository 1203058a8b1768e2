"""Reading older days from Tandem, without storing them."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from custom_components.tconnectsync.instants import ONE_DAY
from custom_components.tconnectsync.storage.account_store import AccountStore
from custom_components.tconnectsync.tandem import Pump, Pumper, PumpLog
from custom_components.tconnectsync.tandem.decode import (
    decode_clock_changes,
    decode_events,
)
from custom_components.tconnectsync.tandem.event_types import PumpEvent, RawEvent
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
    """Pump days whose records are complete, of every pump in use then."""

    first: date
    last: date
    days: frozenset[date]
    """The days that have events."""
    histories: Mapping[str, History]
    """By serial number; they also contain parts of the days around."""
    ended: frozenset[str] = frozenset()
    """Serial numbers of the pumps whose log was read to its end."""
    stored: bool = False
    """Whether these are stored days, whose statistics are recorded with every upload."""


class _OlderLog:
    """The events of one pump around the days that are being completed."""

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
        self.history = History()

    @property
    def days(self) -> set[date]:
        """The pump days that have events."""
        return set(self._days)

    def add(self, raws: Iterable[RawEvent], clock_changes: Iterable[RawEvent]) -> None:
        """Add a page and derive the history."""
        for event in decode_events(raws).events:
            self._days[event.pump_time.date()].append(event)
        self.history = self._derivation.derive(
            self._days,
            decode_clock_changes(clock_changes),
            self._zone,
            self._known_until,
            self._uploads,
        )

    def ends_by(self, day: date) -> bool:
        """Return whether the log has no events after a pump day."""
        newest, today = self.pump.newest_event, dt_util.utcnow().date()
        return newest is None or min(newest.date(), today + ONE_DAY) <= day

    def unfinished_days(self) -> Iterator[date]:
        """Yield the days of records that have not ended."""
        history = self.history
        yield from (segment.day for segment in history.basal if segment.running)
        yield from (
            suspension.day for suspension in history.suspensions if suspension.running
        )
        yield from (gap.day for gap in history.basal_gaps if gap.running)
        yield from (bolus.day for bolus in history.boluses if bolus.in_progress)
        yield from (
            activity.day for activity in history.activities if activity.end is None
        )

    def forget_before(self, day: date) -> None:
        """Drop days that are no longer needed as context."""
        for old_day in [old_day for old_day in self._days if old_day < day]:
            del self._days[old_day]


type _Page = list[tuple[_OlderLog, PumpLog]]


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

    The histories also contain `context_days` before the first day that is yielded with them.
    A day waits until everything that started on it has ended, however long a suspension lasts,
    but not for more than four weeks. With `shared`, pages read a moment ago are not read again.
    Raises any of the errors of tandem.errors, after yielding all complete days before it.
    """
    first, last = span
    logs = [
        _OlderLog(
            pump,
            zone,
            store.known_until(pump.serial_number),
            store.read_progress(pump.serial_number).uploads,
        )
        for pump in reader.pumps_between(pumper, first, last)
    ]
    context = ONE_DAY * context_days
    done = first - ONE_DAY
    if done >= last:
        return
    async with aclosing(
        _pages(reader, logs, _page_with(first - context), last, shared=shared)
    ) as pages:
        async for page_end, page in pages:
            for log, events in page:
                await store.run(log.add, events.events, events.clock_changes)
            ready = min(last, _ready(logs, page_end))
            if ready > done:
                days = {day for log in logs for day in log.days if done < day <= ready}
                yield CompleteDays(
                    first=done + ONE_DAY,
                    last=ready,
                    days=frozenset(days),
                    histories={log.pump.serial_number: log.history for log in logs},
                    ended=frozenset(
                        log.pump.serial_number for log in logs if log.ends_by(page_end)
                    ),
                )
                done = ready
                for log in logs:
                    log.forget_before(done + ONE_DAY - context)
            if done >= last:
                return


async def _pages(
    reader: AccountReader,
    logs: Iterable[_OlderLog],
    page: date,
    last: date,
    *,
    shared: bool,
) -> AsyncGenerator[tuple[date, _Page]]:
    """Yield page after page with its last day; one that is certainly needed is read ahead."""

    async def read(page: date) -> _Page:
        until = page + PAGE - ONE_DAY
        return [
            (log, await reader.read_past(log.pump, page, until, shared=shared))
            for log in logs
            if not log.ends_by(page - ONE_DAY)
        ]

    ahead: asyncio.Task[_Page] | None = None
    try:
        while True:
            read_page = await (ahead or read(page))
            page_end = page + PAGE - ONE_DAY
            page += PAGE
            needed = page_end - LOOK_AHEAD < last
            ahead = asyncio.create_task(read(page)) if needed else None
            yield page_end, read_page
    finally:
        if ahead:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)


def _page_with(day: date) -> date:
    """Return the first day of the page that contains a day; overlapping spans share their pages."""
    return day - ONE_DAY * (day.toordinal() % MAX_DAYS_PER_REQUEST)


def _ready(logs: Iterable[_OlderLog], page_end: date) -> date:
    """Return the last pump day whose records are complete once the days up to a page's end are read."""
    going_on = [log for log in logs if not log.ends_by(page_end)]
    if not going_on:
        return date.max
    finished = min(
        (day - ONE_DAY for log in going_on for day in log.unfinished_days()),
        default=date.max,
    )
    return max(min(finished, page_end - LOOK_AHEAD), page_end - LONGEST_LOOK_AHEAD)
