"""Catching up with the days between what was passed on completely and what is kept."""

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from custom_components.tconnectsync.nightscout.features import context_days
from homeassistant.util import dt as dt_util

from .backfill import BackfillRequest, Phase

if TYPE_CHECKING:
    from custom_components.tconnectsync.coordinator import TconnectsyncCoordinator

ONE_DAY = timedelta(days=1)
PAUSE_AFTER_FAILURE = timedelta(hours=1)


class GapFiller:
    """Catches up with what is owed, oldest first, when nothing else is in the way.

    The days to send at first that are older than what is kept are owed, what an outage left out,
    and days that stopped being kept while Nightscout could not be written to.
    """

    def __init__(self, coordinator: TconnectsyncCoordinator) -> None:
        """Catch up for one account."""
        self._coordinator = coordinator
        self._store = coordinator.store
        self._at: date | None = None
        self._retry_at = datetime.min.replace(tzinfo=UTC)

    @property
    def first(self) -> date | None:
        """The first pump day that is owed, None when none is."""
        owed_from = self._store.notes.get("owed_from")
        return date.fromisoformat(owed_from) if owed_from else None

    @property
    def _last(self) -> date:
        """The last pump day of which not everything is told from what is kept."""
        forwarding = self._coordinator.forwarding
        features = forwarding.features if forwarding else ()
        context = ONE_DAY * (context_days(*features) - 1)
        return min(self._coordinator.data.whole_after, date.max - context) + context

    @property
    def is_due(self) -> bool:
        """Tell whether something is owed and can be caught up now."""
        coordinator = self._coordinator
        forwarding = coordinator.forwarding
        return (
            self.first is not None
            and coordinator.data.whole_after < date.max
            and not coordinator.backfill.is_running
            and (forwarding is None or forwarding.status.connected is True)
            and dt_util.utcnow() >= self._retry_at
        )

    async def catch_up(self) -> None:
        """Pass on what is owed; whoever cancels it does without."""
        if not self.is_due or (first := self.first) is None:
            return
        coordinator = self._coordinator
        last = self._last
        self._at = first
        if first > last:
            await self._settle(first - ONE_DAY)
            return
        forwarding = coordinator.forwarding
        request = BackfillRequest(
            first=first,
            last=last,
            features=frozenset(forwarding.features if forwarding else ()),
            keeps_starts=True,
        )
        phase = await coordinator.backfill.run(request, self._settle)
        if phase is Phase.CANCELLED:
            await self._settle(last)
        elif phase is Phase.FAILED:
            self._retry_at = dt_util.utcnow() + PAUSE_AFTER_FAILURE

    async def _settle(self, day: date) -> None:
        """Note that nothing is owed up to a pump day, unless earlier ones became owed meanwhile."""
        if self._at != self.first:
            return
        self._at = day + ONE_DAY
        if self._at > self._last:
            self._store.notes.pop("owed_from", None)
        else:
            self._store.notes["owed_from"] = self._at.isoformat()
        await self._store.async_save_notes()
