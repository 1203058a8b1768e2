"""The coordinator: polls one account, derives what happened and publishes it."""

import asyncio
from datetime import date, timedelta
from typing import override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import (
    ConfigEntryAuthFailed,
    ConfigEntryNotReady,
    HomeAssistantError,
)
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util.file import WriteError

from .const import DOMAIN, LOGGER
from .error_texts import UNEXPECTED, as_action_error, translation_key_for
from .occurrences import Occurrences
from .read.account_reader import AccountReader
from .read.pump_data import PumpData, PumpDataBuilder
from .storage.account_store import AccountStore
from .tandem import Pumper, SignInRefused, TandemChanged, TandemError
from .tandem.pumper import read_pumper

POLL_EVERY = timedelta(minutes=5)


class TconnectsyncCoordinator(DataUpdateCoordinator[PumpData]):
    """Polls one account and publishes its data."""

    config_entry: ConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        *,
        reader: AccountReader,
        builder: PumpDataBuilder,
        occurrences: Occurrences,
        store: AccountStore,
    ) -> None:
        """Take the reader of an account, and the builder that derives data from its store."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name="Tandem Source",
            update_interval=POLL_EVERY,
        )
        self._reader = reader
        self._builder = builder
        self._occurrences = occurrences
        self._store = store
        self._one_at_a_time = asyncio.Lock()
        """Publish in the order of deriving, or older data could replace newer."""
        self._changed_from = date.min
        self._syncing: asyncio.Task[None] | None = None
        self.has_read_everything = False
        """Whether the log was read to its end since the start."""
        self.confirmed = False
        """Whether Tandem has confirmed that nothing was uploaded since the log was read."""
        self._is_derived = False
        """Whether the last published data covers everything stored."""

    @property
    def is_missing_newest_event(self) -> bool:
        """Whether Tandem reports a newer event of the pump in use than any it has returned."""
        pump = self.data.pump
        return pump is not None and self._reader.is_missing_newest_event(pump)

    async def async_restore(self) -> bool:
        """Publish the stored data before the first poll; return whether there is any."""
        if (answer := self._store.state.pumper.answer) is None:
            return False
        try:
            pumper = read_pumper(answer)
        except TandemChanged:
            return False
        self._store.state.reading.note_models(pumper.pumps)
        try:
            self.data = await self._derive(pumper)
        except HomeAssistantError, OSError:
            raise
        except Exception:  # noqa: BLE001 - logged in full, and alarms are published
            LOGGER.exception("Only the alarms of the stored data are shown")
        return self.data is not None

    async def async_publish_late_data(self, changed_from: date) -> None:
        """Derive and publish everything again after late data of a pump day was stored.

        This changes neither the result of the last poll nor the time of the next one.
        """
        self.confirmed = False
        async with self._one_at_a_time:
            self.data = await self._derive_and_save(self.data.pumper, changed_from)
            self.async_update_listeners()

    async def async_sync(self) -> None:
        """Poll Tandem now; calls during a poll wait for that one.

        Raises HomeAssistantError if it fails.
        """
        if self._syncing is None or self._syncing.done():
            self._reader.try_again()
            self._syncing = self.config_entry.async_create_background_task(
                self.hass, self.async_refresh(), "ask Tandem now"
            )
        syncing = self._syncing
        try:
            await asyncio.shield(syncing)
        except asyncio.CancelledError:
            if syncing.cancelled():
                raise as_action_error(None) from None
            raise
        if not self.last_update_success:
            raise as_action_error(self.last_exception) from self.last_exception

    def pop_changed_from(self) -> date:
        """Return the earliest pump day that changed since the last call, date.max if none did."""
        changed_from, self._changed_from = self._changed_from, date.max
        return changed_from

    def note_changed_from(self, day: date) -> None:
        """Note a pump day and all later ones as changed."""
        self._changed_from = min(self._changed_from, day)

    @override
    async def async_config_entry_first_refresh(self) -> None:
        """Poll for the first time, and give the reason of a failure, which Home Assistant before 2026.9 leaves out."""
        try:
            await super().async_config_entry_first_refresh()
        except ConfigEntryNotReady as error:
            reason = as_action_error(self.last_exception)
            raise ConfigEntryNotReady(
                translation_domain=reason.translation_domain,
                translation_key=reason.translation_key,
                translation_placeholders=reason.translation_placeholders,
            ) from error

    @override
    async def _async_update_data(self) -> PumpData:
        """Read the pumps of the account, and the log of each that has uploaded since the last poll."""
        try:
            return await self._poll()
        except SignInRefused as error:
            raise ConfigEntryAuthFailed(
                translation_domain=DOMAIN, translation_key=translation_key_for(error)
            ) from error
        except TandemError as error:
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key=translation_key_for(error),
                translation_placeholders={"reason": str(error)},
                retry_after=error.retry_after,
            ) from error
        except (HomeAssistantError, OSError) as error:
            reason = as_action_error(error)
            if reason.translation_key == UNEXPECTED:
                raise  # logged in full by Home Assistant
            raise UpdateFailed(
                translation_domain=reason.translation_domain,
                translation_key=reason.translation_key,
                translation_placeholders=reason.translation_placeholders,
            ) from error

    async def _poll(self) -> PumpData:
        """Read new events, and derive everything again if there are any."""
        try:
            pumper, changed_from = await self._reader.poll()
        except TandemError:
            if self.data is not None and self._reader.has_changes:
                async with self._one_at_a_time:
                    await self._publish_alarms(self.data.pumper)
            raise
        self.has_read_everything = True
        self.confirmed = (
            self._is_derived and not changed_from and pumper == self.data.pumper
        )
        if self.confirmed:
            return self.data
        async with self._one_at_a_time:
            return await self._derive_and_save(pumper, changed_from or date.max)

    async def _derive_and_save(self, pumper: Pumper, changed_from: date) -> PumpData:
        """Derive after new events and save them; the changed days count as changed even if that fails.

        Data that cannot be saved is published before the error is raised: it may contain an alarm.
        """
        try:
            data = await self._derive(pumper)
            try:
                await self._save()
            except WriteError, OSError:
                self.data = data
                self.async_update_listeners()
                raise
            return data
        finally:
            self.note_changed_from(changed_from)

    async def _save(self) -> None:
        """Save everything that was read; raise WriteError or OSError if that fails."""
        await self._store.async_save()
        if reason := self._reader.unwritten:
            raise WriteError(reason)

    async def _derive(self, pumper: Pumper) -> PumpData:
        """Derive everything from the stored events, and find the occurrences that are still to be fired."""
        in_use = self._reader.in_use(pumper)
        try:
            unread = self._reader.not_read_to_the_end(pumper)
            data = await self._builder.derive(pumper, in_use, unread)
        except HomeAssistantError, OSError:
            raise
        except Exception:
            await self._publish_alarms(pumper)
            raise
        self._occurrences.update(data.histories)
        self._is_derived = True
        return data

    async def _publish_alarms(self, pumper: Pumper) -> None:
        """Publish alarms even if the rest cannot be read or derived, so that nobody misses one."""
        in_use = self._reader.in_use(pumper)
        nothing = self._builder.nothing_known(pumper, in_use)
        last_data = nothing if self.data is None else self.data
        self._is_derived = False
        self.data, histories = await self._builder.alarms_only(last_data, in_use)
        self._occurrences.update(histories)
        self.async_update_listeners()
