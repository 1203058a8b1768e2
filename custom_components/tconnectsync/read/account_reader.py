"""Which pumps of an account are read, and when."""

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
from homeassistant.util import dt as dt_util
from homeassistant.util.file import WriteError

from .log_reader import LogReader
from .page_cache import PastPages


class AccountReader:
    """Reads what is new of one account, as seldom and as little as can be."""

    def __init__(
        self,
        client: TandemClient,
        store: AccountStore,
        pinned_serial: str | None,
        first_days: int,
    ) -> None:
        """Read with this client into this store, at first some days back."""
        self._client = client
        self._store = store
        self._pinned = pinned_serial
        self._logs = LogReader(client, store, first_days)
        self._lock = asyncio.Lock()
        self._past_pages = PastPages(client, store, self._lock)

    @property
    def asks_with_codes(self) -> bool:
        """Whether Tandem only answers when it is asked for certain event codes."""
        return self._client.asks_with_codes

    @property
    def shapes(self) -> dict[str, Any]:
        """What Tandem's answers look like, without what they say."""
        return self._client.shapes

    def in_use(self, pumper: Pumper) -> Pump | None:
        """Return the pump whose data the entities show; an answer that lacks a date makes it no other."""
        pumps = tuple(map(self._with_known_date, pumper.pumps))
        return choose_pump(replace(pumper, pumps=pumps), self._pinned, dt_util.utcnow())

    def _with_known_date(self, pump: Pump) -> Pump:
        """Return a pump with the newest event that Tandem ever named, where it names none now."""
        reading = self._store.state.reading.pumps.get(pump.serial_number)
        if pump.newest_event or not reading or not reading.newest_named:
            return pump
        return replace(pump, newest_event=reading.newest_named)

    async def poll(self) -> tuple[Pumper, date | None]:
        """Read the pumps, and the log of each that uploaded since.

        Return the earliest pump day that something new may have changed.

        Raises any of the errors of tandem.errors; what came before one is kept. What the disk does
        not take is held all the same; see unwritten.
        """
        self._past_pages.forget_old()
        async with self._lock:
            pumper = await self._client.pumper()
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
            if can_be_written(pumper.answer):
                self._store.state.pumper.answer = pumper.answer
            if read or self._logs.changed:
                await self._forget_old(read, in_use if self._logs.changed else None)
            return pumper, self.pop_changed()

    @property
    def has_changes(self) -> bool:
        """Whether something was read that nobody has taken as changed."""
        return bool(self._logs.changed)

    @property
    def unwritten(self) -> str | None:
        """Why something that was read is held and not on disk, None where nothing is."""
        pumps = self._store.event_stores.values()
        return next((why for one in pumps for why in one.unwritten.values()), None)

    def not_read_to_the_end(self, pumper: Pumper) -> set[str]:
        """Return the pumps not in use of which something was uploaded that is not held."""
        in_use = self.in_use(pumper)
        return {
            pump.serial_number
            for pump in self.pumps_to_read(pumper)
            if pump != in_use and not self._logs.holds_all_of(pump)
        }

    def lacks_newest(self, pump: Pump) -> bool:
        """Return whether Tandem names a newer event than any that is held; a placeholder names none."""
        named = credible_newest_event(pump, dt_util.utcnow())
        return named is not None and self._logs.lacks_newest(pump)

    def pumps_between(self, pumper: Pumper, first: date, last: date) -> list[Pump]:
        """Return the pumps that have data of a span of pump days."""
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
        """Return the first pump day that Tandem has anything of, None without a pump."""
        in_use = self.in_use(pumper)
        pumps = [in_use] if self._pinned else pumper.pumps
        return min(
            ((pump.available_from or PUMP_EPOCH).date() for pump in pumps if pump),
            default=None,
        )

    def try_again(self) -> None:
        """Have the next poll ask although Tandem asked to wait, as often as is sensible."""
        self._client.try_again()

    async def read_past(
        self, pump: Pump, first: date, last: date, *, shared: bool = False
    ) -> PumpLog:
        """Read a few days without keeping them; shared, others who ask get the same page.

        Raises any of the errors of tandem.errors.
        """
        if shared:
            return await self._past_pages.read(pump, first, last)
        async with self._lock:
            return await self._client.pump_log(pump, first, last)

    def pop_changed(self) -> date | None:
        """Return the earliest pump day that changed, what came before a failure included."""
        changed, self._logs.changed = self._logs.changed, set()
        return min(changed, default=None)

    async def read_again(self, pump: Pump, first: date, last: date) -> None:
        """Keep what is new of a few days that were read before; see take_changed.

        Raises any of the errors of tandem.errors, WriteError or OSError where the disk does not take it.
        """
        async with self._lock:
            await self._logs.read_days(pump, first, last)

    def note_changed(self, day: date) -> None:
        """Have a pump day counted as changed."""
        self._logs.changed.add(day)

    def pumps_to_read(self, pumper: Pumper) -> list[Pump]:
        """Return the pump in use, and without a pinned one all others that were in use lately.

        One that is listed twice is read as of its newest upload.
        """
        in_use = self.in_use(pumper)
        if in_use is None or in_use.newest_event is None:
            return []
        if self._pinned:
            return [in_use]
        now = dt_util.utcnow().replace(tzinfo=None)
        others = {
            pump.serial_number: pump
            for pump in by_upload(pumper.pumps)
            if pump.newest_event is not None
            and now - ONE_DAY * KEPT_DAYS <= pump.newest_event <= now + ONE_DAY
        }
        others.pop(in_use.serial_number, None)
        return [in_use, *others.values()]

    async def _forget_old(self, read: Iterable[Pump], in_use: Pump | None) -> None:
        """Forget the days that are no longer kept, and what other pumps told before those of the one in use."""
        today, pumps = dt_util.utcnow().date(), self._store.event_stores
        oldest = {
            pump.serial_number: pumps[pump.serial_number].oldest_to_keep(today)
            for pump in read
        }
        if in_use:
            kept = self._store.event_store(in_use.serial_number).oldest_to_keep(today)
            for serial_number in pumps:
                oldest[serial_number] = max(kept, oldest.get(serial_number, kept))
        with suppress(WriteError, OSError):  # whoever saves next says so
            await self._store.async_forget_before(oldest)
