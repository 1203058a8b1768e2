"""The reading of an account: which pumps are read, and when."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

from custom_components.tconnectsync.const import LOGGER
from custom_components.tconnectsync.instants import ONE_DAY
from custom_components.tconnectsync.storage.account_store import AccountStore
from custom_components.tconnectsync.storage.event_store import KEPT_DAYS
from custom_components.tconnectsync.storage.private_files import can_be_written
from custom_components.tconnectsync.tandem import (
    Pump,
    Pumper,
    PumpLog,
    TandemBusy,
    TandemChanged,
    TandemClient,
    TandemUnreachable,
    by_upload,
    choose_pump,
    credible_newest_event,
)
from custom_components.tconnectsync.tandem.pump_epoch import PUMP_EPOCH
from custom_components.tconnectsync.tandem.pumper import read_pumper
from homeassistant.util import dt as dt_util
from homeassistant.util.file import WriteError

from .left_out_pump import LeftOutPump, has_later_upload
from .log_reader import LogReader
from .page_cache import PageCache


class AccountReader:
    """Reads an account's new events, with as few and as small requests as possible."""

    def __init__(
        self,
        client: TandemClient,
        store: AccountStore,
        pinned_serial: str | None,
        first_days: int,
    ) -> None:
        """Take the client, the store, the pinned pump if any, and how many days back the first read reaches."""
        self._client = client
        self._store = store
        self._pinned = pinned_serial
        self._logs = LogReader(client, store, first_days)
        self._left_out = LeftOutPump()
        self._lock = asyncio.Lock()
        self._page_cache = PageCache(client, store, self._lock)

    @property
    def asks_with_codes(self) -> bool:
        """Whether Tandem responds only to requests with a list of event codes."""
        return self._client.asks_with_codes

    @property
    def shapes(self) -> dict[str, Any]:
        """The shapes of Tandem's responses, without their values."""
        return self._client.shapes

    def in_use(self, pumper: Pumper) -> Pump | None:
        """Return the pump whose data the entities show, the same one even if an answer lacks its newest event."""
        pumps = tuple(map(self._with_known_newest_event, pumper.pumps))
        return choose_pump(replace(pumper, pumps=pumps), self._pinned, dt_util.utcnow())

    def _with_known_newest_event(self, pump: Pump) -> Pump:
        """Return a pump with the newest event that Tandem last named, where it names none now."""
        progress = self._store.state.reading.pumps.get(pump.serial_number)
        if pump.newest_event or not progress or not progress.newest_named:
            return pump
        return replace(pump, newest_event=progress.newest_named)

    def _with_pump_in_use(self, listed: Pumper) -> Pumper:
        """Add the pump in use to an answer that leaves it out, unless a newer pump has taken over.

        Otherwise entities would show the values of another pump until the next answer. A pump that answers
        leave out for hours is dropped.
        """
        try:
            before = read_pumper(self._store.state.pumper.answer)
        except TandemChanged:
            return listed
        in_use = self._left_out.to_keep(self.in_use(before), listed)
        if in_use is None or (not self._pinned and has_later_upload(listed, in_use)):
            return listed
        pumper = replace(listed, pumps=(*listed.pumps, in_use))
        return pumper if self.in_use(pumper) == in_use else listed

    async def poll(self) -> tuple[Pumper, date | None]:
        """Read the list of pumps, and the log of each that uploaded since.

        Return it with the earliest pump day that new events may have changed.

        Raises any of the errors of tandem.errors; events that arrived before it are stored. Events
        that could not be written to disk stay in memory; see unwritten.
        """
        self._page_cache.forget_old()
        async with self._lock:
            listed = await self._client.pumper()
            pumper = self._with_pump_in_use(listed)
            self._store.state.reading.note_models(pumper.pumps)
            in_use = self.in_use(pumper)
            read = []
            for pump in filter(self._logs.has_new_data, self.pumps_to_read(pumper)):
                try:
                    await self._logs.read_new(pump)
                except (TandemBusy, TandemChanged, TandemUnreachable) as error:
                    if pump == in_use:
                        raise
                    LOGGER.debug("A pump not in use is read again later: %s", error)
                else:
                    read.append(pump)
            if pumper is listed and can_be_written(pumper.answer):
                self._store.state.pumper.answer = pumper.answer
            if read or self._logs.changed:
                await self._forget_old(read, in_use if self._logs.changed else None)
            return pumper, self.pop_changed()

    @property
    def has_changes(self) -> bool:
        """Whether days changed that pop_changed has not returned yet."""
        return bool(self._logs.changed)

    @property
    def unwritten(self) -> str | None:
        """Why events are in memory and not on disk, None where all are on disk."""
        pumps = self._store.event_stores.values()
        return next(
            (reason for events in pumps for reason in events.unwritten.values()), None
        )

    def not_read_to_the_end(self, pumper: Pumper) -> set[str]:
        """Return the pumps not in use whose last upload is not stored to its end."""
        in_use = self.in_use(pumper)
        return {
            pump.serial_number
            for pump in self.pumps_to_read(pumper)
            if pump != in_use and not self._logs.has_stored_last_upload(pump)
        }

    def is_missing_newest_event(self, pump: Pump) -> bool:
        """Return whether Tandem names a newest event, not a placeholder, that is newer than any stored one."""
        named = credible_newest_event(pump, dt_util.utcnow())
        return named is not None and self._logs.is_missing_newest_event(pump)

    def pumps_between(self, pumper: Pumper, first: date, last: date) -> list[Pump]:
        """Return the pumps that have data for a span of pump days."""
        if self._pinned:
            in_use = self.in_use(pumper)
            return [in_use] if in_use else []
        return [
            pump
            for pump in pumper.pumps
            if pump.newest_event is not None
            and pump.newest_event.date() >= first
            and (pump.available_from is None or pump.available_from.date() <= last)
        ]

    def oldest_day(self, pumper: Pumper) -> date | None:
        """Return the first pump day for which Tandem has data, None without a pump."""
        in_use = self.in_use(pumper)
        pumps = [in_use] if self._pinned else pumper.pumps
        return min(
            ((pump.available_from or PUMP_EPOCH).date() for pump in pumps if pump),
            default=None,
        )

    def try_again(self) -> None:
        """Let the next poll send requests although Tandem asked to wait, as often as is sensible."""
        self._client.try_again()

    async def read_past(
        self, pump: Pump, first: date, last: date, *, shared: bool = False
    ) -> PumpLog:
        """Read a few days without storing them; with `shared`, simultaneous requests get the same page.

        Raises any of the errors of tandem.errors.
        """
        if shared:
            return await self._page_cache.read(pump, first, last)
        async with self._lock:
            return await self._client.pump_log(pump, first, last)

    def pop_changed(self) -> date | None:
        """Return the earliest pump day that changed since the last call, even if reading failed meanwhile."""
        changed, self._logs.changed = self._logs.changed, set()
        return min(changed, default=None)

    async def read_again(self, pump: Pump, first: date, last: date) -> None:
        """Read a few days again and store their new events; see pop_changed.

        Raises any of the errors of tandem.errors, and WriteError or OSError where the disk fails.
        """
        async with self._lock:
            await self._logs.read_days(pump, first, last)

    def note_changed(self, day: date) -> None:
        """Note that a pump day changed."""
        self._logs.changed.add(day)

    def pumps_to_read(self, pumper: Pumper) -> list[Pump]:
        """Return the pump in use and, unless one is pinned, all others in use within the stored weeks.

        A pump that is listed twice is read as of its newest upload. One that the last answer left out is not
        read: Tandem may refuse to return its log, and that error would stop the others.
        """
        in_use = self.in_use(pumper)
        if in_use is None or in_use.newest_event is None:
            return []
        is_left_out = in_use.serial_number == self._left_out.serial_number
        first = [] if is_left_out else [in_use]
        if self._pinned:
            return first
        now = dt_util.utcnow().replace(tzinfo=None)
        others = {
            pump.serial_number: pump
            for pump in by_upload(pumper.pumps)
            if pump.newest_event is not None
            and now - ONE_DAY * KEPT_DAYS <= pump.newest_event <= now + ONE_DAY
        }
        others.pop(in_use.serial_number, None)
        return [*first, *others.values()]

    async def _forget_old(self, read: Iterable[Pump], in_use: Pump | None) -> None:
        """Forget the days that are too old to store, and other pumps' days before those of the pump in use."""
        today, pumps = dt_util.utcnow().date(), self._store.event_stores
        oldest = {
            pump.serial_number: pumps[pump.serial_number].oldest_to_keep(today)
            for pump in read
        }
        if in_use:
            first = self._store.event_store(in_use.serial_number).oldest_to_keep(today)
            for serial_number in pumps:
                oldest[serial_number] = max(first, oldest.get(serial_number, first))
        with suppress(WriteError, OSError):  # the next save reports it
            await self._store.async_forget_before(oldest)
