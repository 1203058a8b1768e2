"""The status of forwarding to a Nightscout site, with its log messages and its retries."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from custom_components.tconnectsync.backoff import Backoff
from custom_components.tconnectsync.const import LOGGER
from custom_components.tconnectsync.instants import HOUR, is_over
from custom_components.tconnectsync.nightscout.errors import (
    NightscoutBusy,
    NightscoutError,
    NightscoutRefused,
)
from custom_components.tconnectsync.nightscout.ledger import UNCONFIRMED_WINDOW
from custom_components.tconnectsync.nightscout.sync import SyncResult
from custom_components.tconnectsync.storage.forwarding_state import ForwardingState
from homeassistant.util import dt as dt_util
from homeassistant.util.file import WriteError

FIRST_PAUSE_SECONDS = 60
LONGEST_PAUSE_SECONDS = 30 * 60
LONGEST_WAIT = HOUR
"""The longest pause that a site may ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardingStatus:
    """The status of forwarding; `connected` is None before the first contact."""

    connected: bool | None = None
    last_sync: datetime | None = None
    sent: int = 0
    """Documents created, replaced and removed since forwarding was set up."""
    pending: int = 0
    error: NightscoutError | None = None


class ForwardingMonitor:
    """Keeps the status of forwarding, logs its changes and schedules retries."""

    def __init__(self, state: ForwardingState) -> None:
        """Continue from the stored state, which is updated with each result."""
        self._state = state
        self._rejected: set[str] = set()
        """Identifiers of the documents whose rejection was logged."""
        self._backoff = Backoff(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
        self._retry_at: datetime | None = None
        self.status = ForwardingStatus(last_sync=state.last_sync, sent=state.sent)

    @property
    def is_retry_due(self) -> bool:
        """Return whether it is time to try again after an error."""
        return self._retry_at is not None and is_over(
            self._retry_at, dt_util.utcnow(), LONGEST_WAIT
        )

    def start_push(self) -> None:
        """Note that a push started; no retry is due while it runs."""
        self._retry_at = None

    def note_push(self, result: SyncResult) -> None:
        """Note the result of a push, which compared all days, and schedule a retry after an error."""
        self.status = replace(self.status, pending=result.pending)
        self._schedule_retry(result)
        self.note(result)

    def note(self, result: SyncResult) -> None:
        """Note the result of a push or a backfill; log an error once, and its end."""
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

    def note_unexpected(self, error: Exception) -> None:
        """Note an error on this side, after which not everything was sent, and schedule a retry."""
        reason = f"{type(error).__name__} on this side"
        if isinstance(error, WriteError | OSError):
            reason = "what is sent cannot be noted on this machine's disk"
        result = SyncResult(
            pending=max(1, self.status.pending), error=NightscoutError(reason)
        )
        self.status = replace(
            self.status, connected=False, pending=result.pending, error=result.error
        )
        self._schedule_retry(result)

    def _schedule_retry(self, result: SyncResult) -> None:
        """Schedule a retry with a longer pause each time; after a refusal only new data is sent."""
        self._retry_at, error = None, result.error
        if error is None:
            self._backoff.reset()
            if result.unconfirmed_days:
                self._retry_at = dt_util.utcnow() + UNCONFIRMED_WINDOW
        elif not isinstance(error, NightscoutRefused):
            asked_for = error.retry_after if isinstance(error, NightscoutBusy) else None
            pause = timedelta(seconds=self._backoff.next_delay(asked_for))
            self._retry_at = dt_util.utcnow() + pause
