"""Runs of one automation, one after another: in mode "single" Home Assistant drops triggers during a run."""

import asyncio
from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakValueDictionary

from custom_components.tconnectsync.const import DOMAIN, LOGGER
from homeassistant.const import ATTR_MODE
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.script import ATTR_CUR, ATTR_MAX, SCRIPT_MODE_PARALLEL
from homeassistant.helpers.trigger import TriggerAction
from homeassistant.util.hass_dict import HassKey

from .finding import Finding

WAIT_AT_MOST = timedelta(seconds=12)
"""How long the next run waits for one to end: longer than the ten seconds for which Home Assistant tries to reach a phone."""

type Start = Callable[[], asyncio.Task[Any] | None]


@dataclass(frozen=True, slots=True)
class WaitingRun:
    """A run that waits for its turn."""

    trigger: object
    finding: Finding
    start: Start

    @property
    def order(self) -> tuple[datetime, bool]:
        """When it happened; of one second, the end of something comes last."""
        return self.finding.happened, self.finding.is_end


class Runs:
    """Starts the runs of one automation for all its triggers, in the order in which the findings happened.

    They start one after another, except in mode "parallel".
    """

    def __init__(self, hass: HomeAssistant, action: TriggerAction) -> None:
        """Take the action of an automation; async_runs returns the runs of an action."""
        self._hass = hass
        entity = getattr(action, "__self__", None)
        self.automation = entity.entity_id if isinstance(entity, Entity) else None
        """The entity id of the automation; None for the actions of anything else, as of a wait in a script."""
        self._waiting: list[WaitingRun] = []
        self._task: asyncio.Task[None] | None = None

    @callback
    def add(self, trigger: object, finding: Finding, start: Start) -> None:
        """Start a run in its turn, at the earliest after all triggers were checked; `start` may return None."""
        run = WaitingRun(trigger, finding, start)
        insort(self._waiting, run, key=lambda waiting: waiting.order)
        if self._task is None:
            self._task = self._hass.async_create_background_task(
                self._run(), "run automations one after another", eager_start=False
            )

    @callback
    def stop(self, trigger: object) -> None:
        """Drop the waiting runs of a trigger; the current one continues."""
        self._waiting = [run for run in self._waiting if run.trigger is not trigger]
        if self._task and not self._waiting:
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        while self._waiting:
            task = self._start_next()
            if task and not self._may_run_beside_others():
                await asyncio.wait([task], timeout=WAIT_AT_MOST.total_seconds())
        self._task = None

    def _start_next(self) -> asyncio.Task[Any] | None:
        try:
            return self._waiting.pop(0).start()
        except Exception:  # noqa: BLE001 - logged in full; a template of the automation may fail for one finding only
            LOGGER.exception("Could not start an automation")
            return None

    def _may_run_beside_others(self) -> bool:
        """Return whether the automation takes one more run now: in mode "parallel", up to its `max`."""
        state = self._hass.states.get(self.automation) if self.automation else None
        if state is None or state.attributes.get(ATTR_MODE) != SCRIPT_MODE_PARALLEL:
            return False
        current, most = state.attributes.get(ATTR_CUR), state.attributes.get(ATTR_MAX)
        return current is not None and most is not None and current < most


DATA_RUNS: HassKey[WeakValueDictionary[TriggerAction, Runs]] = HassKey(
    f"{DOMAIN}_automations"
)


@callback
def async_runs(hass: HomeAssistant, action: TriggerAction) -> Runs:
    """Return the runs of an action, which all triggers of one automation share."""
    runs = hass.data.setdefault(DATA_RUNS, WeakValueDictionary())
    return runs.setdefault(action, Runs(hass, action))
