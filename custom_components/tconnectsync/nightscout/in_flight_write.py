"""Requests under way, noted so that one whose end is never known is looked for later."""

from collections.abc import Collection as AnyOf, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Self

from .identifiers import Collection
from .ledger import DayLedger


@dataclass(frozen=True, slots=True)
class InFlightWrite:
    """One request that changes a collection, and the days whose ledgers tell of it."""

    ledgers: Mapping[date, DayLedger]
    collection: Collection
    names: Mapping[date, AnyOf[str]]
    """The identifiers that it is about."""
    earlier: datetime | None
    """When (UTC) the last one without an answer was begun."""

    @classmethod
    def note(
        cls,
        ledgers: Mapping[date, DayLedger],
        collection: Collection,
        names: Mapping[date, AnyOf[str]],
    ) -> Self:
        """Note on these days that a request about some identifiers begins.

        An earlier one without an answer, whatever day it was for, may still change what this
        one writes: a document that moves to another day keeps its identity.
        """
        known = (ledger.unconfirmed.get(collection) for ledger in ledgers.values())
        earlier = max((one.since for one in known if one), default=None)
        for day, some in names.items():
            ledgers[day].begin(collection, some, datetime.now(UTC))
        return cls(ledgers, collection, names, earlier)

    def end(self) -> None:
        """Note that it can no longer change anything; an earlier one without an answer can."""
        for day in self.names:
            unconfirmed = self.ledgers[day].unconfirmed
            known = unconfirmed.pop(self.collection)
            if self.earlier:
                unconfirmed[self.collection] = replace(known, since=self.earlier)
