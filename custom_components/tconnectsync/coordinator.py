"""Reads one account, keeps what comes, derives what happened and publishes it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import override
from zoneinfo import ZoneInfo

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed, HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util import dt as dt_util
from homeassistant.util.file import WriteError

from .backfill import Backfill
from .const import (
    CONF_GLUCOSE_UNIT,
    CONF_HIGH_LIMIT,
    CONF_LOW_LIMIT,
    CONF_NUMBER,
    DEFAULT_HIGH_LIMIT,
    DEFAULT_LOW_LIMIT,
    DOMAIN,
    LOGGER,
    POLL_EVERY,
    numbered,
)
from .failures import failure, key_of
from .following import FollowUp
from .forwarding import Forwarding
from .issues import Issues, async_clear_issues
from .news import News
from .nightscout.document import PumpIdentity
from .owed import Owed
from .pump_store import raw_event
from .reading import LATE_DATA, AccountReader
from .statistics import MG_DL, TrueTimeStatistics
from .store import AccountStore
from .tandem import Pump, Pumper, SignInRefused, TandemChanged, TandemError
from .tandem.decode import decode_events
from .tandem.events import DateChanged, TimeChanged
from .tandem.models import read_pumper
from .therapy.clock_check import LogEnd, log_end
from .therapy.figures import Figures, figures
from .therapy.history import History, derive
from .therapy.hours import hours, whole_from
from .therapy.state import State, state
from .wanted import Told

UNKNOWN_PUMP = "Tandem pump"
MANUFACTURER = "Tandem Diabetes Care"
REJUDGE_EVERY = timedelta(minutes=1)

type TconnectsyncConfigEntry = ConfigEntry[TconnectsyncCoordinator]


@dataclass(frozen=True, slots=True, kw_only=True)
class PumpData:
    """What is known of an account; history, state and figures are those of the pump in use."""

    pumper: Pumper
    pump: Pump | None
    last_upload: datetime | None
    log_end: LogEnd | None
    history: History
    state: State
    figures: Figures
    histories: Mapping[str, History]
    """Of every pump that is read, by serial number; of those not in use once they are read whole."""
    whole_after: date
    """Pump day after which the records of every pump are whole."""


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
        forwarding: Forwarding | None,
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
        self._deriving = asyncio.Lock()
        """What was derived first is published first, or newer data would give way to older."""
        self.statistics = TrueTimeStatistics(
            hass,
            self.account_id,
            entry.title,
            entry.options.get(CONF_GLUCOSE_UNIT, MG_DL),
        )
        self._sweep = FollowUp(hass, entry, "look for late data", self._async_sweep)
        self._write = FollowUp(hass, entry, "write statistics", self._async_write)
        self._push = FollowUp(hass, entry, "send to Nightscout", self._async_push)
        self.backfill = Backfill(self)
        self._owed = Owed(self)
        self._catch_up = FollowUp(hass, entry, "catch up", self._owed.catch_up)
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

    @callback
    def update_nightscout_device(self) -> None:
        """Show the site behind the pump, or take it away where it is no longer forwarded to."""
        devices, entry = dr.async_get(self.hass), self.config_entry
        if self.forwarding:
            devices.async_get_or_create(
                config_entry_id=entry.entry_id,
                configuration_url=self.forwarding.address,
                entry_type=dr.DeviceEntryType.SERVICE,
                identifiers={self.nightscout_identifier},
                name=numbered("Nightscout", entry.data.get(CONF_NUMBER, 1)),
                via_device_id=dr.async_get_device_id_by_identifier(
                    self.hass, self.pump_identifier, config_entry_id=entry.entry_id
                ),
            )
        elif device := devices.async_get_device_by_identifier(
            self.nightscout_identifier, entry.entry_id
        ):
            devices.async_remove_device(device.id)

    @callback
    def update_device(self) -> None:
        """Show the pump in use: its model, serial number and version."""
        pump = self.data.pump
        number = self.config_entry.data.get(CONF_NUMBER, 1)
        dr.async_get(self.hass).async_get_or_create(
            config_entry_id=self.config_entry.entry_id,
            identifiers={self.pump_identifier},
            manufacturer=MANUFACTURER,
            name=numbered(pump.model if pump else UNKNOWN_PUMP, number),
            model=pump.model if pump else None,
            model_id=pump.model_number if pump else None,
            serial_number=pump.serial_number if pump else None,
            sw_version=pump.software_version if pump else None,
        )

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
        entry.async_on_unload(partial(async_clear_issues, self.hass, entry.entry_id))
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
                self.update_device()
                self._write.request()
                self._push.request()
            self._catch_up_if_due()
        self.issues.judge()

    @callback
    def _catch_up_if_due(self) -> None:
        if self._complete and self._owed.is_due:
            self._catch_up.request()

    async def async_sync(self) -> None:
        """Read what is new and bring Nightscout in step, now.

        Raises HomeAssistantError when either fails.
        """
        await self.async_refresh()
        trouble = self.last_exception
        if not self.last_update_success and isinstance(trouble, HomeAssistantError):
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key=trouble.translation_key,
                translation_placeholders=trouble.translation_placeholders,
            ) from trouble
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
            async with self._deriving:
                data = await self._derived_anew(self.data.pumper, changed)
                self.async_set_updated_data(data)

    async def _async_push(self) -> None:
        """Bring Nightscout in step."""
        if self.forwarding is None:
            return
        data = self.data
        await self.forwarding.push(
            self.told(data.histories), data.pump, data.whole_after
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

    async def _read(self) -> PumpData:
        """Read what is new, and derive everything anew where something is."""
        pumper, changed = await self.reader.poll()
        self._complete = True
        self.settled = (
            self.data is not None and not changed and pumper == self.data.pumper
        )
        if self.settled:
            return self.data
        async with self._deriving:
            return await self._derived_anew(pumper, changed or date.max)

    def told(self, histories: Mapping[str, History]) -> Told:
        """Return what happened by the pump that told it."""
        models = {pump.serial_number: pump.model for pump in self.data.pumper.pumps}
        return {
            PumpIdentity(
                serial_number=serial_number, model=models.get(serial_number, "")
            ): history
            for serial_number, history in histories.items()
        }

    def whole_after(self) -> date:
        """Return the pump day after which the records of every pump are whole."""
        return self.data.whole_after

    def _whole_after(self, in_use: Pump | None) -> date:
        """Return the same of what is kept at this moment, pumps that are left out excepted."""
        left_out = self._left_out(in_use)
        return max(
            (
                date.max
                if "reading_from" in notes
                else date.fromisoformat(notes["read_from"])
                for serial_number, notes in self.store.notes.get("pumps", {}).items()
                if serial_number not in left_out
                and notes.keys() & {"read_from", "reading_from"}
            ),
            default=date.max,
        )

    def _left_out(self, in_use: Pump | None) -> set[str]:
        """Return the pumps not in use whose log has not been read to its end; it may never be."""
        return {
            serial_number
            for serial_number, notes in self.store.notes.get("pumps", {}).items()
            if "reading_from" in notes
            and not (in_use and in_use.serial_number == serial_number)
        }

    def glucose_limits(self, pumper: Pumper) -> tuple[float, float]:
        """Return the low and the high limit (mg/dL): those chosen, else the account's."""
        options = self.config_entry.options
        return (
            options.get(CONF_LOW_LIMIT, pumper.low_glucose or DEFAULT_LOW_LIMIT),
            options.get(CONF_HIGH_LIMIT, pumper.high_glucose or DEFAULT_HIGH_LIMIT),
        )

    async def _derived_anew(self, pumper: Pumper, changed: date) -> PumpData:
        """Derive after something came; what it changed is owed to the statistics from now on."""
        try:
            data = await self._derived(pumper)
            await self.store.async_save_notes()
            return data
        finally:
            self._changed_from = min(self._changed_from, changed)

    async def _derived(self, pumper: Pumper) -> PumpData:
        """Derive everything from what is kept, outside the event loop, and learn the news."""
        in_use = self.reader.in_use(pumper)
        left_out, whole_after = self._left_out(in_use), self._whole_after(in_use)
        histories = await self.store.run(self._histories)
        left_out |= self._left_out(in_use)
        whole_after = max(whole_after, self._whole_after(in_use))
        for serial_number in left_out:
            histories.pop(serial_number, None)
        self.news.learn(histories)
        history = histories.get(in_use.serial_number) if in_use else None
        history = history or History()
        return PumpData(
            pumper=pumper,
            pump=in_use,
            last_upload=self.store.last_upload(in_use.serial_number)
            if in_use
            else None,
            log_end=await self.store.run(self._log_end, in_use) if in_use else None,
            history=history,
            state=await self.store.run(state, history),
            figures=await self.store.run(self._figures, history, pumper, in_use),
            histories=histories,
            whole_after=whole_after,
        )

    def _histories(self) -> dict[str, History]:
        return {
            serial_number: derive(
                pump.events(),
                self._clock_changes(serial_number),
                self.zone,
                self.store.last_upload(serial_number),
            )
            for serial_number, pump in list(self.store.pumps.items())
        }

    def _log_end(self, pump: Pump) -> LogEnd | None:
        kept = self.store.pumps.get(pump.serial_number)
        changes = self._clock_changes(pump.serial_number)
        return log_end(kept.events(), changes, self.zone) if kept else None

    def _figures(self, history: History, pumper: Pumper, pump: Pump | None) -> Figures:
        profile = pump.settings.active_profile if pump and pump.settings else None
        return figures(
            history,
            dt_util.get_default_time_zone(),
            *self.glucose_limits(pumper),
            profile.insulin_duration if profile else None,
        )

    def _clock_changes(self, serial_number: str) -> list[TimeChanged | DateChanged]:
        rows = self.store.pump_notes(serial_number).get("clock_changes", [])
        return [
            event
            for event in decode_events(map(raw_event, rows)).events
            if isinstance(event, TimeChanged | DateChanged)
        ]
