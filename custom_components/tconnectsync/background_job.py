"""Work that follows new data: one run at a time, and once more when asked meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from .const import LOGGER
from .error_texts import failure


class BackgroundJob:
    """A piece of work in a background task of the entry, which ends with the entry."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        name: str,
        work: Callable[[], Awaitable[object]],
    ) -> None:
        """Name the work for the logs."""
        self._hass = hass
        self._entry = entry
        self._name = name
        self._work = work
        self._task: asyncio.Task[None] | None = None
        self._wanted = False
        self._error: Exception | None = None
        self._logged: set[type[Exception]] = set()
        """Which kinds of errors were logged since it last went well."""

    @callback
    def request(self) -> None:
        """Run the work now, or again as soon as it is through."""
        self._wanted = True
        if self._task is None or self._task.done():
            self._task = self._entry.async_create_background_task(
                self._hass, self._run(), self._name, eager_start=False
            )

    async def finish(self) -> None:
        """Run the work now, and wait until it is through; raise HomeAssistantError when it failed."""
        self.request()
        if task := self._task:
            await asyncio.wait([task])
            if task.cancelled():
                raise failure(None)
        if self._error:
            raise failure(self._error) from self._error

    async def _run(self) -> None:
        try:
            while self._wanted:
                self._wanted = False
                self._error = await self._attempt()
        finally:
            self._task = None

    async def _attempt(self) -> Exception | None:
        """Do the work once and return what went wrong; each kind is logged once until it works again."""
        try:
            await self._work()
        except (HomeAssistantError, OSError) as error:
            if type(error) not in self._logged:
                LOGGER.error("Could not %s: %s", self._name, error)
            self._logged.add(type(error))
            return error
        except Exception as error:  # noqa: BLE001 - logged in full, and the work stays usable
            if type(error) not in self._logged:
                LOGGER.exception("Could not %s, which nobody foresaw", self._name)
            self._logged.add(type(error))
            return error
        if self._logged:
            LOGGER.info("Can %s again", self._name)
            self._logged.clear()
        return None
