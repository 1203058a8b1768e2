"""Forwarding to one Nightscout site: keeps it in sync with the histories of the pumps."""

from collections.abc import Collection as AnyOf, Sequence
from dataclasses import replace
from datetime import date
from http import HTTPStatus
from itertools import batched

from yarl import URL

from custom_components.tconnectsync.instants import ONE_DAY
from custom_components.tconnectsync.nightscout.client import NightscoutClient
from custom_components.tconnectsync.nightscout.errors import (
    NightscoutBusy,
    NightscoutError,
    NightscoutForbidden,
)
from custom_components.tconnectsync.nightscout.features import Feature, context_days
from custom_components.tconnectsync.nightscout.ledger import UNCONFIRMED_WINDOW
from custom_components.tconnectsync.nightscout.plan import Plan
from custom_components.tconnectsync.nightscout.sync import NightscoutSync, SyncResult
from custom_components.tconnectsync.storage.account_store import AccountStore
from custom_components.tconnectsync.storage.event_store import KEPT_DAYS
from custom_components.tconnectsync.tandem import Pump
from custom_components.tconnectsync.therapy.result_cache import ResultCache
from homeassistant.util import dt as dt_util

from .desired_documents import (
    CacheByPump,
    DaysRecords,
    DaysToSend,
    Desired,
    Histories,
    changed_from,
    desired_on,
    documents_on,
)
from .feature_starts import Starts, complete_starts
from .forwarding_status import ForwardingMonitor, ForwardingStatus
from .profile_forwarder import ProfileForwarder

DAYS_AT_ONCE = 3
"""Number of days whose documents are in memory together while the ledger shows which days are in sync."""


class Forwarder:
    """Compares the wanted documents with those that Nightscout was given, and sends the difference."""

    def __init__(
        self,
        client: NightscoutClient,
        store: AccountStore,
        address: str,
        features: Sequence[Feature],
        zone: str,
    ) -> None:
        """Forward these features to the site of an address, each from the first pump day in the account's state."""
        self.features = features
        self._client = client
        self._store = store
        self._ledger = store.ledger(address)
        self._sync = NightscoutSync(client, self._ledger)
        self._profiles = ProfileForwarder(client, store, address, zone)
        self._stored_starts = store.state.forwarding.starts[address]
        self._site = store.state.forwarding.sites[address]
        self._monitor = ForwardingMonitor(store.state.forwarding)
        self._in_sync: DaysRecords = {}
        """The days that are in sync, with the records of their documents."""
        self._cache: CacheByPump = {}
        self._document_cache = ResultCache()
        """The documents of the days that changed last, which may change again soon."""
        self._saved: tuple[object, ...] | None = None
        """The state on disk that must not be lost; see _save_if_needed."""

    @property
    def status(self) -> ForwardingStatus:
        """The status of forwarding."""
        return self._monitor.status

    @property
    def starts(self) -> Starts:
        """The first pump day of each feature that is on."""
        return {Feature(feature): day for feature, day in self._stored_starts.items()}

    @property
    def address(self) -> URL:
        """The site's address."""
        return URL(self._client.address)

    @property
    def is_due(self) -> bool:
        """Return whether it is time to try again after an error."""
        return self._monitor.is_retry_due

    async def push(
        self, histories: Histories, pump: Pump | None, complete_after: date
    ) -> None:
        """Bring every day with complete records in sync, and the profiles of the pump in use.

        The status shows every error; one that is not Nightscout's is raised as well. No retry is due
        while the push runs.
        """
        try:
            await self._push(histories, pump, complete_after)
        except Exception as error:
            self._monitor.note_unexpected(error)
            raise

    async def _push(
        self, histories: Histories, pump: Pump | None, complete_after: date
    ) -> None:
        if complete_after == date.max:
            return
        self._monitor.start_push()
        responses = self._client.response_count
        self._note_missed_days(complete_after)
        starts = complete_starts(self.starts, complete_after)
        days, changed = await self._store.run(
            changed_from, histories, self.features, starts, self._in_sync, self._cache
        )
        self._in_sync = {
            day: records
            for day, records in days.items()
            if day in self._in_sync and day not in changed
        }
        pumps = _serial_numbers(histories)
        desired = await self._documents(changed, starts, pumps)
        result = await self._sync.sync(desired, self.features, starts, pumps=pumps)
        await self.prune(complete_after)
        if result.error is None and not result.pending:
            confirmed = desired.keys() - result.unconfirmed_days
            self._in_sync |= {day: days[day] for day in confirmed}
        self._note_days_in_sync(days)
        if pump and Feature.PROFILES in self.features:
            result = await self._push_profiles(pump, result)
        result = await self._with_contact(result, responses)
        self._monitor.note_push(result)
        await self._save_if_needed()

    async def _documents(
        self, changed: DaysRecords, starts: Starts, pumps: AnyOf[str]
    ) -> Desired:
        """Return the documents of changed days, without the days that are in sync by the ledger.

        After a restart most of five weeks are in sync, and all their documents together would take 25 MB.
        """
        documents: Desired = {}
        for batch in batched(changed.items(), DAYS_AT_ONCE, strict=False):
            desired = await self._store.run(
                documents_on, dict(batch), self._document_cache
            )
            if len(changed) > DAYS_AT_ONCE:
                in_sync = await self._sync.days_in_sync(
                    desired, self.features, starts, pumps=pumps
                )
                self._in_sync |= {day: changed[day] for day in in_sync}
                desired = {day: desired[day] for day in desired.keys() - in_sync}
            documents |= desired
        return documents

    async def preview(self, histories: Histories, to_send: DaysToSend) -> Plan:
        """Return the writes and removals that would bring some days in sync, without carrying them out.

        Raises any of the errors of nightscout.errors.
        """
        wanted = await self._store.run(desired_on, histories, self.features, to_send)
        return await self._sync.plan(
            wanted,
            to_send.features,
            to_send.starts,
            pumps=_serial_numbers(histories),
            resend=to_send.resend,
        )

    async def backfill(self, histories: Histories, to_send: DaysToSend) -> None:
        """Bring some days in sync.

        Raises any of the errors of nightscout.errors.
        """
        responses = self._client.response_count
        wanted = await self._store.run(desired_on, histories, self.features, to_send)
        try:
            result = await self._sync.sync(
                wanted,
                to_send.features,
                to_send.starts,
                pumps=_serial_numbers(histories),
                resend=to_send.resend,
            )
        finally:
            for day in to_send.days:
                self._in_sync.pop(day, None)
        result = await self._with_contact(result, responses)
        self._monitor.note(result)
        await self._save_if_needed()
        if result.error:
            raise result.error
        if result.unconfirmed_days and Feature.DEVICE_STATUS in to_send.features:
            raise NightscoutBusy(
                "what it gave no answer to may still arrive, and twice",
                status=HTTPStatus.GATEWAY_TIMEOUT,
                retry_after=UNCONFIRMED_WINDOW.total_seconds(),
            )

    async def prune(self, complete_after: date) -> None:
        """Drop the ledgers of days that are no longer compared."""
        long_ago = dt_util.utcnow().date() - ONE_DAY * KEPT_DAYS
        await self._ledger.prune(min(complete_after, long_ago))

    async def start_at(self, first: date, features: frozenset[Feature]) -> None:
        """Let these features start at a pump day if that is earlier than their start."""
        for feature in features:
            if start := self._stored_starts.get(feature):
                self._stored_starts[feature] = min(start, first)
        await self._store.async_save()

    def _note_missed_days(self, complete_after: date) -> None:
        """Note the days as pending that are no longer compared although Nightscout does not have all of them."""
        behind = self._site.behind
        if behind and behind < complete_after + ONE_DAY * context_days(*self.features):
            self._site.pending.add(behind)

    def _note_days_in_sync(self, days: DaysRecords) -> None:
        """Note up to which day the site is in sync; more data of the last days may arrive."""
        self._site.behind = min(days.keys() - self._in_sync.keys(), default=None)
        if days:
            last = min(max(days), dt_util.utcnow().date()) - ONE_DAY
            self._site.in_step_until = self._site.behind or last

    async def _push_profiles(self, pump: Pump, result: SyncResult) -> SyncResult:
        """Write the profiles, unless the site itself has an error; return the result of both."""
        if result.error and not isinstance(result.error, NightscoutForbidden):
            return result
        try:
            written = await self._profiles.push(pump)
        except NightscoutError as error:
            return replace(
                result,
                pending=result.pending + 1,
                error=result.error or error,
            )
        return replace(result, created=result.created + written)

    async def _with_contact(self, result: SyncResult, responses: int) -> SyncResult:
        """Contact the site if nothing was sent: without a response it is unknown whether it can be reached."""
        if result.error or self._client.response_count > responses:
            return result
        try:
            await self._client.verify()
        except NightscoutError as error:
            return replace(result, error=error)
        return result

    async def _save_if_needed(self) -> None:
        """Save the state if more than the time of the last sync changed: that may wait for the next upload."""
        state = self._store.state
        to_save = self._site.to_json(), state.pending.first, state.profiles.to_json()
        if to_save != self._saved:
            await self._store.async_save()
            self._saved = to_save


def _serial_numbers(histories: Histories) -> set[str]:
    return {pump.serial_number for pump in histories}
