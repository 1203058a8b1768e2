"""Sending pending days that are older than the compared ones, and continuing an interrupted backfill."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from custom_components.tconnectsync.instants import FAR_PAST, ONE_DAY, is_over
from custom_components.tconnectsync.nightscout.client import PROFILE
from custom_components.tconnectsync.nightscout.errors import NightscoutForbidden
from custom_components.tconnectsync.nightscout.features import Feature, context_days
from custom_components.tconnectsync.read.pump_data import PumpData
from custom_components.tconnectsync.storage.account_store import AccountStore
from homeassistant.util import dt as dt_util

from .backfill import Backfill
from .backfill_request import BackfillPhase, BackfillRequest
from .forwarder import Forwarder
from .forwarding_status import ForwardingStatus

PAUSE_AFTER_FAILURE = timedelta(hours=1)
"""Always the same, because the backfill itself retries with longer and longer pauses."""


class CatchUp:
    """Sends pending days, oldest first, while nothing else is running.

    Days are pending if they are among the first days to send and older than the stored events, if an outage
    left them out, if their events were dropped while Nightscout could not be written to, or if an address
    missed them while another one or none was in use. A backfill that a reload or a restart
    interrupted is continued first.
    """

    def __init__(
        self,
        store: AccountStore,
        backfill: Backfill,
        forwarder: Forwarder | None,
        data_fn: Callable[[], PumpData],
    ) -> None:
        """Take the store that notes pending days, and the backfill that sends them.

        `data_fn` returns the data published last.
        """
        self._store = store
        self._backfill = backfill
        self._forwarder = forwarder
        self._data_fn = data_fn
        self._unsent_from: date | None = None
        self._retry_at = FAR_PAST

    @property
    def first(self) -> date | None:
        """The first pending pump day, None without one."""
        return self._store.state.first_pending

    @property
    def _last(self) -> date:
        """The last pump day whose documents depend on records that are not all stored."""
        context = ONE_DAY * (context_days(*self._features) - 1)
        return min(self._data_fn().complete_after, date.max - context) + context

    @property
    def _features(self) -> Sequence[Feature]:
        return self._forwarder.features if self._forwarder else ()

    @property
    def is_due(self) -> bool:
        """Return whether pending days or an interrupted backfill can be sent now."""
        forwarder = self._forwarder
        can_pass_on = self._data_fn().complete_after < date.max and (
            forwarder is None or _takes_days(forwarder.status)
        )
        return can_pass_on and (
            self._backfill.is_interrupted
            or (
                self.first is not None
                and not self._backfill.is_running
                and is_over(self._retry_at, dt_util.utcnow(), PAUSE_AFTER_FAILURE)
            )
        )

    async def fill(self) -> None:
        """Send the pending days; cancelling drops them."""
        if self.is_due and self._backfill.is_interrupted:
            await self._backfill.continue_interrupted()
        if not self.is_due or (first := self.first) is None:
            return
        last = self._last
        self._unsent_from = first
        if first > last:
            await self._note_sent(first - ONE_DAY)
            return
        request = BackfillRequest(
            first=first,
            last=last,
            features=frozenset(self._features),
            keeps_starts=True,
        )
        self._retry_at = dt_util.utcnow() + PAUSE_AFTER_FAILURE
        phase = await self._backfill.run(request, self._note_sent)
        if phase is BackfillPhase.CANCELLED:
            await self._note_sent(last)
        if phase is not BackfillPhase.FAILED:
            self._retry_at = FAR_PAST

    async def _note_sent(self, day: date) -> None:
        """Note that no day up to this one is pending, unless an earlier one became so meanwhile."""
        if self._unsent_from != self.first:
            return
        self._unsent_from = day + ONE_DAY
        self._store.state.passed_on(day, self._last)
        await self._store.async_save()


def _takes_days(status: ForwardingStatus) -> bool:
    """Return whether a site accepts the documents of days, though perhaps no profiles."""
    error = status.error
    missing = error.missing if isinstance(error, NightscoutForbidden) else ""
    return status.connected is True or missing.startswith(f"api:{PROFILE}:")
