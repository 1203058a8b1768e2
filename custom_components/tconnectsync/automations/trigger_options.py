"""Options of triggers and conditions, with their choices and limits."""

from datetime import timedelta
from typing import Any, ClassVar, Final

import voluptuous as vol

from custom_components.tconnectsync.tandem import alarm_names
from custom_components.tconnectsync.tandem.enums import AlarmKind
from custom_components.tconnectsync.therapy.fills import SITE_LASTS
from custom_components.tconnectsync.therapy.records import KNOWN_KINDS
from homeassistant.const import CONF_FOR, CONF_OPTIONS, CONF_TARGET
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType

CONF_KINDS: Final = "kinds"
CONF_NOT_OLDER_THAN: Final = "not_older_than"
CONF_AT_LEAST: Final = "at_least"
CONF_LIMIT: Final = "limit"
CONF_LASTS: Final = "lasts"
CONF_DUE_IN: Final = "due_in"
CONF_SINCE: Final = "since"
CONF_BY: Final = "by"

ALARM_SLUGS: Final = tuple(alarm_names.alarm_slugs())
ALERT_SLUGS: Final = tuple(
    dict.fromkeys(
        [
            *alarm_names.slugs(AlarmKind.ALERT),
            *alarm_names.slugs(AlarmKind.CGM_ALERT),
        ]
    )
)
BOLUS_KINDS: Final = tuple(kind.value for kind in KNOWN_KINDS)

MG_DL_LIMITS: Final = (40.0, 400.0)
MMOL_L_LIMITS: Final = (2.2, 22.2)
"""No value is in both ranges, so that a limit shows its unit."""
SHORTEST: Final = timedelta(minutes=1)

type Schema = dict[vol.Marker, Any]


def kinds(choices: tuple[str, ...]) -> Schema:
    """Return the option that selects kinds; without it all kinds match."""
    return {vol.Optional(CONF_KINDS): vol.All(cv.ensure_list, [vol.In(choices)])}


class Validated:
    """A trigger or condition whose configuration is checked against a schema."""

    schema: ClassVar[vol.Schema]

    @classmethod
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        """Return the target and the options, defaults included.

        Raises vol.Invalid for a missing target or an invalid option.
        """
        validated: ConfigType = cls.schema(config)
        return validated


def complete(*schemas: Schema) -> vol.Schema:
    """Return the schema of a target with these options."""
    options: Schema = {}
    for schema in schemas:
        options |= schema
    return vol.Schema(
        {
            vol.Required(CONF_TARGET): cv.TARGET_FIELDS,
            vol.Optional(CONF_OPTIONS, default=dict): options,
        }
    )


def _duration(value: Any) -> timedelta:
    """Return a duration; raise vol.Invalid for one under a minute."""
    duration = cv.positive_time_period(value)
    if duration < SHORTEST:
        raise vol.Invalid("enter at least one minute")
    return duration


def _duration_or_zero(value: Any) -> timedelta:
    """Return a duration; raise vol.Invalid for a negative one."""
    return cv.positive_time_period(value)


NOT_OLDER_THAN: Schema = {vol.Optional(CONF_NOT_OLDER_THAN): _duration}
FOR: Schema = {vol.Optional(CONF_FOR, default=timedelta): _duration_or_zero}
FOR_REQUIRED: Schema = {vol.Required(CONF_FOR): _duration}
FOR_UNLESS_STALE: Schema = {vol.Optional(CONF_FOR): _duration}
AGE_LIMIT: Schema = {vol.Required(CONF_LIMIT): _duration}
AT_LEAST: Schema = {
    vol.Optional(CONF_AT_LEAST): vol.All(vol.Coerce(float), vol.Range(min=0))
}
GLUCOSE_LIMIT: Schema = {
    vol.Required(CONF_LIMIT): vol.All(
        vol.Coerce(float),
        vol.Any(
            vol.Range(min=MG_DL_LIMITS[0], max=MG_DL_LIMITS[1]),
            vol.Range(min=MMOL_L_LIMITS[0], max=MMOL_L_LIMITS[1]),
            msg=(
                "enter a limit from {:g} to {:g} mg/dL or from {:g} to {:g} mmol/L".format(
                    *MG_DL_LIMITS, *MMOL_L_LIMITS
                )
            ),
        ),
    )
}
RESERVOIR_LIMIT: Schema = {
    vol.Required(CONF_LIMIT): vol.All(vol.Coerce(float), vol.Range(min=1, max=500))
}
SINCE_AND_BY: Schema = {
    vol.Required(CONF_SINCE): cv.time,
    vol.Required(CONF_BY): cv.time,
}
DUE_IN: Schema = {vol.Optional(CONF_DUE_IN, default=timedelta): _duration_or_zero}
LASTS: Schema = {vol.Optional(CONF_LASTS, default=SITE_LASTS): _duration}
