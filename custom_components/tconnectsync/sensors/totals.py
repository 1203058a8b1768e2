"""Today's insulin and carbs, from Home Assistant's midnight up to the newest pump event."""

from collections.abc import Callable

from custom_components.tconnectsync.entity import as_of_figures
from custom_components.tconnectsync.instants import MINUTE
from custom_components.tconnectsync.read.pump_data import PumpData
from custom_components.tconnectsync.therapy.totals import Totals
from homeassistant.const import PERCENTAGE
from homeassistant.util import dt as dt_util

from .description import GRAMS, UNITS, PumpSensorDescription


def _today(data: PumpData) -> Totals | None:
    """Return today's totals, None until an event of today is known, or while the figures are of another time zone."""
    figures, now = data.figures, dt_util.now()
    is_today = figures.day == now.date() and figures.zone == now.tzinfo
    return figures.totals if is_today else None


def _of_today(
    value: Callable[[Totals], float | None],
) -> Callable[[PumpData], float | None]:
    def value_fn(data: PumpData) -> float | None:
        today = _today(data)
        figure = value(today) if today else None
        return None if figure is None else round(figure, 3)

    return value_fn


def _not_known(data: PumpData) -> dict[str, int]:
    today = _today(data)
    return {"minutes_not_known": today.not_known // MINUTE} if today else {}


def _counted(data: PumpData) -> dict[str, int | None]:
    today = _today(data)
    automatic: dict[str, int | None] = (
        {"automatic": today.automatic_count} if today else {}
    )
    return {**automatic, **_not_known(data)}


SENSORS = (
    PumpSensorDescription(
        key="basal_today",
        native_unit_of_measurement=UNITS,
        suggested_display_precision=2,
        value_fn=_of_today(lambda today: today.basal),
        as_of_fn=as_of_figures,
        attributes_fn=_not_known,
    ),
    PumpSensorDescription(
        key="bolus_today",
        native_unit_of_measurement=UNITS,
        suggested_display_precision=2,
        value_fn=_of_today(lambda today: today.bolus),
        as_of_fn=as_of_figures,
        attributes_fn=_not_known,
    ),
    PumpSensorDescription(
        key="insulin_today",
        native_unit_of_measurement=UNITS,
        suggested_display_precision=2,
        value_fn=_of_today(lambda today: today.insulin),
        as_of_fn=as_of_figures,
        attributes_fn=_not_known,
    ),
    PumpSensorDescription(
        key="basal_share_today",
        entity_registry_enabled_default=False,
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        value_fn=_of_today(lambda today: today.basal_share),
        as_of_fn=as_of_figures,
        attributes_fn=_not_known,
    ),
    PumpSensorDescription(
        key="carbs_today",
        native_unit_of_measurement=GRAMS,
        suggested_display_precision=0,
        value_fn=_of_today(lambda today: today.carbs),
        as_of_fn=as_of_figures,
        attributes_fn=_not_known,
    ),
    PumpSensorDescription(
        key="bolus_count_today",
        suggested_display_precision=0,
        value_fn=_of_today(lambda today: today.bolus_count),
        as_of_fn=as_of_figures,
        attributes_fn=_counted,
    ),
)
