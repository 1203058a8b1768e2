"""Options of triggers and conditions, and what may be chosen."""

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
"""Apart from those in mg/dL, so that a limit tells its unit."""
SHORTEST: Final = timedelta(minutes=1)

type Schema = dict[vol.Marker, Any]


def kinds(known: tuple[str, ...]) -> Schema:
    """Return the option of which kinds are meant; without it all are."""
    return {vol.Optional(CONF_KINDS): vol.All(cv.ensure_list, [vol.In(known)])}


class Validated:
    """What a trigger or a condition is configured with, held to the schema of its options."""

    schema: ClassVar[vol.Schema]

    @classmethod
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        """Return the target and the options, with those that were left out.

        Raises vol.Invalid where there is no target or an option is none.
        """
        validated: ConfigType = cls.schema(config)
        return validated


def complete(*schemas: Schema) -> vol.Schema:
    """Return what a target and these options have to be."""
    chosen: Schema = {}
    for schema in schemas:
        chosen |= schema
    return vol.Schema(
        {
            vol.Required(CONF_TARGET): cv.TARGET_FIELDS,
            vol.Optional(CONF_OPTIONS, default=dict): chosen,
        }
    )


def _some_time(value: Any) -> timedelta:
    """Return a time that is more than none."""
    time = cv.positive_time_period(value)
    if time < SHORTEST:
        raise vol.Invalid("enter at least one minute")
    return time


def _any_time(value: Any) -> timedelta:
    """Return a time that is none or more."""
    return cv.positive_time_period(value)


NOT_OLDER_THAN: Schema = {vol.Optional(CONF_NOT_OLDER_THAN): _some_time}
FOR: Schema = {vol.Optional(CONF_FOR, default=timedelta): _any_time}
FOR_REQUIRED: Schema = {vol.Required(CONF_FOR): _some_time}
FOR_UNLESS_STALE: Schema = {vol.Optional(CONF_FOR): _some_time}
AGE_LIMIT: Schema = {vol.Required(CONF_LIMIT): _some_time}
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
DUE_IN: Schema = {vol.Optional(CONF_DUE_IN, default=timedelta): _any_time}
LASTS: Schema = {vol.Optional(CONF_LASTS, default=SITE_LASTS): _some_time}
