"""The forms with which an account is set up and changed."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeGuard
import zoneinfo

import voluptuous as vol

from custom_components.tconnectsync.const import (
    AUTOMATIC_PUMP,
    CONF_FIRST_DAYS,
    CONF_NIGHTSCOUT_SECRET,
    CONF_NIGHTSCOUT_URL,
    CONF_PUMP,
    CONF_PUMP_TIME_ZONE,
    DEFAULT_FIRST_DAYS,
    DOMAIN,
)
from custom_components.tconnectsync.instants import FAR_PAST
from custom_components.tconnectsync.tandem import Pump, regions
from homeassistant.config_entries import ConfigEntryBaseFlow, ConfigFlowResult
from homeassistant.const import (
    CONF_EMAIL,
    CONF_NAME,
    CONF_PASSWORD,
    CONF_REGION,
    CONF_VERIFY_SSL,
    UnitOfTime,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from .account_checks import FormError
from .nightscout_checks import SECTION_CONNECTION

EXAMPLE_URL = "https://nightscout.example.com"
MOST_FIRST_DAYS = 90

NAME_FORM = vol.Schema({vol.Optional(CONF_NAME): TextSelector()})
PASSWORD_FORM = vol.Schema(
    {
        vol.Required(CONF_PASSWORD): TextSelector(
            TextSelectorConfig(
                type=TextSelectorType.PASSWORD, autocomplete="current-password"
            )
        )
    }
)


class FormFlow(ConfigEntryBaseFlow):
    """A flow whose forms keep the input, with errors and warnings about it."""

    _shown_warnings: tuple[Any, ...] = ()

    def show(
        self,
        step_id: str,
        form: vol.Schema,
        values: Mapping[str, Any] | None,
        error: FormError | None = None,
        *,
        last_step: bool = True,
        **placeholders: str,
    ) -> ConfigFlowResult:
        """Show a form with values in its fields, and an error if there is one."""
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(form, values),
            errors=error.errors if error else {},
            last_step=last_step,
            description_placeholders={
                "example_url": EXAMPLE_URL,
                **placeholders,
                **(error.details if error else {}),
            },
        )

    def should_warn(self, warning: FormError | None) -> TypeGuard[FormError]:
        """Return whether a warning has to be shown; submitting again overrules one that was shown."""
        if warning is None or warning.args in self._shown_warnings:
            return False
        self._shown_warnings = (*self._shown_warnings, warning.args)
        return True


def account_form() -> vol.Schema:
    """Return the form of a sign-in."""
    return vol.Schema(
        {
            vol.Required(CONF_EMAIL): vol.All(
                TextSelector(
                    TextSelectorConfig(
                        type=TextSelectorType.EMAIL, autocomplete="username"
                    )
                ),
                vol.Strip,
            ),
            **PASSWORD_FORM.schema,
            vol.Required(CONF_REGION): SelectSelector(
                SelectSelectorConfig(
                    options=list(regions()), translation_key=CONF_REGION
                )
            ),
        }
    )


async def async_pump_form(
    hass: HomeAssistant, pumps: Iterable[Pump], pinned: str = AUTOMATIC_PUMP
) -> vol.Schema:
    """Return the form of a pump and its time zone; a pinned pump is always among the choices."""
    choices = await _async_pump_choices(hass, pumps)
    if pinned not in (choice["value"] for choice in choices):
        choices.append(SelectOptionDict(value=pinned, label=pinned))
    return vol.Schema(
        {
            vol.Required(CONF_PUMP): SelectSelector(
                SelectSelectorConfig(options=choices, translation_key=CONF_PUMP)
            ),
            vol.Required(CONF_PUMP_TIME_ZONE): await async_zone_field(hass),
        }
    )


async def async_zone_field(hass: HomeAssistant) -> SelectSelector:
    """Return the field for the time zone of the pump's clock."""
    zones = await hass.async_add_executor_job(zoneinfo.available_timezones)
    return SelectSelector(
        SelectSelectorConfig(
            options=sorted(zones | {hass.config.time_zone}),
            mode=SelectSelectorMode.DROPDOWN,
        )
    )


def nightscout_form() -> vol.Schema:
    """Return the form of a Nightscout: address, secret, first days, and connection."""
    return vol.Schema(
        {
            vol.Optional(CONF_NIGHTSCOUT_URL): TextSelector(
                TextSelectorConfig(type=TextSelectorType.URL)
            ),
            vol.Optional(CONF_NIGHTSCOUT_SECRET): TextSelector(
                TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off")
            ),
            vol.Required(CONF_FIRST_DAYS, default=DEFAULT_FIRST_DAYS): vol.All(
                NumberSelector(
                    NumberSelectorConfig(
                        min=1,
                        max=MOST_FIRST_DAYS,
                        mode=NumberSelectorMode.BOX,
                        unit_of_measurement=UnitOfTime.DAYS,
                    )
                ),
                vol.Coerce(int),
            ),
            vol.Required(SECTION_CONNECTION): section(
                vol.Schema(
                    {vol.Required(CONF_VERIFY_SSL, default=True): BooleanSelector()}
                ),
                {"collapsed": True},
            ),
        }
    )


async def _async_pump_choices(
    hass: HomeAssistant, pumps: Iterable[Pump]
) -> list[SelectOptionDict]:
    """Return "automatic" and all pumps with labels, the last one to upload first."""
    prefix = f"component.{DOMAIN}.selector.{CONF_PUMP}.options."
    texts = await async_get_translations(
        hass, hass.config.language, "selector", [DOMAIN]
    )
    choices = [SelectOptionDict(value=AUTOMATIC_PUMP, label=AUTOMATIC_PUMP)]
    for pump in sorted(
        pumps, key=lambda pump: pump.last_upload or FAR_PAST, reverse=True
    ):
        uploaded = pump.last_upload and dt_util.as_local(pump.last_upload)
        key = "uploaded" if uploaded else "never_uploaded"
        label = texts[prefix + key].format(
            model=pump.model,
            serial_number=pump.serial_number,
            last_upload=f"{uploaded:%Y-%m-%d %H:%M}" if uploaded else None,
        )
        choices.append(SelectOptionDict(value=pump.serial_number, label=label))
    return choices
