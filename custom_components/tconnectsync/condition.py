"""Conditions about the state of a pump, as far as it is known."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar, Unpack, override

from homeassistant.core import HomeAssistant
from homeassistant.helpers.condition import (
    Condition,
    ConditionCheckParams,
    ConditionConfig,
)
from homeassistant.helpers.target import TargetSelection

from .automations import trigger_options
from .automations.delivery import suspended
from .automations.finding import Options
from .automations.targeted_accounts import TargetedAccount, async_targeted_accounts
from .tandem.enums import ALARM_KINDS, ControlMode


class PumpCondition(trigger_options.Validated, Condition):
    """A condition that has to hold in any of the targeted accounts, or in all of them."""

    holds: ClassVar[Callable[[TargetedAccount, Options], bool]]
    in_all: ClassVar[bool]

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Take the options and the target from the configuration."""
        super().__init__(hass, config)
        self._options: dict[str, Any] = config.options or {}
        self._target = TargetSelection(config.target or {})

    @override
    def _async_check(self, **kwargs: Unpack[ConditionCheckParams]) -> bool:
        """Return whether the condition holds; it does not where no targeted account is loaded."""
        results = [
            type(self).holds(account, self._options)
            for account in async_targeted_accounts(self._hass, self._target)
        ]
        return bool(results) and (all if self.in_all else any)(results)


def _alarm_raised(account: TargetedAccount, options: Options) -> bool:
    kinds = options.get(trigger_options.CONF_KINDS)
    return any(
        not kinds or alarm.slug in kinds
        for alarm in account.data.state.raised_of(*ALARM_KINDS)
    )


def _suspended(account: TargetedAccount, options: Options) -> bool:
    return any(True for _ in suspended(account, options))


def _data_not_older_than(account: TargetedAccount, options: Options) -> bool:
    limit: timedelta = options[trigger_options.CONF_LIMIT]
    return account.is_fresh(account.as_of, limit)


def _control_iq_on(account: TargetedAccount, options: Options) -> bool:
    control = account.data.state.control
    return (
        control is not None
        and control.mode is ControlMode.CLOSED_LOOP
        and account.is_fresh(account.as_of)
    )


def _condition(
    holds: Callable[[TargetedAccount, Options], bool],
    *option_schemas: trigger_options.Schema,
    in_all: bool = False,
) -> type[Condition]:
    """Return the class of a condition with these options."""
    return type(
        "PumpCondition",
        (PumpCondition,),
        {
            "holds": staticmethod(holds),
            "in_all": in_all,
            "schema": trigger_options.complete(*option_schemas),
        },
    )


CONDITIONS: dict[str, type[Condition]] = {
    "alarm_raised": _condition(
        _alarm_raised, trigger_options.kinds(trigger_options.ALARM_SLUGS)
    ),
    "delivery_suspended": _condition(_suspended, trigger_options.FOR),
    "data_not_older_than": _condition(
        _data_not_older_than, trigger_options.AGE_LIMIT, in_all=True
    ),
    "control_iq_on": _condition(_control_iq_on, in_all=True),
}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions of the integration."""
    return CONDITIONS
