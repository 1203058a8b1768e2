"""Reading late data: once a day the last weeks are read again, slowly."""

import asyncio
from datetime import date, timedelta

from custom_components.tconnectsync.instants import FAR_PAST, ONE_DAY, is_over
from custom_components.tconnectsync.storage.account_store import AccountStore
from custom_components.tconnectsync.tandem import Pump, Pumper
from homeassistant.util import dt as dt_util

from .account_reader import AccountReader
from .days_to_read import LATE_WITHIN, USUALLY_LATE, newest_day

READ_EVERY = ONE_DAY
RETRY_AFTER = timedelta(minutes=30)
"""Constant: while Tandem is unavailable the poll backs off, and late data is not read."""
PAUSE_SECONDS = 1.0


class LateDataReader:
    """Reads days again whose data may have arrived late."""

    def __init__(self, reader: AccountReader, store: AccountStore) -> None:
        """Take the reader, and the store with the reading progress."""
        self._reader = reader
        self._store = store
        self._is_reading = False
        self._not_before = FAR_PAST

    def is_due(self, pumper: Pumper) -> bool:
        """Return whether the last weeks were last read a day ago, and neither a read nor its retry pause is running."""
        is_waiting = not is_over(self._not_before, dt_util.utcnow(), RETRY_AFTER)
        if self._is_reading or is_waiting:
            return False
        return any(map(self._is_due, self._reader.pumps_to_read(pumper)))

    async def read(self, pumper: Pumper) -> date | None:
        """Read the last weeks; return the earliest pump day that has new events.

        Raises any of the errors of tandem.errors; events that arrived before it are stored, and
        another try is not due for half an hour.
        """
        self._is_reading = True
        self._not_before = dt_util.utcnow() + RETRY_AFTER
        try:
            for pump in filter(self._is_due, self._reader.pumps_to_read(pumper)):
                await self._read_pump(pump)
            return self._reader.pop_changed()
        finally:
            self._is_reading = False

    async def _read_pump(self, pump: Pump) -> None:
        newest = newest_day(pump)
        day = newest - LATE_WITHIN
        while day <= newest + ONE_DAY:
            last = min(day + USUALLY_LATE, newest + ONE_DAY)
            await self._reader.read_again(pump, day, last)
            day = last + ONE_DAY
            await asyncio.sleep(PAUSE_SECONDS)
        progress = self._store.read_progress(pump.serial_number)
        incomplete = self._store.event_store(pump.serial_number).incomplete_days(
            newest + ONE_DAY
        )
        first = max([newest - LATE_WITHIN, *incomplete])
        complete_from = progress.complete_from
        if complete_from and first < complete_from <= newest + 2 * ONE_DAY:
            progress.complete_from = first
            self._reader.note_changed(first)
        progress.late_data_read_at = dt_util.utcnow()
        await self._store.async_save()

    def _is_due(self, pump: Pump) -> bool:
        read_at = self._store.read_progress(pump.serial_number).late_data_read_at
        since = None if read_at is None else dt_util.utcnow() - read_at
        return since is None or not timedelta() <= since < READ_EVERY
