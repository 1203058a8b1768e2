"""Cache of pages of older days, so that requests at the same time or soon after share one read."""

import asyncio
from datetime import date, datetime
import json
import time
import zlib

from custom_components.tconnectsync.storage.account_store import AccountStore
from custom_components.tconnectsync.tandem import (
    Pump,
    PumpLog,
    TandemClient,
    TandemError,
)

KEPT_SECONDS = 600
MOST_PAGES = 64
"""More than the longest possible request needs; each takes about 50 kB compressed."""

type _Key = tuple[str, date, datetime | None, datetime | None]


class PageCache:
    """The pages read last, each until its pump uploads again, for ten minutes at most."""

    def __init__(
        self, client: TandemClient, store: AccountStore, lock: asyncio.Lock
    ) -> None:
        """Take the client, the store, and the lock under which the account's requests are made."""
        self._client = client
        self._store = store
        self._lock = lock
        self._pages: dict[_Key, tuple[float, bytes]] = {}
        self._failure: TandemError | None = None

    async def read(self, pump: Pump, first: date, last: date) -> PumpLog:
        """Return a page, whose first day must be one that pages start with.

        Raises any of the errors of tandem.errors, also one that another read met while this one waited.
        """
        failure_before, packed = self._failure, self._cached(pump, first)
        if packed is not None:
            return await self._store.run(_unpack, packed)
        async with self._lock:
            packed = self._cached(pump, first)
            if packed is not None:
                return await self._store.run(_unpack, packed)
            if self._failure is not None and self._failure is not failure_before:
                raise self._failure.again(self._failure.retry_after)
            try:
                page = await self._client.pump_log(pump, first, last)
            except TandemError as error:
                self._failure = error.again(error.retry_after)
                raise
            self._cache(pump, first, await self._store.run(_pack, page))
            return page

    def forget_old(self) -> None:
        """Drop pages that were read too long ago."""
        now = time.monotonic()
        self._pages = {
            key: (until, packed)
            for key, (until, packed) in self._pages.items()
            if until > now
        }

    def _cached(self, pump: Pump, first: date) -> bytes | None:
        self.forget_old()
        _, packed = self._pages.get(_key(pump, first), (0.0, None))
        return packed

    def _cache(self, pump: Pump, first: date, packed: bytes) -> None:
        if len(self._pages) >= MOST_PAGES:
            del self._pages[next(iter(self._pages))]
        self._pages[_key(pump, first)] = (time.monotonic() + KEPT_SECONDS, packed)


def _key(pump: Pump, first: date) -> _Key:
    return pump.assignment_id, first, pump.last_upload, pump.newest_event


def _pack(page: PumpLog) -> bytes:
    """Return a page compressed to a tenth of its memory."""
    content = [page.events, page.clock_changes, page.skipped]
    return zlib.compress(json.dumps(content).encode(), 1)


def _unpack(packed: bytes) -> PumpLog:
    events, clock_changes, skipped = json.loads(zlib.decompress(packed))
    return PumpLog(events=events, clock_changes=clock_changes, skipped=skipped)
