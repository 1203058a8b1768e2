"""Work that follows new data: one run at a time, and once more when asked meanwhile."""

from collections.abc import Awaitable, Callable

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from .const import LOGGER


class FollowUp:
    """A piece of work in a background task of the entry, which ends with the entry."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        name: str,
        work: Callable[[], Awaitable[None]],
    ) -> None:
        """Name the work for the logs."""
        self._hass = hass
        self._entry = entry
        self._name = name
        self._work = work
        self._running = False
        self._wanted = False

    @callback
    def request(self) -> None:
        """Run the work now, or again as soon as it is through."""
        self._wanted = True
        if not self._running:
            self._running = True
            self._entry.async_create_background_task(
                self._hass, self._run(), self._name
            )

    async def _run(self) -> None:
        try:
            while self._wanted:
                self._wanted = False
                try:
                    await self._work()
                except (HomeAssistantError, OSError) as trouble:
                    LOGGER.error("Could not %s: %s", self._name, trouble)
        finally:
            self._running = False
