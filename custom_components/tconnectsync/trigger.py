"""Triggers about the pump, for automations that are built in the user interface.

They check the same data as the entities, right after them. Each fires once for each occurrence,
because the fired ones are stored on disk.
"""

import asyncio
from functools import partial
from typing import Any, ClassVar, override

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import CALLBACK_TYPE, CoreState, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.target import TargetSelection
from homeassistant.helpers.trigger import (
    Trigger,
    TriggerAction,
    TriggerActionPayloadBuilder,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.util import dt as dt_util

from .automations import (
    alarms_and_boluses,
    delivery,
    glucose,
    missing_boluses,
    supplies,
    trigger_options,
    uploads,
)
from .automations.fire_once import Firing, Occasion, Rule
from .automations.one_run_at_a_time import Runs, async_runs
from .automations.targeted_accounts import TargetedAccount, async_targeted_accounts
from .const import SIGNAL_UPDATED
from .device import async_pump_device
from .runtime import TconnectsyncConfigEntry


class PumpTrigger(trigger_options.Validated, Trigger):
    """Fires once for each finding of its rule in the targeted accounts."""

    rule: ClassVar[Rule]
    _runs: Runs

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Take the options and the target from the configuration."""
        super().__init__(hass, config)
        self._key = config.key
        self._options: dict[str, Any] = config.options or {}
        self._target = TargetSelection(config.target or {})

    @override
    async def async_attach_action(
        self,
        action: TriggerAction,
        action_payload_builder: TriggerActionPayloadBuilder,
        *,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        """Take turns with the other triggers of the same automation."""
        self._runs = async_runs(self._hass, action)
        return await super().async_attach_action(
            action, action_payload_builder, did_not_trigger=did_not_trigger
        )

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        """Check the accounts now, then whenever one publishes data, and every minute."""
        hass, runs = self._hass, self._runs
        firing = Firing(
            *(hass, self._key, self.rule, self._options),
            now=dt_util.utcnow(),
            automation=runs.automation,
        )

        @callback
        def judge(entry_id: str | None = None) -> None:
            if hass.state is not CoreState.running:
                return
            for account in async_targeted_accounts(hass, self._target, entry_id):
                occasions, changed = firing.due(account)
                for occasion in occasions:
                    run = partial(start, account.entry, occasion)
                    runs.add(firing, occasion.finding, run)
                if changed:
                    save(account.entry)

        @callback
        def start(
            entry: TconnectsyncConfigEntry, occasion: Occasion
        ) -> asyncio.Task[Any] | None:
            """Run the automation and note that; put the occasion back while the account is not loaded."""
            if not _is_running(hass, entry):
                firing.put_back(entry, occasion)
                return None
            account = TargetedAccount(entry, dt_util.utcnow())
            firing.note_started(account, occasion)
            save(entry)
            device = async_pump_device(hass, entry)
            name = device.name_by_user or device.name if device else None
            return run_action(
                {
                    "device_id": device.id if device else None,
                    "name": name,
                    **occasion.finding.variables(account.now),
                },
                f"{self._key} of {name}",
            )

        @callback
        def save(entry: TconnectsyncConfigEntry) -> None:
            entry.async_create_task(
                hass,
                entry.runtime_data.store.async_save_if_possible(),
                "note what was fired",
            )

        @callback
        def judge_all(hass: HomeAssistant) -> None:
            judge()

        stop_listening = async_dispatcher_connect(hass, SIGNAL_UPDATED, judge)
        stop_waiting = async_at_started(hass, judge_all)

        @callback
        def stop() -> None:
            stop_listening()
            stop_waiting()
            runs.stop(firing)
            firing.stop(dt_util.utcnow())
            if hass.state is not CoreState.running:
                return
            for account in async_targeted_accounts(hass, self._target):
                if firing.store_fired(account):
                    save(account.entry)

        return stop


def _is_running(hass: HomeAssistant, entry: TconnectsyncConfigEntry) -> bool:
    """Return whether Home Assistant runs automations, and the account is loaded."""
    loaded = entry.state is ConfigEntryState.LOADED
    return loaded and hass.state is CoreState.running


def _trigger(rule: Rule, *option_schemas: trigger_options.Schema) -> type[Trigger]:
    """Return the class of a trigger with a rule and these options."""
    schema = trigger_options.complete(*option_schemas)
    return type("PumpTrigger", (PumpTrigger,), {"rule": rule, "schema": schema})


TRIGGERS: dict[str, type[Trigger]] = {
    "alarm_raised": _trigger(
        Rule(find=alarms_and_boluses.alarms_raised, is_occurrence=True),
        trigger_options.kinds(trigger_options.ALARM_SLUGS),
        trigger_options.NOT_OLDER_THAN,
    ),
    "alarm_over": _trigger(
        Rule(find=alarms_and_boluses.alarms_over, is_occurrence=True),
        trigger_options.kinds(trigger_options.ALARM_SLUGS),
    ),
    "alert_raised": _trigger(
        Rule(find=alarms_and_boluses.alerts_raised, is_occurrence=True),
        trigger_options.kinds(trigger_options.ALERT_SLUGS),
        trigger_options.NOT_OLDER_THAN,
    ),
    "bolus_given": _trigger(
        Rule(find=alarms_and_boluses.boluses_given, is_occurrence=True),
        trigger_options.kinds(trigger_options.BOLUS_KINDS),
        trigger_options.AT_LEAST,
        trigger_options.NOT_OLDER_THAN,
    ),
    "no_bolus": _trigger(
        Rule(find=missing_boluses.no_bolus),
        trigger_options.FOR_REQUIRED,
        trigger_options.kinds(trigger_options.BOLUS_KINDS),
        trigger_options.AT_LEAST,
    ),
    "no_bolus_by": _trigger(
        Rule(find=missing_boluses.no_bolus_by, is_occurrence=True),
        trigger_options.SINCE_AND_BY,
        trigger_options.kinds(trigger_options.BOLUS_KINDS),
        trigger_options.AT_LEAST,
    ),
    "delivery_suspended": _trigger(Rule(find=delivery.suspended), trigger_options.FOR),
    "delivery_resumed": _trigger(
        Rule(find=delivery.resumed, is_occurrence=True), trigger_options.FOR
    ),
    "glucose_below": _trigger(
        Rule(find=glucose.below),
        trigger_options.GLUCOSE_LIMIT,
        trigger_options.NOT_OLDER_THAN,
    ),
    "glucose_above": _trigger(
        Rule(find=glucose.above),
        trigger_options.GLUCOSE_LIMIT,
        trigger_options.NOT_OLDER_THAN,
    ),
    "reservoir_below": _trigger(
        Rule(find=supplies.reservoir_below), trigger_options.RESERVOIR_LIMIT
    ),
    "site_due": _trigger(
        Rule(find=supplies.site_due), trigger_options.LASTS, trigger_options.DUE_IN
    ),
    "cartridge_due": _trigger(
        Rule(find=supplies.cartridge_due), trigger_options.LASTS, trigger_options.DUE_IN
    ),
    "sensor_due": _trigger(Rule(find=supplies.sensor_due), trigger_options.DUE_IN),
    "uploads_stopped": _trigger(
        Rule(find=uploads.stopped, find_end=uploads.back),
        trigger_options.FOR_UNLESS_STALE,
    ),
    "uploads_back": _trigger(
        Rule(find=uploads.stopped, find_end=uploads.back, fires_at_end=True),
        trigger_options.FOR_UNLESS_STALE,
    ),
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers of the integration."""
    return TRIGGERS
