"""Keeps one Nightscout site in step with what the pumps reported."""

from collections.abc import Collection as AnyOf, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from http import HTTPStatus
from itertools import batched

from yarl import URL

from custom_components.tconnectsync.backoff import Backoff
from custom_components.tconnectsync.const import LOGGER
from custom_components.tconnectsync.instants import HOUR, ONE_DAY, is_over
from custom_components.tconnectsync.nightscout.client import NightscoutClient
from custom_components.tconnectsync.nightscout.errors import (
    NightscoutBusy,
    NightscoutError,
    NightscoutForbidden,
    NightscoutRefused,
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
from homeassistant.util.file import WriteError

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
from .profile_forwarder import ProfileForwarder

DAYS_AT_ONCE = 3
"""Days of which the documents are held together to look which of them are in step."""
FIRST_PAUSE_SECONDS = 60
LONGEST_PAUSE_SECONDS = 30 * 60
LONGEST_WAIT = HOUR
"""What a site may ask for at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardingStatus:
    """How forwarding stands; connected is None before the first contact."""

    connected: bool | None = None
    last_sync: datetime | None = None
    sent: int = 0
    """Documents created, replaced and removed, ever."""
    pending: int = 0
    error: NightscoutError | None = None


class Forwarder:
    """Compares what Nightscout is to hold with what it was given, and sends the difference."""

    def __init__(
        self,
        client: NightscoutClient,
        store: AccountStore,
        address: str,
        features: Sequence[Feature],
        zone: str,
    ) -> None:
        """Send these features, each from the first pump day that the account's state keeps."""
        self.features = features
        self._client = client
        self._store = store
        self._ledger = store.ledger(address)
        self._sync = NightscoutSync(client, self._ledger)
        self._profiles = ProfileForwarder(client, store, address, zone)
        self._state = store.state.forwarding
        self._kept_starts = self._state.starts[address]
        self._site = self._state.sites[address]
        self._settled: DaysRecords = {}
        """What the documents of each day that is in step were made of."""
        self._cache: CacheByPump = {}
        self._built = ResultCache()
        """The documents of the days that changed last, at which more may change soon."""
        self._saved: tuple[object, ...] | None = None
        """What is on disk of what has to be there."""
        self._rejected: set[str] = set()
        self._backoff = Backoff(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
        self._retry_at: datetime | None = None
        self.status = ForwardingStatus(
            last_sync=self._state.last_sync, sent=self._state.sent
        )

    @property
    def starts(self) -> Starts:
        """The first pump day of each feature that is on."""
        return {Feature(feature): day for feature, day in self._kept_starts.items()}

    @property
    def address(self) -> URL:
        """The site's address."""
        return URL(self._client.address)

    @property
    def is_due(self) -> bool:
        """Return whether it is time to try again after an error."""
        return self._retry_at is not None and is_over(
            self._retry_at, dt_util.utcnow(), LONGEST_WAIT
        )

    async def push(
        self, histories: Histories, pump: Pump | None, complete_after: date
    ) -> None:
        """Bring every day whose records are whole in step, and the profiles of the pump in use.

        The status tells of every failure; one that is not Nightscout's is raised as well. While
        it runs, no other try is due.
        """
        try:
            await self._push(histories, pump, complete_after)
        except Exception as error:
            self._note_unexpected(error)
            raise

    async def _push(
        self, histories: Histories, pump: Pump | None, complete_after: date
    ) -> None:
        if complete_after == date.max:
            return
        self._retry_at = None
        answers = self._client.response_count
        self._note_what_left(complete_after)
        starts = complete_starts(self.starts, complete_after)
        days, changed = await self._store.run(
            changed_from, histories, self.features, starts, self._settled, self._cache
        )
        self._settled = {
            day: records
            for day, records in days.items()
            if day in self._settled and day not in changed
        }
        pumps = _serial_numbers(histories)
        desired = await self._documents(changed, starts, pumps)
        result = await self._sync.sync(desired, self.features, starts, pumps=pumps)
        await self.prune(complete_after)
        if result.error is None and not result.pending:
            in_step = desired.keys() - result.unconfirmed_days
            self._settled |= {day: days[day] for day in in_step}
        self._note_in_step(days)
        if pump and Feature.PROFILES in self.features:
            result = await self._push_profiles(pump, result)
        result = await self._asked(result, answers)
        self.status = replace(self.status, pending=result.pending)
        self._set_retry(result)
        await self._note(result)

    async def _documents(
        self, changed: DaysRecords, starts: Starts, pumps: AnyOf[str]
    ) -> Desired:
        """Return the documents of days that changed, without those that the ledger says are in step.

        After a restart that is most of five weeks, whose documents would take 25 MB at once.
        """
        found: Desired = {}
        for some in batched(changed.items(), DAYS_AT_ONCE, strict=False):
            desired = await self._store.run(documents_on, dict(some), self._built)
            if len(changed) > DAYS_AT_ONCE:
                in_step = await self._sync.days_in_sync(
                    desired, self.features, starts, pumps=pumps
                )
                self._settled |= {day: changed[day] for day in in_step}
                desired = {day: desired[day] for day in desired.keys() - in_step}
            found |= desired
        return found

    async def preview(self, histories: Histories, to_send: DaysToSend) -> Plan:
        """Return what bringing some days in step would take; nothing is written.

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
        """Bring some days in step.

        Raises any of the errors of nightscout.errors.
        """
        answers = self._client.response_count
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
                self._settled.pop(day, None)
        result = await self._asked(result, answers)
        await self._note(result)
        if result.error:
            raise result.error
        if result.unconfirmed_days and Feature.DEVICE_STATUS in to_send.features:
            raise NightscoutBusy(
                "what it gave no answer to may still arrive, and twice",
                status=HTTPStatus.GATEWAY_TIMEOUT,
                retry_after=UNCONFIRMED_WINDOW.total_seconds(),
            )

    async def prune(self, complete_after: date) -> None:
        """Forget what was sent of days that are no longer compared."""
        long_ago = dt_util.utcnow().date() - ONE_DAY * KEPT_DAYS
        await self._ledger.prune(min(complete_after, long_ago))

    async def start_at(self, first: date, features: frozenset[Feature]) -> None:
        """Let these features want everything from an earlier pump day on."""
        for feature in features:
            if start := self._kept_starts.get(feature):
                self._kept_starts[feature] = min(start, first)
        await self._store.async_save()

    def _note_what_left(self, complete_after: date) -> None:
        """Note days that are no longer compared although Nightscout does not have all of them."""
        behind = self._site.behind
        if behind and behind < complete_after + ONE_DAY * context_days(*self.features):
            self._site.pending.add(behind)

    def _note_in_step(self, days: DaysRecords) -> None:
        """Note how far the site has everything; of the last days more may come."""
        self._site.behind = min(days.keys() - self._settled.keys(), default=None)
        if days:
            last = min(max(days), dt_util.utcnow().date()) - ONE_DAY
            self._site.in_step_until = self._site.behind or last

    async def _push_profiles(self, pump: Pump, result: SyncResult) -> SyncResult:
        """Write the profiles unless the site itself has an error."""
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

    def _note_unexpected(self, error: Exception) -> None:
        """Let the status say that not everything was sent, for whatever reason, and try again."""
        reason = f"{type(error).__name__} on this side"
        if isinstance(error, WriteError | OSError):
            reason = "what is sent cannot be noted on this machine's disk"
        result = SyncResult(
            pending=max(1, self.status.pending), error=NightscoutError(reason)
        )
        self.status = replace(
            self.status, connected=False, pending=result.pending, error=result.error
        )
        self._set_retry(result)

    async def _asked(self, result: SyncResult, answers: int) -> SyncResult:
        """Ask a site to which nothing was sent, since only its answers show whether it is there."""
        if result.error or self._client.response_count > answers:
            return result
        try:
            await self._client.verify()
        except NightscoutError as error:
            return replace(result, error=error)
        return result

    async def _note(self, result: SyncResult) -> None:
        """Remember what was done; log an error once, and its end."""
        for rejection in result.rejected:
            if rejection.identifier not in self._rejected:
                self._rejected.add(rejection.identifier)
                LOGGER.warning(
                    "Nightscout does not take a document: %s", rejection.reason
                )
        error = result.error
        if error and self.status.error is None:
            LOGGER.warning("Nightscout has to wait for what is pending: %s", error)
        elif error is None and self.status.error:
            LOGGER.info("Nightscout can be written to again")
        done = result.created + result.replaced + result.removed
        self.status = replace(
            self.status,
            connected=error is None,
            last_sync=self.status.last_sync if error else dt_util.utcnow(),
            sent=self.status.sent + done,
            error=error,
        )
        self._state.last_sync = self.status.last_sync
        self._state.sent = self.status.sent
        if (lasting := self._lasting_state()) != self._saved:
            await self._store.async_save()
            self._saved = lasting

    def _lasting_state(self) -> tuple[object, ...]:
        """Return what has to be on disk at once; when the last sync was may wait for the next upload."""
        state = self._store.state
        return self._site.to_json(), state.pending.first, state.profiles.to_json()

    def _set_retry(self, result: SyncResult) -> None:
        """Wait longer and longer; a refusal is not tried again before there is something new."""
        self._retry_at, error = None, result.error
        if error is None:
            self._backoff.reset()
            if result.unconfirmed_days:
                self._retry_at = dt_util.utcnow() + UNCONFIRMED_WINDOW
        elif not isinstance(error, NightscoutRefused):
            named = error.retry_after if isinstance(error, NightscoutBusy) else None
            pause = timedelta(seconds=self._backoff.next_delay(named))
            self._retry_at = dt_util.utcnow() + pause


def _serial_numbers(histories: Histories) -> set[str]:
    return {pump.serial_number for pump in histories}
