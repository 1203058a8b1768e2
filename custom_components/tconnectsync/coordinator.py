"""Reads one account, keeps what comes, derives what happened and publishes it."""

import asyncio
from datetime import date, datetime, timedelta
from functools import partial
from typing import override
from zoneinfo import ZoneInfo

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed, HomeAssistantError
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util.file import WriteError

from .background_job import BackgroundJob
from .const import CONF_GLUCOSE_UNIT, DOMAIN, LOGGER, POLL_EVERY
from .device import async_update_pump_device
from .error_texts import failure, key_of
from .forward.backfill import Backfill
from .forward.desired_documents import told
from .forward.forwarder import Forwarder
from .forward.gap_filler import GapFiller
from .issues import Issues, async_clear_unless_ignored
from .news import News
from .read.account_reader import LATE_DATA, AccountReader
from .read.pump_data import PumpData, PumpDataBuilder
from .statistics_import import MG_DL, TrueTimeStatistics
from .storage.account_store import AccountStore
from .tandem import Pumper, SignInRefused, TandemChanged, TandemError
from .tandem.models import read_pumper
from .therapy.hours import hours, whole_from

REJUDGE_EVERY = timedelta(minutes=1)

type TconnectsyncConfigEntry = ConfigEntry[TconnectsyncCoordinator]


class TconnectsyncCoordinator(DataUpdateCoordinator[PumpData]):
    """One account: read, keep, derive, publish."""

    config_entry: TconnectsyncConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: TconnectsyncConfigEntry,
        *,
        reader: AccountReader,
        store: AccountStore,
        zone: ZoneInfo,
        forwarding: Forwarder | None,
    ) -> None:
        """Read with this reader into this store; the zone is the pump clock's."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name="Tandem Source",
            update_interval=POLL_EVERY,
            always_update=False,
        )
        self.reader = reader
        self.store = store
        self.zone = zone
        self.forwarding = forwarding
        self._complete = False
        """Whether the log was read to its end since the start."""
        self.settled = False
        """Whether Tandem has confirmed that nothing came since the log was read."""
        self.news = News(store)
        self._changed_from = date.min
        """Pump day from which statistics have to be compared with the recorder's."""
        self._followed: PumpData | None = None
        self._pump_data = PumpDataBuilder(store, zone, entry.options)
        self._one_at_a_time = asyncio.Lock()
        """What was derived first is published first, or newer data would give way to older."""
        self.statistics = TrueTimeStatistics(
            hass,
            self.account_id,
            entry.title,
            entry.options.get(CONF_GLUCOSE_UNIT, MG_DL),
        )
        self._sweep = BackgroundJob(
            hass, entry, "look for late data", self._async_sweep
        )
        self._write = BackgroundJob(hass, entry, "write statistics", self._async_write)
        self._push = BackgroundJob(hass, entry, "send to Nightscout", self._async_push)
        self.backfill = Backfill(self)
        self._gap_filler = GapFiller(self)
        self._catch_up = BackgroundJob(
            hass, entry, "catch up", self._gap_filler.catch_up
        )
        self.issues = Issues(self)

    @property
    def account_id(self) -> str:
        """The account's id at Tandem, which every unique id begins with."""
        return self.config_entry.unique_id or self.config_entry.entry_id

    @property
    def pump_identifier(self) -> tuple[str, str]:
        """What names the pump's device, whichever pump is in use."""
        return DOMAIN, self.account_id

    @property
    def nightscout_identifier(self) -> tuple[str, str]:
        """What names the device of the Nightscout that the account is forwarded to."""
        return DOMAIN, f"{self.account_id}_nightscout"

    async def async_restore(self) -> bool:
        """Publish what was kept before Tandem has answered; tell whether there was anything."""
        if (kept := self.store.notes.get("pumper")) is None:
            return False
        try:
            self.data = await self._derived(read_pumper(kept))
        except TandemChanged:
            return False
        return True

    @callback
    def async_start(self) -> None:
        """Keep polling with or without entities, and judge every minute what got stale."""
        entry = self.config_entry
        entry.async_on_unload(
            partial(async_clear_unless_ignored, self.hass, entry.entry_id)
        )
        entry.async_on_unload(self.async_add_listener(self._follow_up))
        entry.async_on_unload(
            async_track_time_interval(self.hass, self._rejudge, REJUDGE_EVERY)
        )
        entry.async_on_unload(async_at_started(self.hass, self._tell_news))
        self._follow_up()

    @override
    def _async_refresh_finished(self) -> None:
        """Follow up on kept data as soon as Tandem has confirmed it."""
        if self._listeners and self.last_update_success:
            self._follow_up()

    @callback
    def _tell_news(self, hass: HomeAssistant) -> None:
        """Let entities tell what came before they were there, or before automations listened."""
        self.async_update_listeners()

    @callback
    def _rejudge(self, now: datetime) -> None:
        self.async_update_listeners()
        if self.forwarding and self.forwarding.is_due:
            self._push.request()
        self._catch_up_if_due()

    @callback
    def _follow_up(self) -> None:
        """Pass new data on, and look for late data once a day while Tandem is there."""
        if self._complete:
            if self.last_update_success and self.reader.sweep_is_due(self.data.pumper):
                self._sweep.request()
            if self.data is not self._followed:
                self._followed = self.data
                async_update_pump_device(self)
                self._write.request()
                self._push.request()
            self._catch_up_if_due()
        self.issues.judge()

    @callback
    def _catch_up_if_due(self) -> None:
        if self._complete and self._gap_filler.is_due:
            self._catch_up.request()

    async def async_sync(self) -> None:
        """Read what is new and bring Nightscout in step, now.

        Raises HomeAssistantError when either fails.
        """
        await self.async_refresh()
        if not self.last_update_success:
            raise failure(self.last_exception) from self.last_exception
        if self.forwarding is None:
            return
        await self._push.finish()
        if refused := self.forwarding.status.trouble:
            raise failure(refused) from refused

    async def _async_sweep(self) -> None:
        """Publish what came late in the last weeks."""
        try:
            changed = await self.reader.sweep(self.data.pumper)
        except TandemError as trouble:
            LOGGER.debug("Late data is looked for again later: %s", trouble)
            return
        if changed:
            self.settled = False
            async with self._one_at_a_time:
                data = await self._derived_anew(self.data.pumper, changed)
                self.async_set_updated_data(data)

    async def _async_push(self) -> None:
        """Bring Nightscout in step."""
        if self.forwarding is None:
            return
        data = self.data
        await self.forwarding.push(
            told(data.pumper, data.histories), data.pump, data.whole_after
        )
        self.async_update_listeners()

    async def _async_write(self) -> None:
        """Write the hours that changed at the times in which things happened."""
        data, changed_from = self.data, self._changed_from
        earlier = changed_from if changed_from == date.min else changed_from - LATE_DATA
        histories = data.histories.values()
        first = whole_from(histories, max(data.whole_after, earlier))
        if first is None:
            return
        self._changed_from = date.max
        written = False
        try:
            found = await self.store.run(hours, histories, first)
            written = await self.statistics.async_write(found, first)
        finally:
            if not written:
                self._changed_from = min(self._changed_from, changed_from)

    @override
    async def _async_update_data(self) -> PumpData:
        """Ask for the pumps, and for the log of each that has uploaded since."""
        try:
            return await self._read()
        except SignInRefused as refused:
            raise ConfigEntryAuthFailed(
                translation_domain=DOMAIN, translation_key=key_of(refused)
            ) from refused
        except TandemError as trouble:
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key=key_of(trouble),
                translation_placeholders={"reason": str(trouble)},
                retry_after=trouble.retry_after,
            ) from trouble
        except (WriteError, OSError) as trouble:
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key="cannot_keep",
                translation_placeholders={"reason": str(trouble)},
            ) from trouble
        except HomeAssistantError as refused:
            raise UpdateFailed(
                translation_domain=refused.translation_domain,
                translation_key=refused.translation_key,
            ) from refused

    async def _read(self) -> PumpData:
        """Read what is new, and derive everything anew where something is."""
        pumper, changed = await self.reader.poll()
        self._complete = True
        self.settled = (
            self.data is not None and not changed and pumper == self.data.pumper
        )
        if self.settled:
            return self.data
        async with self._one_at_a_time:
            return await self._derived_anew(pumper, changed or date.max)

    async def _derived_anew(self, pumper: Pumper, changed: date) -> PumpData:
        """Derive after something came; what it changed is owed to the statistics from now on."""
        try:
            data = await self._derived(pumper)
            await self.store.async_save_notes()
            return data
        finally:
            self._changed_from = min(self._changed_from, changed)

    async def _derived(self, pumper: Pumper) -> PumpData:
        """Derive everything from what is kept, and learn the news."""
        data = await self._pump_data.derive(pumper, self.reader.in_use(pumper))
        self.news.learn(data.histories)
        return data
