"""Which pumps and which of their days are read, and keeping what comes."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from custom_components.tconnectsync.const import LOGGER
from custom_components.tconnectsync.instants import ONE_DAY
from custom_components.tconnectsync.storage.account_store import AccountStore
from custom_components.tconnectsync.storage.event_store import KEPT_DAYS, row, row_key
from custom_components.tconnectsync.storage.private_files import can_be_written
from custom_components.tconnectsync.storage.reading_state import UploadMark
from custom_components.tconnectsync.tandem import (
    Pump,
    Pumper,
    PumpLog,
    TandemBusy,
    TandemChanged,
    TandemClient,
    TandemUnreachable,
    choose_pump,
)
from custom_components.tconnectsync.tandem.pump_clock import PUMP_EPOCH
from custom_components.tconnectsync.therapy.uploads import upload_of, with_upload
from homeassistant.util import dt as dt_util
from homeassistant.util.file import WriteError

from .lateness import LATE_WITHIN, USUALLY_LATE
from .past_pages import PastPages

LONGEST_READ = ONE_DAY * (KEPT_DAYS - 1)
LAST_DAY = (PUMP_EPOCH + timedelta(seconds=2**32)).date()
"""No pump can count further."""


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
        self._first = max(USUALLY_LATE, min(ONE_DAY * (first_days + 1), LATE_WITHIN))
        self._lock = asyncio.Lock()
        self._past_pages = PastPages(client, store, self._lock)
        self._changed: set[date] = set()
        """Pump days that something new may have changed, until a read is complete."""

    @property
    def asks_with_codes(self) -> bool:
        """Whether Tandem only answers when it is asked for certain event codes."""
        return self._client.asks_with_codes

    @property
    def shapes(self) -> dict[str, Any]:
        """What Tandem's answers look like, without what they say."""
        return self._client.shapes

    def in_use(self, pumper: Pumper) -> Pump | None:
        """Return the pump whose data the entities show."""
        return choose_pump(pumper, self._pinned, dt_util.utcnow())

    async def poll(self) -> tuple[Pumper, date | None]:
        """Read the pumps, and the log of each that uploaded since.

        Return the earliest pump day that something new may have changed.

        Raises any of the errors of tandem.errors; what came before one is kept. What the disk does
        not take is held all the same; see unwritten.
        """
        self._past_pages.forget_old()
        async with self._lock:
            pumper = await self._client.pumper()
            in_use = self.in_use(pumper)
            read = []
            for pump in filter(self._has_new_data, self.pumps_to_read(pumper)):
                try:
                    await self._read_since(pump)
                except (TandemBusy, TandemChanged, TandemUnreachable) as error:
                    if pump == in_use:
                        raise
                    LOGGER.debug("A pump not in use is read again later: %s", error)
                else:
                    read.append(pump)
            if can_be_written(pumper.answer):
                self._store.state.pumper.answer = pumper.answer
            if read or self._changed:
                await self._forget_old(read, in_use if self._changed else None)
            return pumper, self.take_changed()

    @property
    def unwritten(self) -> str | None:
        """Why something that was read is held and not on disk, None where nothing is."""
        pumps = self._store.pumps.values()
        return next((why for one in pumps for why in one.unwritten.values()), None)

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

    def take_changed(self) -> date | None:
        """Return the earliest pump day that changed, what came before a failure included."""
        changed, self._changed = self._changed, set()
        return min(changed, default=None)

    async def read_again(self, pump: Pump, first: date, last: date) -> None:
        """Keep what is new of a few days that were read before; see take_changed.

        Raises any of the errors of tandem.errors, WriteError or OSError where the disk does not take it.
        """
        async with self._lock:
            await self._read_days(pump, first, last)

    def note_changed(self, day: date) -> None:
        """Have a pump day counted as changed."""
        self._changed.add(day)

    def pumps_to_read(self, pumper: Pumper) -> list[Pump]:
        """Return the pump in use, and without a pinned one all others that were in use lately."""
        in_use = self.in_use(pumper)
        if in_use is None or in_use.newest_event is None:
            return []
        if self._pinned:
            return [in_use]
        now = dt_util.utcnow().replace(tzinfo=None)
        others = [
            pump
            for pump in pumper.pumps
            if pump != in_use
            and pump.newest_event is not None
            and now - ONE_DAY * KEPT_DAYS <= pump.newest_event <= now + ONE_DAY
        ]
        return [in_use, *others]

    def _has_new_data(self, pump: Pump) -> bool:
        kept = self._store.pump(pump.serial_number)
        reading = self._store.reading(pump.serial_number)
        return kept.damaged or reading.last_complete_upload != _upload_mark(pump)

    async def _read_since(self, pump: Pump) -> None:
        """Read from two days before the newest known event to the day after the newest that Tandem names."""
        kept = self._store.pump(pump.serial_number)
        reading = self._store.reading(pump.serial_number)
        first, lost = self._begin_reading(pump), kept.lost
        last = newest_day(pump) + ONE_DAY
        now, upload = dt_util.utcnow(), pump.last_upload
        if upload is None or upload > now + ONE_DAY:
            reading.read_at = now
        saved = True
        try:
            if reading.complete_from_next or self._store.state.pending.first:
                await self._store.async_save()
        except WriteError, OSError:
            if reading.complete_from_next:
                raise  # what is not whole may not look whole after a crash
            saved = False
        await self._read_days(pump, first, last, hold_unwritten=True)
        if ahead := _day_ahead(pump):
            await self._read_days(
                pump, ahead - ONE_DAY, ahead + ONE_DAY, hold_unwritten=True
            )
        self._changed.add(last)
        if upload and upload <= now + ONE_DAY:
            reading.last_upload = max(reading.last_upload or upload, upload)
        await self._note_upload(pump, reading.last_upload or now)
        if kept.unwritten or not saved:
            return
        kept.lost -= lost
        oldest = kept.oldest_to_keep(now.date())
        read_from = reading.complete_from_next or reading.complete_from or first
        read_from = max(read_from, oldest, *kept.incomplete_days(last))
        reading.complete_from, reading.complete_from_next = read_from, None
        reading.last_complete_upload = _upload_mark(pump)
        if kept.damaged:
            reading.forget()

    async def _note_upload(self, pump: Pump, at: datetime) -> None:
        """Note where the log ended when it was uploaded."""
        kept = self._store.pump(pump.serial_number)
        reading = self._store.reading(pump.serial_number)
        moves = sorted(map(row_key, reading.clock_changes))
        moved = moves[-1] if moves else None
        upload = await self._store.run(
            lambda: upload_of(kept.newest_first(), moved, at, pump.newest_event)
        )
        if upload:
            reading.uploads = with_upload(reading.uploads, upload, moves)

    async def _forget_old(self, read: Iterable[Pump], in_use: Pump | None) -> None:
        """Forget the days that are no longer kept, and what other pumps told before those of the one in use."""
        today, pumps = dt_util.utcnow().date(), self._store.pumps
        oldest = {
            pump.serial_number: pumps[pump.serial_number].oldest_to_keep(today)
            for pump in read
        }
        if in_use:
            kept = self._store.pump(in_use.serial_number).oldest_to_keep(today)
            for serial_number in pumps:
                oldest[serial_number] = max(kept, oldest.get(serial_number, kept))
        with suppress(WriteError, OSError):  # whoever saves next says so
            await self._store.async_forget_before(oldest)

    def _begin_reading(self, pump: Pump) -> date:
        """Return where reading begins; note what will be whole from then on, and what is pending."""
        kept = self._store.pump(pump.serial_number)
        reading = self._store.reading(pump.serial_number)
        newest, known = newest_day(pump), kept.newest_day
        if known:
            known = min([known, *kept.unwritten])
        last_logged = pump.newest_event.date() if pump.newest_event else newest
        first, whole = min(newest, last_logged) - self._first, False
        if known:
            since = min(known, newest) - USUALLY_LATE
            first = max(since, newest - LONGEST_READ)
            whole = reading.complete_from is not None and known >= first
            if since < first:
                self._store.state.pending.add(since)
        if kept.damaged:
            lost = [day - ONE_DAY for day in kept.incomplete_days(newest + ONE_DAY)]
            first, whole = min([newest - LONGEST_READ, *lost]), False
        if not whole:
            reading.complete_from_next = min(reading.complete_from_next or first, first)
        return first

    async def _read_days(
        self, pump: Pump, first: date, last: date, *, hold_unwritten: bool = False
    ) -> None:
        """Keep what the pump logged on these days, and note which days that changed.

        A move of the clock may date everything anew.
        """
        kept = self._store.pump(pump.serial_number)
        reading = self._store.reading(pump.serial_number)
        async for page in self._client.pump_logs(pump, first, last):
            add = partial(kept.add, page.events, hold_unwritten=hold_unwritten)
            changed = await self._store.run(add)
            self._changed |= changed
            kept.unreadable += page.skipped
            moves = [
                move
                for move in map(row, page.clock_changes)
                if move not in reading.clock_changes and can_be_written(move)
            ]
            reading.clock_changes += moves
            if moves:
                self._changed.add(date.min)


def newest_day(pump: Pump) -> date:
    """Return the later of today and the pump's newest event, unless it has long been silent.

    A day far ahead is a placeholder.
    """
    today = dt_util.utcnow().date()
    newest = pump.newest_event.date() if pump.newest_event else today
    if newest > today + ONE_DAY:
        return today
    return newest if today - newest > LATE_WITHIN else max(today, newest)


def _day_ahead(pump: Pump) -> date | None:
    """Return the day that a clock far ahead shows, None where it is not; it may be a placeholder."""
    newest, today = pump.newest_event, dt_util.utcnow().date()
    if newest is None or not today + ONE_DAY < newest.date() < LAST_DAY:
        return None
    return newest.date()


def _upload_mark(pump: Pump) -> UploadMark:
    """Return what of the pumper answer shows that the pump has uploaded."""
    return (
        pump.last_upload.isoformat() if pump.last_upload else None,
        pump.newest_event.isoformat() if pump.newest_event else None,
        pump.settings.fingerprint if pump.settings else None,
    )
