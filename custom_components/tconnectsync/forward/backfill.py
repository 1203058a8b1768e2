"""Backfills: sending and recording a span of days, also those before the stored events."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from datetime import UTC, date, datetime, time
from functools import partial
from zoneinfo import ZoneInfo

from custom_components.tconnectsync.background_job import BackgroundJob
from custom_components.tconnectsync.backoff import Backoff
from custom_components.tconnectsync.const import DOMAIN, LOGGER
from custom_components.tconnectsync.instants import ONE_DAY
from custom_components.tconnectsync.nightscout.errors import (
    NightscoutBusy,
    NightscoutError,
    NightscoutUnreachable,
)
from custom_components.tconnectsync.nightscout.features import context_days
from custom_components.tconnectsync.read.account_reader import AccountReader
from custom_components.tconnectsync.read.older_days import CompleteDays, older_days
from custom_components.tconnectsync.read.pump_data import PumpData
from custom_components.tconnectsync.statistics_import import TrueTimeStatistics
from custom_components.tconnectsync.storage.account_store import AccountStore
from custom_components.tconnectsync.storage.backfill_state import UnfinishedBackfill
from custom_components.tconnectsync.tandem import (
    TandemBusy,
    TandemError,
    TandemUnreachable,
)
from custom_components.tconnectsync.therapy.hourly_figures import Hour, hours
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from .backfill_request import BackfillPhase, BackfillPreview, BackfillRequest
from .desired_documents import DaysToSend, by_identity
from .feature_starts import Starts
from .forwarder import Forwarder

RECORDER_SECONDS = 10
"""How long a cancelled backfill waits for the recorder."""
MOST_ATTEMPTS = 5
PAUSE_AFTER_ERROR_SECONDS = 15
HOURS_AT_ONCE = 30 * 24
"""Hours that are written together, because each write moves the sums of all later hours; more than four weeks and a day."""
TRANSIENT_ERRORS = (
    NightscoutBusy,
    NightscoutUnreachable,
    TandemBusy,
    TandemUnreachable,
)

type OnDayDone = Callable[[date], Awaitable[None]]
"""Notes the last pump day that was sent and recorded."""


class Backfill:
    """Runs one backfill at a time, until it is done or cancelled."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        *,
        store: AccountStore,
        reader: AccountReader,
        zone: ZoneInfo,
        statistics: TrueTimeStatistics,
        forwarder: Forwarder | None,
        data_fn: Callable[[], PumpData],
        on_progress: Callable[[], None],
    ) -> None:
        """Set up backfills for one account.

        The zone is that of the pump's clock, `data_fn` returns the data published last, and `on_progress`
        is called when the phase or the progress changed.
        """
        self._hass = hass
        self._entry = entry
        self._store = store
        self._model_fn = store.state.reading.model
        self._reader = reader
        self._zone = zone
        self._statistics = statistics
        self._forwarder = forwarder
        self._data_fn = data_fn
        self._on_progress = on_progress
        self._cancelled = asyncio.Event()
        self._unwritten_hours: dict[datetime, Hour] = {}
        self.phase = BackfillPhase.IDLE
        self.progress = 0.0
        """Share of the days that were sent and recorded, 0 to 100 %."""
        self.error: str | None = None
        self._logged: set[type[Exception]] = set()
        """The types of errors that were logged since a backfill was last done without one."""
        self._is_working = False
        self._stored_state = store.state.backfill
        self._enabled = frozenset(forwarder.features if forwarder else ())
        self._stored_state.use(store.state.forwarding.address, self._enabled)
        if unfinished := self._stored_state.unfinished:
            self.phase = BackfillPhase.RUNNING
            share = _share_done(unfinished, unfinished.next - ONE_DAY)
            self.progress = round(share, 1)

    @property
    def is_running(self) -> bool:
        """Return whether a backfill has started and not ended."""
        return self.phase is BackfillPhase.RUNNING

    @property
    def is_interrupted(self) -> bool:
        """Return whether a reload or a restart interrupted a backfill that has not continued yet."""
        return self.is_running and not self._is_working

    @callback
    def cancel(self) -> None:
        """Stop after the current days; once the state is saved, a restart no longer continues the backfill."""
        self._cancelled.set()
        if self.is_interrupted:
            self._end(BackfillPhase.CANCELLED)
        self._stored_state.unfinished = None

    @callback
    def start(self, request: BackfillRequest) -> None:
        """Start in the background; after a reload or a restart continue_interrupted continues it."""
        self._begin()
        self._stored_state.unfinished = UnfinishedBackfill(
            first=request.first,
            last=request.last,
            features=request.features,
            enabled=self._enabled,
            resend=request.resend,
            next=request.first,
            address=self._store.state.forwarding.address,
        )
        work = partial(self._run, request, request.first, self._passed_on)
        BackgroundJob(self._hass, self._entry, "backfill", work).request()

    async def continue_interrupted(self) -> None:
        """Continue the backfill that a reload or a restart interrupted."""
        if not self.is_interrupted or not (unfinished := self._stored_state.unfinished):
            return
        request = BackfillRequest(
            first=unfinished.first,
            last=unfinished.last,
            features=unfinished.features,
            resend=unfinished.resend,
        )
        self._begin(self.progress)
        await self._run(request, unfinished.next, self._passed_on)

    async def run(
        self, request: BackfillRequest, on_day_done: OnDayDone
    ) -> BackfillPhase:
        """Run a backfill and return the phase in which it ended; call `on_day_done` with the last day that was sent and recorded."""
        self._begin()
        return await self._run(request, request.first, on_day_done)

    async def preview(self, request: BackfillRequest) -> BackfillPreview:
        """Return what a backfill would write, without writing anything.

        Raises any of the errors of tandem.errors and nightscout.errors.
        """
        preview = BackfillPreview()
        async with aclosing(self._complete_days(request, request.first)) as batches:
            async for days in batches:
                if self._forwarder:
                    histories = by_identity(self._model_fn, days.histories)
                    to_send = self._days_to_send(request, days)
                    preview.add(await self._forwarder.preview(histories, to_send))
                preview.days += _length(days.first, days.last)
        return preview

    def _begin(self, progress: float = 0) -> None:
        self._is_working = True
        self._cancelled.clear()
        self._unwritten_hours.clear()
        self.error = None
        self._show(BackfillPhase.RUNNING, progress)

    async def _passed_on(self, day: date) -> None:
        """Note the last day that was sent, after which to continue after a reload or a restart."""
        self._stored_state.passed_on(day)
        await self._store.async_save_if_possible()

    async def _run(
        self, request: BackfillRequest, day: date, on_day_done: OnDayDone
    ) -> BackfillPhase:
        try:
            await self._store.async_save_if_possible()
            if self._forwarder and not request.keeps_starts:
                await self._forwarder.start_at(request.first, request.features)
            await self._go_through(request, day, on_day_done)
        except (TandemError, NightscoutError, HomeAssistantError, OSError) as error:
            if type(error) not in self._logged:
                LOGGER.warning("The backfill stopped: %s", error)
            self._logged.add(type(error))
            self.error = str(error)
            self._end(BackfillPhase.FAILED)
        except Exception as error:
            self.error = f"{type(error).__name__} on this side"
            self._end(BackfillPhase.FAILED)
            await self._store.async_save_if_possible()
            raise
        else:
            if self._cancelled.is_set():
                self._end(BackfillPhase.CANCELLED)
            else:
                self._logged.clear()
                self.progress = 100
                self._end(BackfillPhase.DONE)
        await self._store.async_save_if_possible()
        return self.phase

    async def _go_through(
        self, request: BackfillRequest, day: date, on_day_done: OnDayDone
    ) -> None:
        """Send and record the days from one on; retry a few times after errors that may pass."""
        backoff = Backoff(
            2 * PAUSE_AFTER_ERROR_SECONDS, 2**MOST_ATTEMPTS * PAUSE_AFTER_ERROR_SECONDS
        )
        while day <= request.last and not self._cancelled.is_set():
            try:
                async with aclosing(self._complete_days(request, day)) as batches:
                    async for days in batches:
                        await self._pass_on(request, days)
                        day = days.last + ONE_DAY
                        backoff.reset()
                        share = _share_done(request, days.last)
                        self._show(BackfillPhase.RUNNING, share)
                        if len(self._unwritten_hours) >= HOURS_AT_ONCE:
                            await self._record(days.last, on_day_done)
                        if self._cancelled.is_set():
                            break
            except (TandemError, NightscoutError) as error:
                is_transient = isinstance(error, TRANSIENT_ERRORS)
                if not is_transient or backoff.failures == MOST_ATTEMPTS:
                    await self._record(day - ONE_DAY, on_day_done)
                    raise
                LOGGER.debug("The backfill continues in a while: %s", error)
                asked_for = (
                    error.retry_after
                    if isinstance(error, TandemError | NightscoutBusy)
                    else None
                )
                await self._pause(backoff.next_delay(asked_for))
        await self._record(day - ONE_DAY, on_day_done)
        if self._forwarder:
            await self._forwarder.prune(self._data_fn().complete_after)

    async def _complete_days(
        self, request: BackfillRequest, day: date
    ) -> AsyncGenerator[CompleteDays]:
        """Yield the days of a request from one on; read those again whose records are not all stored."""
        context = context_days(*request.features)
        while day <= request.last:
            data = self._data_fn()
            if day - ONE_DAY * context >= data.complete_after:
                days_left = (
                    day + ONE_DAY * n for n in range(_length(day, request.last))
                )
                yield CompleteDays(
                    first=day,
                    last=request.last,
                    days=frozenset(days_left),
                    histories=data.histories,
                    stored=True,
                )
                return
            missing = _length(day, data.complete_after) + context - 1
            async for days in older_days(
                self._reader,
                self._store,
                data.pumper,
                self._zone,
                (day, day + ONE_DAY * (min(missing, _length(day, request.last)) - 1)),
                context_days=context,
            ):
                yield days
                day = days.last + ONE_DAY

    async def _pass_on(self, request: BackfillRequest, days: CompleteDays) -> None:
        """Bring Nightscout in sync for some days, and collect their hours for the recorder."""
        if self._forwarder:
            await self._forwarder.backfill(
                by_identity(self._model_fn, days.histories),
                self._days_to_send(request, days),
            )
        if not days.stored:
            self._unwritten_hours |= await self._store.run(self._hours, days)

    def _days_to_send(self, request: BackfillRequest, days: CompleteDays) -> DaysToSend:
        starts: Starts = self._forwarder.starts if self._forwarder else {}
        if not request.keeps_starts:
            starts = {**starts, **dict.fromkeys(request.features, request.first)}
        return DaysToSend(
            days=days.days,
            features=request.features,
            starts=starts,
            resend=request.resend,
        )

    def _hours(self, days: CompleteDays) -> Mapping[datetime, Hour]:
        """Return the hours of the days and of the day after, as far as they are known."""
        start = self._midnight(days.first)
        end = self._midnight(days.last + 2 * ONE_DAY)
        duration = self._data_fn().insulin_duration
        return {
            hour: figures
            for hour, figures in hours(
                days.histories.values(), start, insulin_duration=duration
            ).items()
            if hour < end
        }

    def _midnight(self, day: date) -> datetime:
        wall = datetime.combine(day, time(), self._zone)
        return wall.astimezone(UTC)

    async def _record(self, day: date, on_day_done: OnDayDone) -> None:
        """Write the collected hours, and note that the days up to this one were sent and recorded."""
        collected = self._unwritten_hours
        written = not collected or await self._write(collected)
        if written is False:
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="recorder_incomplete"
            )
        collected.clear()
        if written:
            await on_day_done(day)

    async def _write(self, collected: Mapping[datetime, Hour]) -> bool | None:
        """Write hours; return whether the recorder has them, None if cancelled before it had."""
        write = asyncio.create_task(
            self._statistics.async_write(collected, min(collected), max(collected))
        )
        cancelled = asyncio.create_task(self._cancelled.wait())
        try:
            await asyncio.wait([write, cancelled], return_when=asyncio.FIRST_COMPLETED)
            with suppress(TimeoutError):
                async with asyncio.timeout(RECORDER_SECONDS):
                    await asyncio.wait([write])
            return write.result() if write.done() else None
        finally:
            for task in (write, cancelled):
                task.cancel()
            await asyncio.wait([write, cancelled])

    async def _pause(self, seconds: float) -> None:
        """Wait until the backfill is cancelled, at most for some seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._cancelled.wait()
        except TimeoutError:
            return

    def _end(self, phase: BackfillPhase) -> None:
        """End the backfill in a phase; nothing continues it any more."""
        self._is_working = False
        self._stored_state.unfinished = None
        self._show(phase, self.progress)

    def _show(self, phase: BackfillPhase, progress: float) -> None:
        self.phase = phase
        self.progress = round(progress, 1)
        self._on_progress()


def _length(first: date, last: date) -> int:
    """Return the number of days from one to another, both included."""
    return (last - first).days + 1


def _share_done(span: BackfillRequest | UnfinishedBackfill, day: date) -> float:
    """Return the share of a span up to a day, 0 to 100 %."""
    return 100 * _length(span.first, day) / _length(span.first, span.last)
