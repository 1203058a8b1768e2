"""Pages of long ago, read once for all who ask for them at the same time or soon after."""

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
"""More than the longest span that can be asked for has; each is some 50 kB when packed."""

type _Key = tuple[str, date, datetime | None, datetime | None]


class PastPages:
    """The pages read last, each until its pump uploads again, and for ten minutes at most."""

    def __init__(
        self, client: TandemClient, store: AccountStore, turn: asyncio.Lock
    ) -> None:
        """Read with this client when it is this account's turn."""
        self._client = client
        self._store = store
        self._turn = turn
        self._pages: dict[_Key, tuple[float, bytes]] = {}
        self._failure: TandemError | None = None

    async def read(self, pump: Pump, first: date, last: date) -> PumpLog:
        """Return a page, which begins with a day that pages begin with.

        Raises any of the errors of tandem.errors, one that came while this waited for its turn as well.
        """
        seen, packed = self._failure, self._kept(pump, first)
        if packed is not None:
            return await self._store.run(_unpack, packed)
        async with self._turn:
            packed = self._kept(pump, first)
            if packed is not None:
                return await self._store.run(_unpack, packed)
            if self._failure is not None and self._failure is not seen:
                raise self._failure.again(self._failure.retry_after)
            try:
                page = await self._client.pump_log(pump, first, last)
            except TandemError as error:
                self._failure = error.again(error.retry_after)
                raise
            self._keep(pump, first, await self._store.run(_pack, page))
            return page

    def forget_old(self) -> None:
        """Drop what was read too long ago."""
        now = time.monotonic()
        self._pages = {
            key: (until, packed)
            for key, (until, packed) in self._pages.items()
            if until > now
        }

    def _kept(self, pump: Pump, first: date) -> bytes | None:
        self.forget_old()
        _, packed = self._pages.get(_key(pump, first), (0.0, None))
        return packed

    def _keep(self, pump: Pump, first: date, packed: bytes) -> None:
        if len(self._pages) >= MOST_PAGES:
            del self._pages[next(iter(self._pages))]
        self._pages[_key(pump, first)] = (time.monotonic() + KEPT_SECONDS, packed)


def _key(pump: Pump, first: date) -> _Key:
    return pump.assignment_id, first, pump.last_upload, pump.newest_event


def _pack(page: PumpLog) -> bytes:
    """Return what a page holds in a tenth of the memory."""
    content = [page.events, page.clock_changes, page.skipped]
    return zlib.compress(json.dumps(content).encode(), 1)


def _unpack(packed: bytes) -> PumpLog:
    events, clock_changes, skipped = json.loads(zlib.decompress(packed))
    return PumpLog(events=events, clock_changes=clock_changes, skipped=skipped)
