"""Reading what one pump has logged since it was last read, and keeping it."""

from datetime import date, datetime, timedelta
from functools import partial

from custom_components.tconnectsync.instants import FAR_PAST, ONE_DAY
from custom_components.tconnectsync.storage.account_store import AccountStore
from custom_components.tconnectsync.storage.event_rows import raw_event, row_key, to_row
from custom_components.tconnectsync.storage.private_files import can_be_written
from custom_components.tconnectsync.storage.read_progress import UploadMark
from custom_components.tconnectsync.tandem import (
    Pump,
    TandemClient,
    credible_newest_event,
)
from custom_components.tconnectsync.tandem.decode import decode_events
from custom_components.tconnectsync.therapy.clock.clock_error import MAX_UPLOAD_LAG
from custom_components.tconnectsync.therapy.clock.uploads import (
    has_hole,
    upload_of,
    with_upload,
)
from homeassistant.util import dt as dt_util
from homeassistant.util.file import WriteError

from .days_to_read import DaysToRead, day_ahead, days_read_at_first, days_to_read
from .incomplete_uploads import IncompleteUploads


class LogReader:
    """Reads the logs of an account's pumps into its store, and notes which pump days that changed."""

    def __init__(
        self, client: TandemClient, store: AccountStore, first_days: int
    ) -> None:
        """Read with this client into this store, at first some days back."""
        self._client = client
        self._store = store
        self._days_at_first = days_read_at_first(first_days)
        self._incomplete_uploads = IncompleteUploads()
        self._held: dict[str, UploadMark] = {}
        """Up to which upload the log of a pump is held, be it on disk or not."""
        self.changed: set[date] = set()
        """Pump days that something new may have changed, until whoever reads takes them."""

    def has_new_data(self, pump: Pump) -> bool:
        """Return whether a pump uploaded since it was read to its end, or something of it was lost."""
        kept = self._store.event_store(pump.serial_number)
        reading, mark = (
            self._store.read_progress(pump.serial_number),
            _upload_mark(pump),
        )
        if kept.damaged or kept.unwritten:
            return True
        if (upload := _credible_upload(pump)) and upload > (
            reading.last_upload or FAR_PAST
        ):
            return True  # or it was read by a clock that was behind
        paused = self._incomplete_uploads.is_paused(pump.serial_number, mark)
        return reading.last_complete_upload != mark and not paused

    def holds_all_of(self, pump: Pump) -> bool:
        """Return whether a log is held up to the last upload, be it on disk or not."""
        reading, mark = (
            self._store.read_progress(pump.serial_number),
            _upload_mark(pump),
        )
        return mark in (
            reading.last_complete_upload,
            self._held.get(pump.serial_number),
        )

    async def read_new(self, pump: Pump) -> None:
        """Read the days on which something new may have come, up to the end of the log."""
        kept = self._store.event_store(pump.serial_number)
        reading = self._store.read_progress(pump.serial_number)
        reading.note_model(pump)
        days, lost = self._begin_reading(pump), kept.lost
        now, upload = dt_util.utcnow(), _credible_upload(pump)
        if upload is None:
            reading.read_at = now
        saved = True
        try:
            if reading.complete_from_next or self._store.state.first_pending:
                await self._store.async_save()
        except WriteError, OSError:
            if days.left_out_from:
                raise  # after a crash nothing would show that days were left out
            saved = False
        await self.read_days(pump, days.first, days.last, keep_unwritten=True)
        if ahead := day_ahead(pump):
            await self.read_days(
                pump, ahead - ONE_DAY, ahead + ONE_DAY, keep_unwritten=True
            )
        self.changed.add(days.last)
        if upload:
            reading.note_upload(upload)
        mark = _upload_mark(pump)
        is_there = not self.lacks_newest(pump) and not await self._has_hole(pump)
        is_whole = self._incomplete_uploads.settle(
            pump.serial_number, mark, is_there=is_there
        )
        if is_whole:
            names_none = credible_newest_event(pump, now) is None
            if names_none or not self.lacks_newest(pump, MAX_UPLOAD_LAG):
                await self._note_upload(pump, reading.last_upload or now)
            self._held[pump.serial_number] = mark
        if kept.unwritten or not saved:
            return
        kept.lost -= lost
        oldest = kept.oldest_to_keep(now.date())
        read_from = reading.complete_from_next or reading.complete_from or days.first
        read_from = max(read_from, oldest, *kept.incomplete_days(days.last))
        reading.end(read_from, mark if is_whole else reading.last_complete_upload)
        if kept.damaged:
            reading.forget()

    def _begin_reading(self, pump: Pump) -> DaysToRead:
        """Return the days to read; note what will be whole after that, and what is left out."""
        reading = self._store.read_progress(pump.serial_number)
        days = days_to_read(
            pump,
            self._store.event_store(pump.serial_number),
            reading,
            self._days_at_first,
        )
        if days.left_out_from:
            self._store.state.add_pending(days.left_out_from)
        if not days.goes_on:
            reading.begin(days.first)
        return days

    async def read_days(
        self, pump: Pump, first: date, last: date, *, keep_unwritten: bool = False
    ) -> None:
        """Keep what the pump logged on these days, and note which days that changed.

        A move of the clock may date everything anew.
        """
        kept = self._store.event_store(pump.serial_number)
        reading = self._store.read_progress(pump.serial_number)
        async for page in self._client.pump_logs(pump, first, last):
            add = partial(kept.add, page.events, keep_unwritten=keep_unwritten)
            changed = await self._store.run(add)
            self.changed |= changed
            kept.unreadable += page.skipped
            moves = [
                move
                for move in map(to_row, page.clock_changes)
                if move not in reading.clock_changes and can_be_written(move)
            ]
            reading.clock_changes += moves
            if moves:
                self.changed.add(date.min)

    def lacks_newest(self, pump: Pump, by: timedelta = timedelta()) -> bool:
        """Return whether nothing is held that is as new as the newest event that Tandem names, or so much older."""
        if pump.newest_event is None:
            return False
        named = pump.newest_event.replace(microsecond=0) - by
        if self._store.event_store(pump.serial_number).reaches(named):
            return False
        moves = self._store.read_progress(pump.serial_number).clock_changes
        return all(
            move.pump_time < named
            for move in decode_events(map(raw_event, moves)).events
        )

    async def _has_hole(self, pump: Pump) -> bool:
        """Return whether a part of the log is missing since the upload before."""
        uploads = self._store.read_progress(pump.serial_number).uploads
        if not uploads:
            return False
        kept, since = self._store.event_store(pump.serial_number), uploads[-1].key
        return await self._store.run(lambda: has_hole(kept.newest_first(), since))

    async def _note_upload(self, pump: Pump, at: datetime) -> None:
        """Note where the log ended when it was uploaded, which an end that never came does not tell."""
        kept = self._store.event_store(pump.serial_number)
        reading = self._store.read_progress(pump.serial_number)
        moves = sorted(map(row_key, reading.clock_changes))
        moved = moves[-1] if moves else None
        upload = await self._store.run(
            lambda: upload_of(kept.newest_first(), moved, at, pump.newest_event)
        )
        if upload:
            reading.uploads = with_upload(reading.uploads, upload, moves)


def _credible_upload(pump: Pump) -> datetime | None:
    """Return when a pump uploaded, unless that lies ahead by this machine's clock, which may be behind."""
    upload = pump.last_upload
    return upload if upload and upload <= dt_util.utcnow() + ONE_DAY else None


def _upload_mark(pump: Pump) -> UploadMark:
    """Return what of the pumper answer shows that the pump has uploaded."""
    return (
        pump.last_upload.isoformat() if pump.last_upload else None,
        pump.newest_event.isoformat() if pump.newest_event else None,
        pump.settings.fingerprint if pump.settings else None,
    )
