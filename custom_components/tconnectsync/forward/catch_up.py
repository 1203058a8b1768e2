"""Fills the gap between the days that were passed on completely and those that are kept, and goes on with a backfill."""

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
"""Always the same: what passes by itself the backfill has waited for, longer and longer."""


class CatchUp:
    """Passes on what is pending, oldest first, when nothing else is in the way.

    The days to send at first that are older than what is kept are pending, what an outage left
    out, days that stopped being kept while Nightscout could not be written to, and those that
    an address missed while another one or none was in use. A backfill that a reload or a restart
    interrupted comes before that.
    """

    def __init__(
        self,
        store: AccountStore,
        backfill: Backfill,
        forwarder: Forwarder | None,
        data_fn: Callable[[], PumpData],
    ) -> None:
        """Note in this store what is pending, and pass it on by this backfill.

        data_fn returns what was published last.
        """
        self._store = store
        self._backfill = backfill
        self._forwarder = forwarder
        self._data_fn = data_fn
        self._at: date | None = None
        self._retry_at = FAR_PAST

    @property
    def first(self) -> date | None:
        """The first pump day that is pending, None when none is."""
        return self._store.state.first_pending

    @property
    def _last(self) -> date:
        """The last pump day of which not everything follows from what is kept."""
        context = ONE_DAY * (context_days(*self._features) - 1)
        return min(self._data_fn().complete_after, date.max - context) + context

    @property
    def _features(self) -> Sequence[Feature]:
        return self._forwarder.features if self._forwarder else ()

    @property
    def is_due(self) -> bool:
        """Return whether something is pending or interrupted and can be passed on now."""
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
        """Pass on what is pending; whoever cancels it does without."""
        if self.is_due and self._backfill.is_interrupted:
            await self._backfill.go_on()
        if not self.is_due or (first := self.first) is None:
            return
        last = self._last
        self._at = first
        if first > last:
            await self._settle(first - ONE_DAY)
            return
        request = BackfillRequest(
            first=first,
            last=last,
            features=frozenset(self._features),
            keeps_starts=True,
        )
        self._retry_at = dt_util.utcnow() + PAUSE_AFTER_FAILURE
        phase = await self._backfill.run(request, self._settle)
        if phase is BackfillPhase.CANCELLED:
            await self._settle(last)
        if phase is not BackfillPhase.FAILED:
            self._retry_at = FAR_PAST

    async def _settle(self, day: date) -> None:
        """Note that nothing is pending up to a pump day, unless earlier ones became so meanwhile."""
        if self._at != self.first:
            return
        self._at = day + ONE_DAY
        self._store.state.passed_on(day, self._last)
        await self._store.async_save()


def _takes_days(status: ForwardingStatus) -> bool:
    """Return whether a site takes what days hold; that may be all but the profiles."""
    error = status.error
    missing = error.missing if isinstance(error, NightscoutForbidden) else ""
    return status.connected is True or missing.startswith(f"api:{PROFILE}:")
