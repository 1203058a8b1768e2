"""Runs of one automation, one after another: in mode "single" Home Assistant drops triggers during a run."""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from weakref import WeakValueDictionary

from custom_components.tconnectsync.const import DOMAIN, LOGGER
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.trigger import TriggerAction
from homeassistant.util.hass_dict import HassKey

WAIT_AT_MOST = timedelta(seconds=12)
"""How long the next run waits for one to end: longer than the ten seconds for which Home Assistant tries to reach a phone."""

type Start = Callable[[], asyncio.Task[Any] | None]

DATA_LOCKS: HassKey[WeakValueDictionary[TriggerAction, asyncio.Lock]] = HassKey(
    f"{DOMAIN}_automations"
)


class Runs:
    """Starts the runs of one trigger one after another, taking turns with the other triggers of its automation."""

    def __init__(self, hass: HomeAssistant, action: TriggerAction) -> None:
        """Take turns with all triggers that have the same action, which is the automation's."""
        self._hass = hass
        locks = hass.data.setdefault(DATA_LOCKS, WeakValueDictionary())
        self._lock = locks.setdefault(action, asyncio.Lock())
        self._waiting: deque[Start] = deque()
        self._task: asyncio.Task[None] | None = None

    @callback
    def add(self, start: Start) -> None:
        """Start a run in its turn, at the earliest after all triggers were checked; `start` may return None."""
        self._waiting.append(start)
        if self._task is None:
            self._task = self._hass.async_create_background_task(
                self._run(), "run automations one after another", eager_start=False
            )

    @callback
    def stop(self) -> None:
        """Drop the waiting runs; the current one continues."""
        self._waiting.clear()
        if self._task:
            self._task.cancel()

    async def _run(self) -> None:
        try:
            while self._waiting:
                async with self._lock:
                    await self._start_next()
        finally:
            self._task = None

    async def _start_next(self) -> None:
        try:
            run = self._waiting.popleft()()
        except Exception:  # noqa: BLE001 - logged in full; a template of the automation may fail for one finding only
            LOGGER.exception("Could not start an automation")
            return
        if run:
            await asyncio.wait([run], timeout=WAIT_AT_MOST.total_seconds())
