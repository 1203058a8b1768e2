"""Figures of some days, and the instant up to which they are known."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from custom_components.tconnectsync.glucose_unit import in_unit
from custom_components.tconnectsync.queries.record_json import Json
from custom_components.tconnectsync.queries.span_figures import span_figures
from homeassistant.const import PERCENTAGE
from homeassistant.util import dt as dt_util

from .exposed_accounts import ExposedAccount
from .times_in_answers import age, duration, local

TODAY: Final = "today"
YESTERDAY: Final = "yesterday"
DAYS = {"7_days": 7, "14_days": 14, "30_days": 30}
PERIODS = (TODAY, YESTERDAY, *DAYS)

MOST_NOT_KNOWN = 0.05
"""The share of a period that a sum may leave out."""
NOTHING_YET = "no pump event of that time is known yet"
FEW_READINGS = "glucose readings cover too little of that time"
NOT_WHOLE = "not all of the pump's log of that time is held and readable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure of a period."""

    keys: tuple[str, ...]
    """One of the entities with these keys has to be exposed."""
    unit: str | None = None
    is_sum: bool = False
    """Whether it is a sum of logged amounts, which is unknown where the log is."""
    is_glucose: bool = False


FIGURES = {
    "time_in_range": Figure(keys=("time_in_range",), unit=PERCENTAGE),
    "time_below_range": Figure(
        keys=("time_in_range", "time_below_range"), unit=PERCENTAGE
    ),
    "average_glucose": Figure(
        keys=("time_in_range", "average_glucose"), is_glucose=True
    ),
    "insulin": Figure(keys=("insulin_today",), unit="U", is_sum=True),
    "basal_share": Figure(
        keys=("basal_share_today", "insulin_today"), unit=PERCENTAGE, is_sum=True
    ),
    "carbs": Figure(keys=("carbs_today",), unit="g", is_sum=True),
    "boluses": Figure(keys=("bolus_count_today", "last_bolus"), is_sum=True),
}


async def async_figures_answer(account: ExposedAccount, period: str) -> Json:
    """Return the figures of a period up to the newest pump event, only those of exposed entities."""
    now = dt_util.utcnow()
    start, end = _span(period, now)
    figures = await account.entry.runtime_data.store.run(
        partial(span_figures, account.data, start, end)
    )
    known_until = account.data.figures.as_of
    as_of = min(end, known_until) if known_until else None
    unit = account.glucose_unit
    low, high = (in_unit(limit, unit) for limit in account.data.glucose_limits)
    numbers = _numbers(figures, unit)
    span = as_of - start if as_of and as_of > start else None
    clock_doubtful = figures["clock_doubtful"]
    unknown_time = timedelta(minutes=figures["not_known_minutes"] or 0)
    return {
        **account.knowledge(now),
        "period": period,
        "start": local(start),
        "as_of": local(as_of),
        "age": age(as_of, now),
        "range": f"{low} to {high} {unit}",
        "values": {
            name: _value(numbers[name], figure, unit, span, unknown_time)
            if span and not clock_doubtful
            else {"not_known_because": account.why_stale() or NOTHING_YET}
            for name, figure in FIGURES.items()
            if account.exposes(figure.keys)
        },
    }


def _value(
    number: float | None,
    figure: Figure,
    glucose_unit: str,
    span: timedelta,
    unknown_time: timedelta,
) -> Json:
    """Return a figure, a sum with the time it leaves out; a sum that leaves out too much is not known."""
    if number is None:
        return {"not_known_because": NOT_WHOLE if figure.is_sum else FEW_READINGS}
    left_out = f"{duration(unknown_time)} of which nobody knows what was delivered"
    if figure.is_sum and unknown_time > MOST_NOT_KNOWN * span:
        return {"not_known_because": f"it would leave out {left_out}"}
    unit = glucose_unit if figure.is_glucose else figure.unit
    return {
        "value": number,
        **({"unit": unit} if unit else {}),
        **({"leaves_out": left_out} if figure.is_sum and unknown_time else {}),
    }


def _span(period: str, now: datetime) -> tuple[datetime, datetime]:
    midnight = dt_util.start_of_local_day()
    if period == TODAY:
        return midnight, now
    if period == YESTERDAY:
        return dt_util.start_of_local_day(midnight - timedelta(hours=12)), midnight
    return now - timedelta(days=DAYS[period]), now


def _numbers(figures: Json, glucose_unit: str) -> dict[str, float | None]:
    glucose = figures["glucose"] or {}
    average = glucose.get("average_mg_dl")
    return {
        "time_in_range": glucose.get("in_range_percent"),
        "time_below_range": glucose.get("below_range_percent"),
        "average_glucose": None if average is None else in_unit(average, glucose_unit),
        "insulin": figures["insulin_units"],
        "basal_share": figures["basal_share_percent"],
        "carbs": figures["carbs_grams"],
        "boluses": figures["boluses"],
    }
