"""A write to Nightscout that may end without an answer: noted before, so that it can be checked later."""

from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection as AnyOf,
    Mapping,
)
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Self

from .errors import NightscoutError
from .identifiers import Collection
from .ledger import DayLedger

type SaveDays = Callable[[AnyOf[date]], Awaitable[None]]
"""Saves the ledgers of some days; returns when a crash can no longer undo it."""


@dataclass(frozen=True, slots=True)
class InFlightWrite:
    """One write to a collection, noted in the ledgers of the days that it concerns."""

    ledgers: Mapping[date, DayLedger]
    collection: Collection
    identifiers: Mapping[date, AnyOf[str]]
    """The identifiers that it is about, by the day of their ledger."""
    earlier: datetime | None
    """When (UTC) the latest earlier write that is still unconfirmed started."""
    save: SaveDays

    @classmethod
    async def start(
        cls,
        ledgers: Mapping[date, DayLedger],
        collection: Collection,
        identifiers: Mapping[date, AnyOf[str]],
        save: SaveDays,
    ) -> Self:
        """Note the write in the ledgers and save them, before anything is sent.

        An earlier unconfirmed write for any day may still change the same documents:
        a document that moves to another day keeps its identifier.
        """
        unconfirmed = (
            ledger.unconfirmed.get(collection) for ledger in ledgers.values()
        )
        earlier = max((write.since for write in unconfirmed if write), default=None)
        for day, of_day in identifiers.items():
            ledgers[day].start_write(collection, of_day, datetime.now(UTC))
        await save(identifiers)
        return cls(ledgers, collection, identifiers, earlier, save)

    @asynccontextmanager
    async def until_answered(self) -> AsyncIterator[None]:
        """Send the write's requests in this context; it stays unconfirmed if one may still be carried out.

        After an answer the caller saves the days; after an error they are saved here.
        """
        try:
            yield
        except NightscoutError as error:
            if not error.sent:
                self._end()
                await self.save(self.identifiers)
            raise
        self._end()

    def _end(self) -> None:
        """Note that this write can no longer change anything; an earlier unconfirmed one still can."""
        for day in self.identifiers:
            unconfirmed = self.ledgers[day].unconfirmed
            write = unconfirmed.pop(self.collection)
            if self.earlier:
                unconfirmed[self.collection] = replace(write, since=self.earlier)
