"""The work that follows new data: late data, statistics, Nightscout, missing days, repairs, the device."""

from datetime import date, datetime, timedelta
from functools import partial

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.start import async_at_started
from homeassistant.util import dt as dt_util

from .background_job import BackgroundJob
from .backoff import Backoff
from .const import LOGGER, SIGNAL_UPDATED
from .coordinator import TconnectsyncCoordinator
from .device import async_update_pump_device
from .error_texts import as_action_error
from .forward.catch_up import CatchUp
from .forward.desired_documents import by_identity
from .forward.forwarder import Forwarder
from .instants import HOUR, is_over
from .issues import Issues, async_clear_unless_ignored
from .read.late_data_reader import LateDataReader
from .read.pump_data import PumpData
from .statistics_import import TrueTimeStatistics
from .statistics_update import async_write_changed_hours
from .storage.account_store import AccountStore
from .tandem import TandemError
from .therapy.clock.dating import Dating
from .therapy.result_cache import ResultCache

TICK_EVERY = timedelta(minutes=1)
FIRST_PAUSE_SECONDS = 60
LONGEST_PAUSE = HOUR


class FollowUps:
    """Starts the work that follows new data, and every minute the work that is due."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        coordinator: TconnectsyncCoordinator,
        *,
        store: AccountStore,
        late_data: LateDataReader,
        statistics: TrueTimeStatistics,
        forwarder: Forwarder | None,
        catch_up: CatchUp,
        issues: Issues,
    ) -> None:
        """Take the coordinator of an account, and the parts that do the work."""
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._store = store
        self._late_data = late_data
        self._statistics = statistics
        self._forwarder = forwarder
        self._catch_up = catch_up
        self._issues = issues
        self._followed: PumpData | None = None
        self._write_backoff = Backoff(
            FIRST_PAUSE_SECONDS, LONGEST_PAUSE.total_seconds()
        )
        self._write_again_at: datetime | None = None
        self._datings: dict[str, Dating | None] = {}
        """The dating of the statistics last written, by pump: it may change without a new event."""
        self._hours_cache = ResultCache()
        """The hours of days that did not change since they were last written."""
        job = partial(BackgroundJob, hass, entry)
        self._read_late = job("read late data", self._async_read_late_data)
        self._write = job("write statistics", self._async_write_statistics)
        self._push = job("send to Nightscout", self._async_push)
        self._fill = job("catch up", catch_up.fill)

    @callback
    def async_start(self) -> None:
        """Start listening, which also keeps the account polled where no entity is enabled."""
        hass, entry = self._hass, self._entry
        entry.async_on_unload(partial(async_clear_unless_ignored, hass, entry.entry_id))
        entry.async_on_unload(self._coordinator.async_add_listener(self._follow_up))
        entry.async_on_unload(async_track_time_interval(hass, self._tick, TICK_EVERY))
        entry.async_on_unload(async_at_started(hass, self._fire_pending))
        entry.async_on_unload(self._coordinator.async_add_listener(self._signal))
        try:
            self._follow_up()
        except Exception:  # noqa: BLE001 - logged in full; the entities are set up all the same
            LOGGER.exception("Could not follow up the stored data")

    async def async_sync(self) -> None:
        """Read new data and update Nightscout now.

        Raises HomeAssistantError if either fails.
        """
        await self._coordinator.async_sync()
        if self._forwarder is None:
            return
        await self._push.run_and_wait()
        if error := self._forwarder.status.error:
            raise as_action_error(error) from error

    @callback
    def _signal(self) -> None:
        """Let triggers check the data, after the entities."""
        async_dispatcher_send(self._hass, SIGNAL_UPDATED, self._entry.entry_id)

    @callback
    def _fire_pending(self, hass: HomeAssistant) -> None:
        """Let event entities fire the occurrences from before they, or automations, were set up."""
        self._coordinator.async_update_listeners()

    @callback
    def _tick(self, now: datetime) -> None:
        """Let entities check their age, and start the work that is due."""
        self._coordinator.async_update_listeners()
        if self._forwarder and self._forwarder.is_due:
            self._push.request()
        again_at = self._write_again_at
        if again_at and is_over(again_at, dt_util.utcnow(), LONGEST_PAUSE):
            self._write.request()
        self._fill_if_due()

    @callback
    def _follow_up(self) -> None:
        """Start the work that new data needs, and look for late data once a day while Tandem answers."""
        coordinator = self._coordinator
        data, reachable = coordinator.data, coordinator.last_update_success
        if coordinator.has_read_everything:
            if reachable and self._late_data.is_due(data.pumper):
                self._read_late.request()
            if data is not self._followed:
                self._followed = data
                async_update_pump_device(self._hass, self._entry, data.pump)
                self._write.request()
                self._push.request()
            self._fill_if_due()
        self._issues.judge(
            data,
            error=None if reachable else coordinator.last_exception,
            confirmed=reachable and coordinator.confirmed,
        )

    @callback
    def _fill_if_due(self) -> None:
        if self._coordinator.has_read_everything and self._catch_up.is_due:
            self._fill.request()

    async def _async_read_late_data(self) -> None:
        """Read and publish the data of the last weeks that was uploaded late."""
        try:
            changed_from = await self._late_data.read(self._coordinator.data.pumper)
        except TandemError as error:
            LOGGER.debug("Could not look for late data, trying again later: %s", error)
            return
        if changed_from:
            await self._coordinator.async_publish_late_data(changed_from)

    async def _async_push(self) -> None:
        """Update Nightscout."""
        if self._forwarder is None:
            return
        data = self._coordinator.data
        try:
            await self._forwarder.push(
                by_identity(self._store.state.reading.model, data.histories),
                data.pump,
                data.complete_after,
            )
        finally:
            self._coordinator.async_update_listeners()

    async def _async_write_statistics(self) -> None:
        """Write the hours that changed to the long-term statistics."""
        coordinator = self._coordinator
        self._write_again_at = None
        data, changed_from = coordinator.data, coordinator.pop_changed_from()
        datings = {
            serial_number: history.dating
            for serial_number, history in data.histories.items()
        }
        if any(
            self._datings.get(serial_number, dating) != dating
            for serial_number, dating in datings.items()
        ):
            changed_from = date.min
        self._datings.update(datings)
        written = False
        try:
            written = await async_write_changed_hours(
                self._store, self._statistics, data, changed_from, self._hours_cache
            )
        finally:
            if not written:
                coordinator.note_changed_from(changed_from)
            self._note_recorder()

    @callback
    def _note_recorder(self) -> None:
        """Retry later if the recorder did not take the hours, and raise or clear the repair about it."""
        if self._statistics.failures:
            pause = timedelta(seconds=self._write_backoff.next_delay())
            self._write_again_at = dt_util.utcnow() + pause
        else:
            self._write_backoff.reset()
            self._write_again_at = None
        self._issues.judge_recorder(self._statistics.failures)
