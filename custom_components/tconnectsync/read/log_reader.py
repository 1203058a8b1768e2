"""Reading what one pump has logged since it was last read, and keeping it."""

from datetime import date, datetime, timedelta
from functools import partial

from custom_components.tconnectsync.instants import ONE_DAY
from custom_components.tconnectsync.storage.account_store import AccountStore
from custom_components.tconnectsync.storage.checked_files import can_be_written
from custom_components.tconnectsync.storage.event_store import KEPT_DAYS, row, row_key
from custom_components.tconnectsync.storage.read_progress import UploadMark
from custom_components.tconnectsync.tandem import Pump, TandemClient
from custom_components.tconnectsync.tandem.pump_clock import PUMP_EPOCH
from custom_components.tconnectsync.therapy.uploads import upload_of, with_upload
from homeassistant.util import dt as dt_util
from homeassistant.util.file import WriteError

from .late_data_limits import LATE_WITHIN, USUALLY_LATE

LONGEST_READ = ONE_DAY * (KEPT_DAYS - 1)
LAST_DAY = (PUMP_EPOCH + timedelta(seconds=2**32)).date()
"""No pump can count further."""


class LogReader:
    """Reads the logs of an account's pumps into its store, and notes which pump days that changed."""

    def __init__(
        self, client: TandemClient, store: AccountStore, first_days: int
    ) -> None:
        """Read with this client into this store, at first some days back."""
        self._client = client
        self._store = store
        self._first = max(USUALLY_LATE, min(ONE_DAY * (first_days + 1), LATE_WITHIN))
        self.changed: set[date] = set()
        """Pump days that something new may have changed, until whoever reads takes them."""

    def has_new_data(self, pump: Pump) -> bool:
        """Return whether a pump uploaded since it was read to its end, or something of it was lost."""
        kept = self._store.pump(pump.serial_number)
        reading = self._store.reading(pump.serial_number)
        return kept.damaged or reading.last_complete_upload != _upload_mark(pump)

    async def read_new(self, pump: Pump) -> None:
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
        await self.read_days(pump, first, last, hold_unwritten=True)
        if ahead := _day_ahead(pump):
            await self.read_days(
                pump, ahead - ONE_DAY, ahead + ONE_DAY, hold_unwritten=True
            )
        self.changed.add(last)
        if upload and upload <= now + ONE_DAY:
            reading.note_upload(upload)
        await self._note_upload(pump, reading.last_upload or now)
        if kept.unwritten or not saved:
            return
        kept.lost -= lost
        oldest = kept.oldest_to_keep(now.date())
        read_from = reading.complete_from_next or reading.complete_from or first
        read_from = max(read_from, oldest, *kept.incomplete_days(last))
        reading.end(read_from, _upload_mark(pump))
        if kept.damaged:
            reading.forget()

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
            reading.begin(first)
        return first

    async def read_days(
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
            self.changed |= changed
            kept.unreadable += page.skipped
            moves = [
                move
                for move in map(row, page.clock_changes)
                if move not in reading.clock_changes and can_be_written(move)
            ]
            reading.clock_changes += moves
            if moves:
                self.changed.add(date.min)

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
