"""The options flow: everything that can be changed without a new sign-in."""

from collections.abc import Iterable
from typing import Any

import voluptuous as vol

from custom_components.tconnectsync.const import (
    AUTOMATIC_PUMP,
    CONF_FEATURES,
    CONF_GLUCOSE_UNIT,
    CONF_HIGH_LIMIT,
    CONF_LIVE_GLUCOSE,
    CONF_LOW_LIMIT,
    CONF_PUMP,
    CONF_PUMP_TIME_ZONE,
    CONF_STALE_AFTER,
    DEFAULT_STALE_AFTER_MINUTES,
    STALE_AFTER_LIMITS_MINUTES,
)
from custom_components.tconnectsync.glucose_limits import account_limits
from custom_components.tconnectsync.glucose_unit import MG_DL, in_mg_dl, in_unit
from custom_components.tconnectsync.nightscout.features import DEFAULT_FEATURES, Feature
from custom_components.tconnectsync.tandem import Pump, Pumper
from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigFlowResult,
    OptionsFlowWithReload,
)
from homeassistant.const import UnitOfBloodGlucoseConcentration, UnitOfTime
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    EntityWithDeviceFilterSelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from .account_checks import FormError, async_pump_warning
from .forms import FormFlow, async_pump_form
from .nightscout_checks import async_rights_warning

GLUCOSE_LIMITS = (40, 400)
"""The range of a sensor in mg/dL."""


class TconnectsyncOptionsFlow(FormFlow, OptionsFlowWithReload):
    """Changes the options, then the glucose limits in the unit that was just chosen."""

    _chosen: dict[str, Any]

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for all options but the glucose limits."""
        pumper = self._pumper
        warning: FormError | None = None
        if user_input is not None:
            warning = await self._async_warning(user_input)
            if warning is None:
                self._chosen = user_input
                return await self.async_step_limits()
        options = self._options
        form = await _async_options_form(
            self.hass, pumper.pumps if pumper else (), options[CONF_PUMP]
        )
        return self.show("init", form, user_input or options, warning, last_step=False)

    async def async_step_limits(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for glucose limits; an empty field means the limit of the Tandem account."""
        unit = self._chosen[CONF_GLUCOSE_UNIT]
        low, high = account_limits(self._pumper)
        account = {CONF_LOW_LIMIT: low, CONF_HIGH_LIMIT: high}
        error: FormError | None = None
        if user_input is not None:
            typed = {key: in_mg_dl(value, unit) for key, value in user_input.items()}
            limits = account | typed
            if limits[CONF_LOW_LIMIT] < limits[CONF_HIGH_LIMIT]:
                return self.async_create_entry(data=self._chosen | typed)
            error = FormError("limits_crossed")
        stored = {
            key: in_unit(limit, unit)
            for key, limit in self.config_entry.options.items()
            if key in account
        }
        return self.show(
            "limits",
            _limits_form(unit),
            stored if user_input is None else user_input,
            error,
            low=str(in_unit(low, unit)),
            high=str(in_unit(high, unit)),
            unit=unit,
        )

    async def _async_warning(self, typed: dict[str, Any]) -> FormError | None:
        """Return a warning about the chosen options that was not shown yet, if any."""
        warning = await async_rights_warning(
            self.hass, self.config_entry.data, typed[CONF_FEATURES]
        )
        if self.should_warn(warning):
            return warning
        pumper = self._pumper
        warning = await async_pump_warning(pumper, typed) if pumper else None
        return warning if self.should_warn(warning) else None

    @property
    def _options(self) -> dict[str, Any]:
        """The options in force."""
        return {
            CONF_FEATURES: list(DEFAULT_FEATURES),
            CONF_PUMP: AUTOMATIC_PUMP,
            CONF_PUMP_TIME_ZONE: self.hass.config.time_zone,
            CONF_STALE_AFTER: DEFAULT_STALE_AFTER_MINUTES,
            CONF_GLUCOSE_UNIT: MG_DL,
            **self.config_entry.options,
        }

    @property
    def _pumper(self) -> Pumper | None:
        """The person and pumps as last read, None while the account is not loaded."""
        if self.config_entry.state is not ConfigEntryState.LOADED:
            return None
        pumper: Pumper = self.config_entry.runtime_data.coordinator.data.pumper
        return pumper


async def _async_options_form(
    hass: HomeAssistant, pumps: Iterable[Pump], pinned: str
) -> vol.Schema:
    """Return the form of all options but the glucose limits."""
    lowest, highest = STALE_AFTER_LIMITS_MINUTES
    return vol.Schema(
        {
            vol.Required(CONF_FEATURES): SelectSelector(
                SelectSelectorConfig(
                    options=list(Feature),
                    multiple=True,
                    mode=SelectSelectorMode.LIST,
                    translation_key=CONF_FEATURES,
                )
            ),
            **(await async_pump_form(hass, pumps, pinned)).schema,
            vol.Required(CONF_STALE_AFTER): vol.All(
                NumberSelector(
                    NumberSelectorConfig(
                        min=lowest,
                        max=highest,
                        step=10,
                        mode=NumberSelectorMode.SLIDER,
                        unit_of_measurement=UnitOfTime.MINUTES,
                    )
                ),
                vol.Coerce(int),
            ),
            vol.Required(CONF_GLUCOSE_UNIT): SelectSelector(
                SelectSelectorConfig(options=list(UnitOfBloodGlucoseConcentration))
            ),
            vol.Optional(CONF_LIVE_GLUCOSE): EntitySelector(
                EntitySelectorConfig(
                    filter=[
                        EntityWithDeviceFilterSelectorConfig(
                            domain="sensor",
                            unit_of_measurement=list(UnitOfBloodGlucoseConcentration),
                        )
                    ]
                )
            ),
        }
    )


def _limits_form(unit: str) -> vol.Schema:
    """Return the form of the glucose limits in a unit."""
    lowest, highest = (in_unit(limit, unit) for limit in GLUCOSE_LIMITS)
    limit = NumberSelector(
        NumberSelectorConfig(
            min=lowest,
            max=highest,
            step=1 if unit == MG_DL else 0.1,
            mode=NumberSelectorMode.BOX,
            unit_of_measurement=unit,
        )
    )
    return vol.Schema(
        {
            vol.Optional(CONF_LOW_LIMIT): limit,
            vol.Optional(CONF_HIGH_LIMIT): limit,
        }
    )
