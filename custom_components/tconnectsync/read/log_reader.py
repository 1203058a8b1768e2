"""Reading the new part of a pump's log into the store."""

from datetime import date, datetime, timedelta
from functools import partial

from custom_components.tconnectsync.instants import FAR_PAST, ONE_DAY
from custom_components.tconnectsync.storage.account_store import AccountStore
from custom_components.tconnectsync.storage.event_rows import raw_event, row_key, to_row
from custom_components.tconnectsync.storage.private_files import can_be_written
from custom_components.tconnectsync.storage.read_progress import (
    PumpReadProgress,
    UploadMark,
)
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
    """Reads the logs of an account's pumps into its store, and notes which pump days changed."""

    def __init__(
        self, client: TandemClient, store: AccountStore, first_days: int
    ) -> None:
        """Take the client, the store, and how many days back the first read reaches."""
        self._client = client
        self._store = store
        self._days_at_first = days_read_at_first(first_days)
        self._incomplete_uploads = IncompleteUploads()
        self._stored_up_to: dict[str, UploadMark] = {}
        """The upload up to which each pump's log is stored, if only in memory."""
        self.changed: set[date] = set()
        """Pump days that new events may have changed, until AccountReader.pop_changed returns them."""

    def has_new_data(self, pump: Pump) -> bool:
        """Return whether a log must be read: its pump uploaded since, or stored events were lost or not written."""
        events = self._store.event_store(pump.serial_number)
        progress = self._store.read_progress(pump.serial_number)
        mark = _upload_mark(pump)
        if events.damaged or events.unwritten:
            return True
        if (upload := _credible_upload(pump)) and upload > (
            progress.last_upload or FAR_PAST
        ):
            return True  # also where it was read while this machine's clock was slow
        paused = self._incomplete_uploads.is_paused(pump.serial_number, mark)
        return progress.last_complete_upload != mark and not paused

    def has_stored_last_upload(self, pump: Pump) -> bool:
        """Return whether the log is stored up to the last upload, if only in memory."""
        progress = self._store.read_progress(pump.serial_number)
        return _upload_mark(pump) in (
            progress.last_complete_upload,
            self._stored_up_to.get(pump.serial_number),
        )

    async def read_new(self, pump: Pump) -> None:
        """Read the days that may have new events, up to the end of the log.

        Raises any of the errors of tandem.errors, and WriteError or OSError where days are left
        out and the disk cannot note that.
        """
        events = self._store.event_store(pump.serial_number)
        progress = self._store.read_progress(pump.serial_number)
        progress.note_model(pump)
        days, lost_before = self._start_reading(pump), events.lost_days
        now, upload = dt_util.utcnow(), _credible_upload(pump)
        if upload is None:
            progress.read_at = now
        is_saved = await self._save_start(progress, days)
        await self._read_pages(pump, days)
        if upload:
            progress.note_upload(upload)
        is_complete = await self._check_end(pump, now)
        if events.unwritten or not is_saved:
            return
        events.lost_days -= lost_before
        oldest = events.oldest_to_keep(now.date())
        complete_from = (
            progress.complete_from_next or progress.complete_from or days.first
        )
        progress.finish_reading(
            max(complete_from, oldest, *events.incomplete_days(days.last)),
            _upload_mark(pump) if is_complete else progress.last_complete_upload,
        )
        if events.damaged:
            progress.forget()

    def _start_reading(self, pump: Pump) -> DaysToRead:
        """Return the days to read; note which days will be complete after that, and which are left out."""
        progress = self._store.read_progress(pump.serial_number)
        days = days_to_read(
            pump,
            self._store.event_store(pump.serial_number),
            progress,
            self._days_at_first,
        )
        if days.left_out_from:
            self._store.state.add_pending(days.left_out_from)
        if not days.goes_on:
            progress.start_reading(days.first)
        return days

    async def _save_start(self, progress: PumpReadProgress, days: DaysToRead) -> bool:
        """Save that reading has started; return whether that worked."""
        try:
            if progress.complete_from_next or self._store.state.first_pending:
                await self._store.async_save()
        except WriteError, OSError:
            if days.left_out_from:
                raise  # after a crash nothing would show that days were left out
            return False
        return True

    async def _read_pages(self, pump: Pump, days: DaysToRead) -> None:
        """Read the days, and those around the day that a clock far ahead shows."""
        await self.read_days(pump, days.first, days.last, keep_unwritten=True)
        if ahead := day_ahead(pump):
            await self.read_days(
                pump, ahead - ONE_DAY, ahead + ONE_DAY, keep_unwritten=True
            )
        self.changed.add(days.last)

    async def _check_end(self, pump: Pump, now: datetime) -> bool:
        """Return whether the last upload counts as read to its end, and note where that was."""
        mark = _upload_mark(pump)
        is_there = not self.is_missing_newest_event(pump) and not await self._has_gap(
            pump
        )
        if not self._incomplete_uploads.counts_as_read(
            pump.serial_number, mark, is_there=is_there
        ):
            return False
        names_none = credible_newest_event(pump, now) is None
        if names_none or not self.is_missing_newest_event(pump, MAX_UPLOAD_LAG):
            progress = self._store.read_progress(pump.serial_number)
            await self._note_upload(pump, progress.last_upload or now)
        self._stored_up_to[pump.serial_number] = mark
        return True

    async def read_days(
        self, pump: Pump, first: date, last: date, *, keep_unwritten: bool = False
    ) -> None:
        """Store the pump's log of some days, and note which days changed.

        A new clock change may date every event differently. Raises any of the errors of
        tandem.errors, and WriteError or OSError where the disk fails, unless `keep_unwritten`.
        """
        events = self._store.event_store(pump.serial_number)
        progress = self._store.read_progress(pump.serial_number)
        async for page in self._client.pump_logs(pump, first, last):
            add = partial(events.add, page.events, keep_unwritten=keep_unwritten)
            changed = await self._store.run(add)
            self.changed |= changed
            events.unreadable += page.skipped
            clock_changes = [
                change
                for change in map(to_row, page.clock_changes)
                if change not in progress.clock_changes and can_be_written(change)
            ]
            progress.clock_changes += clock_changes
            if clock_changes:
                self.changed.add(date.min)

    def is_missing_newest_event(
        self, pump: Pump, tolerance: timedelta = timedelta()
    ) -> bool:
        """Return whether every stored event is older than the newest that Tandem names, by more than the tolerance."""
        if pump.newest_event is None:
            return False
        named = pump.newest_event.replace(microsecond=0) - tolerance
        if self._store.event_store(pump.serial_number).reaches(named):
            return False
        rows = self._store.read_progress(pump.serial_number).clock_changes
        return all(
            change.pump_time < named
            for change in decode_events(map(raw_event, rows)).events
        )

    async def _has_gap(self, pump: Pump) -> bool:
        """Return whether a part of the log is missing since the previous upload."""
        uploads = self._store.read_progress(pump.serial_number).uploads
        if not uploads:
            return False
        events, since = self._store.event_store(pump.serial_number), uploads[-1].key
        return await self._store.run(lambda: has_hole(events.newest_first(), since))

    async def _note_upload(self, pump: Pump, at: datetime) -> None:
        """Note where the log ended at an upload."""
        events = self._store.event_store(pump.serial_number)
        progress = self._store.read_progress(pump.serial_number)
        clock_changes = sorted(map(row_key, progress.clock_changes))
        last_change = clock_changes[-1] if clock_changes else None
        upload = await self._store.run(
            lambda: upload_of(events.newest_first(), last_change, at, pump.newest_event)
        )
        if upload:
            progress.uploads = with_upload(progress.uploads, upload, clock_changes)


def _credible_upload(pump: Pump) -> datetime | None:
    """Return when a pump uploaded, None where that is in the future of this machine's clock, which may be slow."""
    upload = pump.last_upload
    return upload if upload and upload <= dt_util.utcnow() + ONE_DAY else None


def _upload_mark(pump: Pump) -> UploadMark:
    """Return the parts of the pumper answer that change when the pump uploads."""
    return (
        pump.last_upload.isoformat() if pump.last_upload else None,
        pump.newest_event.isoformat() if pump.newest_event else None,
        pump.settings.fingerprint if pump.settings else None,
    )
