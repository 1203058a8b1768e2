"""Polls one account, derives what happened and publishes it."""

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
from .error_texts import UNEXPECTED, failure, key_of
from .occurrences import Occurrences
from .read.account_reader import AccountReader
from .read.pump_data import PumpData, PumpDataBuilder
from .storage.account_store import AccountStore
from .tandem import Pumper, SignInRefused, TandemChanged, TandemError
from .tandem.pumper import read_pumper

POLL_EVERY = timedelta(minutes=5)


class TconnectsyncCoordinator(DataUpdateCoordinator[PumpData]):
    """Publishes what is known of one account."""

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
        """Read with this reader, and derive from what it keeps in the store."""
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
        """What was derived first is published first, or newer data would give way to older."""
        self._changed_from = date.min
        self._syncing: asyncio.Task[None] | None = None
        self.has_read_everything = False
        """Whether the log was read to its end since the start."""
        self.confirmed = False
        """Whether Tandem has confirmed that nothing came since the log was read."""
        self._is_derived = False
        """Whether what was published last is all that what is kept tells."""

    @property
    def lacks_newest(self) -> bool:
        """Whether Tandem names a newer event of the pump in use than any that it has given."""
        pump = self.data.pump
        return pump is not None and self._reader.lacks_newest(pump)

    async def async_restore(self) -> bool:
        """Publish what was kept before Tandem has answered; return whether there was anything."""
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
            LOGGER.exception("Of what is kept only alarms are shown")
        return self.data is not None

    async def async_publish_late_data(self, changed_from: date) -> None:
        """Derive everything anew after something came for a pump day, and publish it."""
        self.confirmed = False
        async with self._one_at_a_time:
            data = await self._derive_anew(self.data.pumper, changed_from)
            self.async_set_updated_data(data)

    async def async_sync(self) -> None:
        """Ask Tandem now; all who want that while it is asked share the request.

        Raises HomeAssistantError when it fails.
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
                raise failure(None) from None
            raise
        if not self.last_update_success:
            raise failure(self.last_exception) from self.last_exception

    def pop_changed_from(self) -> date:
        """Return the earliest pump day that changed since this was last asked."""
        changed_from, self._changed_from = self._changed_from, date.max
        return changed_from

    def note_changed_from(self, day: date) -> None:
        """Have a pump day and all later ones taken as changed."""
        self._changed_from = min(self._changed_from, day)

    @override
    async def async_config_entry_first_refresh(self) -> None:
        """Ask for the first time, and say why that fails; Home Assistant before 2026.9 does not."""
        try:
            await super().async_config_entry_first_refresh()
        except ConfigEntryNotReady as error:
            reason = failure(self.last_exception)
            raise ConfigEntryNotReady(
                translation_domain=reason.translation_domain,
                translation_key=reason.translation_key,
                translation_placeholders=reason.translation_placeholders,
            ) from error

    @override
    async def _async_update_data(self) -> PumpData:
        """Ask for the pumps, and for the log of each that has uploaded since."""
        try:
            return await self._poll()
        except SignInRefused as error:
            raise ConfigEntryAuthFailed(
                translation_domain=DOMAIN, translation_key=key_of(error)
            ) from error
        except TandemError as error:
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key=key_of(error),
                translation_placeholders={"reason": str(error)},
                retry_after=error.retry_after,
            ) from error
        except (HomeAssistantError, OSError) as error:
            reason = failure(error)
            if reason.translation_key == UNEXPECTED:
                raise  # logged in full, or the log would not say what it was
            raise UpdateFailed(
                translation_domain=reason.translation_domain,
                translation_key=reason.translation_key,
                translation_placeholders=reason.translation_placeholders,
            ) from error

    async def _poll(self) -> PumpData:
        """Read what is new, and derive everything anew where something is."""
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
            return await self._derive_anew(pumper, changed_from or date.max)

    async def _derive_anew(self, pumper: Pumper, changed_from: date) -> PumpData:
        """Derive after something came; what it changed counts as changed even if that fails.

        What the disk does not take is published before that is raised: it may be an alarm.
        """
        try:
            data = await self._derive(pumper)
            try:
                await self._keep()
            except WriteError, OSError:
                self.data = data
                self.async_update_listeners()
                raise
            return data
        finally:
            self.note_changed_from(changed_from)

    async def _keep(self) -> None:
        """Have everything on disk that is held; raise WriteError or OSError where it is not."""
        await self._store.async_save()
        if reason := self._reader.unwritten:
            raise WriteError(reason)

    async def _derive(self, pumper: Pumper) -> PumpData:
        """Derive everything from what is kept, and learn the news."""
        in_use = self._reader.in_use(pumper)
        try:
            unread = self._reader.not_read_to_the_end(pumper)
            data = await self._builder.derive(pumper, in_use, unread)
        except HomeAssistantError, OSError:
            raise
        except Exception:
            await self._publish_alarms(pumper)
            raise
        self._occurrences.learn(data.histories)
        self._is_derived = True
        return data

    async def _publish_alarms(self, pumper: Pumper) -> None:
        """Publish the alarms though something else is not read or cannot be derived: nobody must miss one for that."""
        in_use = self._reader.in_use(pumper)
        nothing = self._builder.nothing_known(pumper, in_use)
        known = nothing if self.data is None else self.data
        self._is_derived = False
        self.data, histories = await self._builder.alarms_only(known, in_use)
        self._occurrences.learn(histories)
        self.async_update_listeners()
