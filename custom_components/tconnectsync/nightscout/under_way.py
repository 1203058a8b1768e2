"""Requests under way, noted so that one whose end is never known is looked for later."""

from collections.abc import Collection as AnyOf, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Self

from .identifiers import Collection
from .ledger import DayLedger


@dataclass(frozen=True, slots=True)
class UnderWay:
    """One request that changes a collection, and the days whose ledgers tell of it."""

    ledgers: Mapping[date, DayLedger]
    collection: Collection
    days: frozenset[date]
    earlier: datetime | None
    """When (UTC) the last one without an answer was begun."""

    @classmethod
    def note(
        cls,
        ledgers: Mapping[date, DayLedger],
        collection: Collection,
        days: AnyOf[date],
    ) -> Self:
        """Note on these days that a request begins.

        An earlier one without an answer, whatever day it was for, may still change what this
        one writes: a document that moves to another day keeps its identity.
        """
        known = (ledger.unanswered.get(collection) for ledger in ledgers.values())
        earlier = max(filter(None, known), default=None)
        for day in days:
            ledgers[day].unanswered[collection] = datetime.now(UTC)
        return cls(ledgers, collection, frozenset(days), earlier)

    def end(self) -> None:
        """Note that it can no longer change anything; an earlier one without an answer can."""
        for day in self.days:
            unanswered = self.ledgers[day].unanswered
            if self.earlier:
                unanswered[self.collection] = self.earlier
            else:
                unanswered.pop(self.collection, None)
