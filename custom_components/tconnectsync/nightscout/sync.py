"""Making Nightscout have exactly the wanted documents: one writer, which creates before it removes."""

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
from .ledger import DayLedger, LedgerRow, LedgerStore
from .ledger_rebuild import collections_of, rebuild_ledger
from .moved_treatments import keys_at_site
from .plan import Plan, Wanted, Write, compare
from .remover import Removal, Remover
from .sender import MAX_DOCUMENTS, Rejection, Sender

RETRY_REMOVING_AFTER = timedelta(hours=1)
"""How long no removal is tried after one that was forbidden; the role may be changed at any time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncResult:
    """The documents that one sync wrote and removed, and those that are still pending."""

    created: int = 0
    replaced: int = 0
    removed: int = 0
    pending: int = 0
    """Documents still to be sent or removed, the rejected ones included."""
    rejected: tuple[Rejection, ...] = ()
    error: NightscoutError | None = None
    """The reason why documents are pending, rejections excepted."""
    unconfirmed_days: frozenset[date] = frozenset()
    """Days that have to be read back later, because a write without an answer may still be carried out."""


class NightscoutSync:
    """Keeps one site in sync; the only writer of the site and of its ledger."""

    def __init__(self, client: NightscoutClient, store: LedgerStore) -> None:
        """Take the site to write to and the store of its ledger."""
        self._client = client
        self._store = store
        self._lock = asyncio.Lock()
        self._batch_size = MAX_DOCUMENTS
        self._rejected_before: set[str] = set()
        self._missing_right: str | None = None
        """The right that was missing when removing was tried last."""
        self._retry_removing_at = FAR_PAST

    async def plan(
        self,
        wanted: Wanted,
        features: AnyOf[Feature],
        starts: Mapping[Feature, date],
        *,
        pumps: AnyOf[str] | None = None,
        resend: bool = False,
    ) -> Plan:
        """Return the writes and removals of a sync without carrying them out.

        Documents without a ledger, or of an unconfirmed write, are read back from Nightscout; with
        `resend` all are. Unless it is read back, a document that a person deleted there stays
        deleted and is not in the plan. Raises any of the errors of errors.py.
        """
        async with self._lock:
            ledgers = await self._load(wanted)
            await self._rebuild_ledgers(ledgers, wanted, features, resend)
            plan = await asyncio.to_thread(
                compare, wanted, ledgers, features, starts, pumps
            )
            remover = Remover(self._client, self._store, ledgers)
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
        """Compare exactly these days, and send and remove the differences.

        Documents about other pumps than `pumps` (serial numbers) stay as they are. The result contains
        an error of Nightscout, and the documents that were written before it.
        """
        async with self._lock:
            ledgers = await self._load(wanted)
            compared = partial(compare, wanted, ledgers, features, starts, pumps)
            try:
                read_back = await self._rebuild_ledgers(
                    ledgers, wanted, features, resend
                )
            except NightscoutError as error:
                pending = await asyncio.to_thread(compared)
                return SyncResult(pending=pending.size, error=error)
            result = await self._carry_out(compared, ledgers, read_back)
            concerned = collections_of(features)
            unconfirmed_days = (
                day
                for day, ledger in ledgers.items()
                if not ledger.unconfirmed.keys().isdisjoint(concerned)
            )
            return replace(result, unconfirmed_days=frozenset(unconfirmed_days))

    async def days_in_sync(
        self,
        wanted: Wanted,
        features: AnyOf[Feature],
        starts: Mapping[Feature, date],
        *,
        pumps: AnyOf[str] | None = None,
    ) -> set[date]:
        """Return the days on which, by the ledger alone, a sync has nothing to do."""
        async with self._lock:
            ledgers = await self._load(wanted)
            concerned = set(collections_of(features))
            confirmed = {
                day: ledger
                for day, ledger in ledgers.items()
                if concerned <= ledger.collections
                and concerned.isdisjoint(ledger.unconfirmed)
            }
            plan = await asyncio.to_thread(
                compare, wanted, confirmed, features, starts, pumps
            )
            return confirmed.keys() - plan.days

    async def _load(self, days: Iterable[date]) -> dict[date, DayLedger]:
        return {day: await self._store.load(day) or DayLedger() for day in sorted(days)}

    async def _rebuild_ledgers(
        self,
        ledgers: Mapping[date, DayLedger],
        wanted: Wanted,
        features: AnyOf[Feature],
        resend: bool,
    ) -> list[date]:
        """Read back documents without a ledger or a confirmed write, or all; return the days concerned."""
        read_back: set[date] = set()
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
                unconfirmed = {
                    day: None if resend else ledger.unconfirmed_identifiers(collection)
                    for day, ledger in unknown.items()
                }
                await rebuild_ledger(
                    self._client, collection, wanted, unknown, unconfirmed
                )
                for ledger in unknown.values():
                    ledger.confirm(collection, read_at)
                read_back.update(unknown)
        return sorted(read_back)

    async def _carry_out(
        self,
        compared: Callable[[], Plan],
        ledgers: Mapping[date, DayLedger],
        read_back: Iterable[date],
    ) -> SyncResult:
        plan = await asyncio.to_thread(compared)
        sender = Sender(self._client, self._store, ledgers, self._batch_size, read_back)
        if not plan.size:
            await sender.finish()
            return SyncResult()
        remover = Remover(self._client, self._store, ledgers)
        first_error: NightscoutError | None = None
        try:
            try:
                errors = await self._send(plan, sender, ledgers)
            finally:
                await sender.finish()
            first_error = _worst(errors.values())
            after_sending = await asyncio.to_thread(compared)
            await self._remove(
                [
                    removal
                    for removal in after_sending.remove
                    if removal.is_due and removal.row.collection not in errors
                ],
                remover,
            )
        except NightscoutError as error:
            first_error = first_error or error
        was_slowed_down = sender.batch_size < self._batch_size
        self._batch_size = (
            sender.batch_size
            if was_slowed_down
            else min(2 * sender.batch_size, MAX_DOCUMENTS)
        )
        pending = await asyncio.to_thread(compared)
        rejected = {rejection.identifier for rejection in sender.rejected}
        self._rejected_before = (self._rejected_before | rejected) - sender.accepted
        return SyncResult(
            created=_accepted(plan.create, sender),
            replaced=_accepted(plan.replace, sender),
            removed=remover.removed,
            pending=pending.size,
            rejected=() if first_error else tuple(sender.rejected),
            error=first_error,
        )

    async def _send(
        self, plan: Plan, sender: Sender, ledgers: Mapping[date, DayLedger]
    ) -> dict[Collection, NightscoutError]:
        """Send collection by collection; return the errors of those that were not sent completely.

        After a missing right the next collections are tried, after any other error not.
        """
        errors: dict[Collection, NightscoutError] = {}
        collections = list(Collection)
        for number, collection in enumerate(collections):
            writes = [
                write
                for write in plan.writes
                if write.document.collection is collection
            ]
            try:
                if collection is Collection.TREATMENTS:
                    rows = _rows_of(plan.replace, ledgers)
                    sender.keys_at_site = await keys_at_site(self._client, rows)
                await sender.send(sorted(writes, key=self._was_rejected_before))
            except NightscoutForbidden as error:
                errors[collection] = error
            except NightscoutError as error:
                return errors | dict.fromkeys(collections[number:], error)
        return errors

    def _was_rejected_before(self, write: Write) -> bool:
        return write.document.identifier in self._rejected_before

    async def _remove(self, removals: Sequence[Removal], remover: Remover) -> None:
        """Carry out removals; after a missing right try again only once an hour."""
        if not removals:
            return
        if self._missing_right and datetime.now(UTC) < self._retry_removing_at:
            raise NightscoutForbidden(self._missing_right)
        try:
            await remover.remove(removals)
        except NightscoutForbidden as error:
            self._missing_right = error.missing
            self._retry_removing_at = datetime.now(UTC) + RETRY_REMOVING_AFTER
            raise
        self._missing_right = None


def _rows_of(
    writes: Iterable[Write], ledgers: Mapping[date, DayLedger]
) -> Iterator[tuple[str, LedgerRow]]:
    """Yield the identifiers of these documents with their rows, of whichever day."""
    identifiers = {write.document.identifier for write in writes}
    for ledger in ledgers.values():
        for identifier in ledger.rows.keys() & identifiers:
            yield identifier, ledger.rows[identifier]


def _worst(errors: Iterable[NightscoutError]) -> NightscoutError | None:
    """Return an error of the site itself rather than a missing right."""
    by_weight = sorted(errors, key=lambda error: isinstance(error, NightscoutForbidden))
    return next(iter(by_weight), None)


def _accepted(writes: Iterable[Write], sender: Sender) -> int:
    return sum(write.document.identifier in sender.accepted for write in writes)
