"""The series of long-term statistics."""

from collections.abc import Callable
from dataclasses import dataclass

from .glucose_unit import MG_DL
from .therapy.hourly_figures import Hour, Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A series of hours: a spread of values, or an amount that adds up."""

    key: str
    name: str
    unit: str
    spread_fn: Callable[[Hour], Spread] | None = None
    amount_fn: Callable[[Hour], float | None] | None = None


GLUCOSE = Series(
    key="glucose", name="Glucose", unit=MG_DL, spread_fn=lambda hour: hour.glucose
)
SERIES = (
    GLUCOSE,
    Series(
        key="basal_rate",
        name="Basal rate",
        unit="U/h",
        spread_fn=lambda hour: hour.basal_rate,
    ),
    Series(
        key="insulin_on_board",
        name="Insulin on board",
        unit="U",
        spread_fn=lambda hour: hour.insulin_on_board,
    ),
    Series(
        key="basal",
        name="Basal insulin",
        unit="U",
        amount_fn=lambda hour: hour.basal_known,
    ),
    Series(
        key="bolus",
        name="Bolus insulin",
        unit="U",
        amount_fn=lambda hour: hour.bolus_known,
    ),
    Series(
        key="insulin",
        name="Insulin",
        unit="U",
        amount_fn=lambda hour: hour.insulin_known,
    ),
    Series(
        key="carbs",
        name="Carbs",
        unit="g",
        amount_fn=lambda hour: hour.carbs_known,
    ),
)
