"""Making Nightscout hold what is wanted: one writer, create before remove."""

import asyncio
from collections.abc import (
    Callable,
    Collection as AnyOf,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

from custom_components.tconnectsync.instants import FAR_PAST

from .client import NightscoutClient
from .errors import NightscoutError, NightscoutForbidden
from .features import Feature
from .identifiers import Collection
from .ledger import DayLedger, LedgerFiles, LedgerRow
from .ledger_rebuild import collections_of, rebuild_ledger
from .moved_treatments import places_of
from .plan import Plan, Step, Wanted, compare
from .remover import Removal, Remover
from .sender import MOST_DOCUMENTS, Rejection, Sender

ASK_TO_REMOVE_AGAIN = timedelta(hours=1)
"""How long a missing right to delete is taken for granted: a role may be changed at any time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncResult:
    """What one sync did, and what is still pending."""

    created: int = 0
    replaced: int = 0
    removed: int = 0
    pending: int = 0
    """Documents still to be sent or removed, the rejected ones included."""
    rejected: tuple[Rejection, ...] = ()
    error: NightscoutError | None = None
    """What kept it from doing everything."""
    unconfirmed_days: frozenset[date] = frozenset()
    """Days that have to be read back later: a write without an answer may still be carried out."""


class NightscoutSync:
    """Keeps one site in step; the only writer of it and of its ledger."""

    def __init__(self, client: NightscoutClient, files: LedgerFiles) -> None:
        """Write to one site and keep its ledger in these files."""
        self._client = client
        self._files = files
        self._one_at_a_time = asyncio.Lock()
        self._largest = MOST_DOCUMENTS
        self._rejected_before: set[str] = set()
        self._cannot_remove: str | None = None
        self._remove_again_at = FAR_PAST

    async def plan(
        self,
        wanted: Wanted,
        features: AnyOf[Feature],
        starts: Mapping[Feature, date],
        *,
        pumps: AnyOf[str] | None = None,
        resend: bool = False,
    ) -> Plan:
        """Return what a sync would do; nothing is written anywhere.

        What no ledger tells about, or an unanswered write may have changed since, is read back
        from Nightscout; with `resend` all is. Until then what a person deleted there stays deleted,
        and is not in the plan.
        Raises any of the errors of errors.py.
        """
        async with self._one_at_a_time:
            ledgers = await self._load(wanted)
            await self._rebuild_ledger(ledgers, wanted, features, resend)
            plan = await asyncio.to_thread(
                compare, wanted, ledgers, features, starts, pumps
            )
            remover = Remover(self._client, self._files, ledgers)
            return replace(plan, remove=await remover.possible(plan.remove))

    async def sync(
        self,
        wanted: Wanted,
        features: AnyOf[Feature],
        starts: Mapping[Feature, date],
        *,
        pumps: AnyOf[str] | None = None,
        resend: bool = False,
    ) -> SyncResult:
        """Compare exactly these days and do what the comparison asks for.

        What was written about other pumps than these (by serial number) stays as it is.

        An error of Nightscout is in the result; what was done until then counts.
        """
        async with self._one_at_a_time:
            ledgers = await self._load(wanted)
            compared = partial(compare, wanted, ledgers, features, starts, pumps)
            try:
                unsaved = await self._rebuild_ledger(ledgers, wanted, features, resend)
            except NightscoutError as error:
                pending = await asyncio.to_thread(compared)
                return SyncResult(pending=pending.size, error=error)
            result = await self._carry_out(compared, ledgers, unsaved)
            concerned = collections_of(features)
            unconfirmed_days = (
                day
                for day, ledger in ledgers.items()
                if not ledger.unconfirmed.keys().isdisjoint(concerned)
            )
            return replace(result, unconfirmed_days=frozenset(unconfirmed_days))

    async def in_step(
        self,
        wanted: Wanted,
        features: AnyOf[Feature],
        starts: Mapping[Feature, date],
        *,
        pumps: AnyOf[str] | None = None,
    ) -> set[date]:
        """Return the days for which the ledger alone tells that a sync has nothing to do."""
        async with self._one_at_a_time:
            ledgers = await self._load(wanted)
            every = set(collections_of(features))
            known = {
                day: ledger
                for day, ledger in ledgers.items()
                if every <= ledger.collections and every.isdisjoint(ledger.unconfirmed)
            }
            plan = await asyncio.to_thread(
                compare, wanted, known, features, starts, pumps
            )
            return known.keys() - plan.days

    async def _load(self, days: Iterable[date]) -> dict[date, DayLedger]:
        return {day: await self._files.load(day) or DayLedger() for day in sorted(days)}

    async def _rebuild_ledger(
        self,
        ledgers: Mapping[date, DayLedger],
        days: Wanted,
        features: AnyOf[Feature],
        resend: bool,
    ) -> list[date]:
        """Make what is not known for certain anew, as the site holds it; return the days concerned."""
        unsaved: set[date] = set()
        for collection in collections_of(features):
            unknown = {
                day: ledger
                for day, ledger in ledgers.items()
                if resend
                or collection not in ledger.collections
                or collection in ledger.unconfirmed
            }
            if unknown:
                read_at = datetime.now(UTC)
                unconfirmed_identifiers = {
                    day: None if resend else ledger.unconfirmed_identifiers(collection)
                    for day, ledger in unknown.items()
                }
                await rebuild_ledger(
                    self._client, collection, days, unknown, unconfirmed_identifiers
                )
                for ledger in unknown.values():
                    ledger.confirm(collection, read_at)
                unsaved.update(unknown)
        return sorted(unsaved)

    async def _carry_out(
        self,
        compared: Callable[[], Plan],
        ledgers: Mapping[date, DayLedger],
        unsaved: Iterable[date],
    ) -> SyncResult:
        plan = await asyncio.to_thread(compared)
        sender = Sender(self._client, self._files, ledgers, self._largest, unsaved)
        if not plan.size:
            await sender.finish()
            return SyncResult()
        remover = Remover(self._client, self._files, ledgers)
        hindrance: NightscoutError | None = None
        try:
            try:
                errors = await self._send(plan, sender, ledgers)
            finally:
                await sender.finish()
            hindrance = _worst(errors.values())
            sent = await asyncio.to_thread(compared)
            await self._remove(
                [
                    removal
                    for removal in sent.remove
                    if removal.is_due and removal.row.collection not in errors
                ],
                remover,
            )
        except NightscoutError as error:
            hindrance = hindrance or error
        slower = sender.largest < self._largest
        self._largest = (
            sender.largest if slower else min(2 * sender.largest, MOST_DOCUMENTS)
        )
        left = await asyncio.to_thread(compared)
        failed = {rejection.identifier for rejection in sender.rejected}
        self._rejected_before = (self._rejected_before | failed) - sender.accepted
        return SyncResult(
            created=_accepted(plan.create, sender),
            replaced=_accepted(plan.replace, sender),
            removed=remover.removed,
            pending=left.size,
            rejected=() if hindrance else tuple(sender.rejected),
            error=hindrance,
        )

    async def _send(
        self, plan: Plan, sender: Sender, ledgers: Mapping[date, DayLedger]
    ) -> dict[Collection, NightscoutError]:
        """Send collection by collection; return why some were not sent, or not all of them.

        Where a right is missing the next ones are tried.
        """
        errors: dict[Collection, NightscoutError] = {}
        every = list(Collection)
        for number, collection in enumerate(every):
            steps = [
                step for step in plan.steps if step.document.collection is collection
            ]
            try:
                if collection is Collection.TREATMENTS:
                    rows = _rows_of(plan.replace, ledgers)
                    sender.edited = await places_of(self._client, rows)
                await sender.send(
                    sorted(
                        steps,
                        key=lambda step: (
                            step.document.identifier in self._rejected_before
                        ),
                    )
                )
            except NightscoutForbidden as error:
                errors[collection] = error
            except NightscoutError as error:
                return errors | dict.fromkeys(every[number:], error)
        return errors

    async def _remove(self, removals: Sequence[Removal], remover: Remover) -> None:
        """Remove what is due; a right that Nightscout says is missing is asked for once an hour."""
        if not removals:
            return
        if self._cannot_remove and datetime.now(UTC) < self._remove_again_at:
            raise NightscoutForbidden(self._cannot_remove)
        try:
            await remover.remove(removals)
        except NightscoutForbidden as error:
            self._cannot_remove = error.missing
            self._remove_again_at = datetime.now(UTC) + ASK_TO_REMOVE_AGAIN
            raise
        self._cannot_remove = None


def _rows_of(
    steps: Iterable[Step], ledgers: Mapping[date, DayLedger]
) -> Iterator[tuple[str, LedgerRow]]:
    """Yield the rows by the names of these, on whichever day they are."""
    names = {step.document.identifier for step in steps}
    for ledger in ledgers.values():
        yield from ((name, ledger.rows[name]) for name in ledger.rows.keys() & names)


def _worst(errors: Iterable[NightscoutError]) -> NightscoutError | None:
    """Return an error of the site itself before one that only a right is missing."""
    by_weight = sorted(errors, key=lambda one: isinstance(one, NightscoutForbidden))
    return next(iter(by_weight), None)


def _accepted(steps: Iterable[Step], sender: Sender) -> int:
    return sum(step.document.identifier in sender.accepted for step in steps)
