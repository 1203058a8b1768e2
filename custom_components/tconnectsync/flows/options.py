"""What can be changed without signing in again."""

from typing import Any

from custom_components.tconnectsync.const import (
    AUTOMATIC_PUMP,
    CONF_FEATURES,
    CONF_GLUCOSE_UNIT,
    CONF_HIGH_LIMIT,
    CONF_LOW_LIMIT,
    CONF_PUMP,
    CONF_PUMP_TIME_ZONE,
    CONF_STALE_AFTER,
    DEFAULT_HIGH_LIMIT,
    DEFAULT_LOW_LIMIT,
    DEFAULT_STALE_AFTER_MINUTES,
)
from custom_components.tconnectsync.glucose_unit import MG_DL, in_mg_dl, in_unit
from custom_components.tconnectsync.nightscout.features import DEFAULT_FEATURES
from custom_components.tconnectsync.tandem import Pumper
from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigFlowResult,
    OptionsFlowWithReload,
)

from .checks import FormError, async_doubt_about_pump
from .forms import FormFlow, async_options_form, limits_form
from .nightscout_checks import async_doubt_about_rights


class TconnectsyncOptionsFlow(FormFlow, OptionsFlowWithReload):
    """Change what is forwarded and shown, then the glucose limits in the unit just chosen."""

    _chosen: dict[str, Any]

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for everything but the glucose limits."""
        pumper = self._pumper
        doubt: FormError | None = None
        if user_input is not None:
            doubt = await self._async_doubt(user_input)
            if doubt is None:
                self._chosen = user_input
                return await self.async_step_limits()
        options = self._options
        form = await async_options_form(
            self.hass, pumper.pumps if pumper else (), options[CONF_PUMP]
        )
        return self.show("init", form, user_input or options, doubt, last_step=False)

    async def async_step_limits(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for glucose limits, the account's where a field stays empty."""
        unit = self._chosen[CONF_GLUCOSE_UNIT]
        account = self._account_limits
        error: FormError | None = None
        if user_input is not None:
            own = {key: in_mg_dl(value, unit) for key, value in user_input.items()}
            limits = account | own
            if limits[CONF_LOW_LIMIT] < limits[CONF_HIGH_LIMIT]:
                return self.async_create_entry(data=self._chosen | own)
            error = FormError("limits_crossed")
        known = {
            key: in_unit(limit, unit)
            for key, limit in self.config_entry.options.items()
            if key in account
        }
        return self.show(
            "limits",
            limits_form(unit),
            known if user_input is None else user_input,
            error,
            low=str(in_unit(account[CONF_LOW_LIMIT], unit)),
            high=str(in_unit(account[CONF_HIGH_LIMIT], unit)),
            unit=unit,
        )

    async def _async_doubt(self, typed: dict[str, Any]) -> FormError | None:
        """Return what has to be said about what was chosen, each only once."""
        rights = await async_doubt_about_rights(
            self.hass, self.config_entry.data, typed[CONF_FEATURES]
        )
        if self.holds(rights):
            return rights
        pumper = self._pumper
        pump = await async_doubt_about_pump(pumper, typed) if pumper else None
        return pump if self.holds(pump) else None

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
    def _account_limits(self) -> dict[str, float]:
        """The limits in the person's Tandem account (mg/dL)."""
        pumper = self._pumper
        return {
            CONF_LOW_LIMIT: (pumper and pumper.low_glucose) or DEFAULT_LOW_LIMIT,
            CONF_HIGH_LIMIT: (pumper and pumper.high_glucose) or DEFAULT_HIGH_LIMIT,
        }

    @property
    def _pumper(self) -> Pumper | None:
        """The account's pumps as last read, None while nothing is known of them."""
        if self.config_entry.state is not ConfigEntryState.LOADED:
            return None
        pumper: Pumper = self.config_entry.runtime_data.coordinator.data.pumper
        return pumper
