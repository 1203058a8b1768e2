"""Background work: one run at a time, and one more if requested meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from .const import LOGGER
from .error_texts import as_action_error


class BackgroundJob:
    """Work in a background task of a config entry, cancelled when the entry is unloaded."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        name: str,
        work: Callable[[], Awaitable[object]],
    ) -> None:
        """Take the work, and its name for the logs."""
        self._hass = hass
        self._entry = entry
        self._name = name
        self._work = work
        self._task: asyncio.Task[None] | None = None
        self._is_requested = False
        self._error: Exception | None = None
        self._logged: set[type[Exception]] = set()
        """The types of errors that were logged since the last success."""

    @callback
    def request(self) -> None:
        """Run the work now, or once more after the current run."""
        self._is_requested = True
        if self._task is None or self._task.done():
            self._task = self._entry.async_create_background_task(
                self._hass, self._run(), self._name, eager_start=False
            )

    async def run_and_wait(self) -> None:
        """Run the work now and wait for it; raise HomeAssistantError if it fails."""
        self.request()
        if task := self._task:
            await asyncio.wait([task])
            if task.cancelled():
                raise as_action_error(None)
        if self._error:
            raise as_action_error(self._error) from self._error

    async def _run(self) -> None:
        try:
            while self._is_requested:
                self._is_requested = False
                self._error = await self._attempt()
        finally:
            self._task = None

    async def _attempt(self) -> Exception | None:
        """Do the work once and return its error; each type of error is logged once until the work succeeds."""
        try:
            await self._work()
        except (HomeAssistantError, OSError) as error:
            if type(error) not in self._logged:
                LOGGER.error("Could not %s: %s", self._name, error)
            self._logged.add(type(error))
            return error
        except Exception as error:  # noqa: BLE001 - logged in full, and the work stays usable
            if type(error) not in self._logged:
                LOGGER.exception(
                    "Could not %s because of an unexpected error", self._name
                )
            self._logged.add(type(error))
            return error
        if self._logged:
            LOGGER.info("Can %s again", self._name)
            self._logged.clear()
        return None
