"""Corrections of a series where the recorder's hours differ from the derived ones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from homeassistant.components.recorder.models import StatisticData
from homeassistant.components.recorder.statistics import StatisticsRow

from .statistics_series import Series
from .therapy.hourly_figures import Hour

TOLERANCE = 1e-6

type Hours = Mapping[datetime, Hour | None]
"""The derived hours to compare; None where nothing happened."""
type Recorded = Mapping[datetime, StatisticsRow]
"""The recorder's rows, by hour."""
type WantedAmount = tuple[datetime, float | None, float]
"""An hour, its correct amount, and the correct sum up to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """Hours of a series to write again, and the shift of all sums after them."""

    series: Series
    hours: list[StatisticData] = field(default_factory=list)
    moved_from: datetime | None = None
    """The first hour (UTC) that is correct except for its sum, as all later ones are."""
    moved_by: float = 0.0


def correct_spreads(series: Series, hours: Hours, recorded: Recorded) -> Correction:
    """Return the hours whose mean, minimum or maximum differs; an hour in which nothing happened is emptied."""
    assert series.spread_fn is not None
    data = []
    for hour, figures in sorted(hours.items(), key=_hour_of):
        row = recorded.get(hour)
        spread = series.spread_fn(figures) if figures else None
        if spread is None or not spread.weight:
            if row and row.get("mean") is not None:
                data.append(StatisticData(start=hour))
        elif not (
            row
            and _same(row.get("mean"), spread.mean)
            and _same(row.get("min"), spread.low)
            and _same(row.get("max"), spread.high)
        ):
            data.append(
                StatisticData(
                    start=hour, mean=spread.mean, min=spread.low, max=spread.high
                )
            )
    return Correction(series=series, hours=data)


def correct_amounts(
    series: Series,
    hours: Hours,
    recorded: Recorded,
    sum_before_fn: Callable[[], float],
) -> Correction:
    """Return the hours whose amount or running sum differs, and the shift of the sums after them.

    An unknown amount adds nothing to the sum and is not written. `sum_before_fn` returns the sum
    before the first hour.
    """
    assert series.amount_fn is not None
    amounts = {hour: row.get("state") for hour, row in recorded.items()}
    for hour, figures in hours.items():
        amounts[hour] = series.amount_fn(figures) if figures else 0.0
    if not amounts:
        return Correction(series=series)
    total = sum_before_fn()
    wanted: list[WantedAmount] = []
    for hour in sorted(amounts):
        amount = amounts[hour]
        total += amount or 0.0
        wanted.append((hour, amount, total))
    first_correct, shift = _correct_except_for_sums(wanted, recorded)
    return Correction(
        series=series,
        hours=[
            _amount_data(hour, amount, total)
            for hour, amount, total in wanted[:first_correct]
            if not (
                (row := recorded.get(hour))
                and _same(row.get("state"), amount)
                and _same(row.get("sum"), total)
            )
        ],
        moved_from=None if _same(shift, 0.0) else wanted[first_correct][0],
        moved_by=shift,
    )


def _amount_data(hour: datetime, amount: float | None, total: float) -> StatisticData:
    data = StatisticData(start=hour, sum=total)
    if amount is not None:
        data["state"] = amount
    return data


def _correct_except_for_sums(
    wanted: list[WantedAmount], recorded: Recorded
) -> tuple[int, float]:
    """Return the index of the hour from which on only sums differ, all by the same shift, and that shift."""
    first_correct, shift = len(wanted), 0.0
    for hour, amount, total in reversed(wanted):
        row = recorded.get(hour)
        recorded_sum = row.get("sum") if row else None
        if row is None or recorded_sum is None or not _same(row.get("state"), amount):
            break
        difference = total - recorded_sum
        if first_correct < len(wanted) and not _same(difference, shift):
            break
        first_correct, shift = first_correct - 1, difference
    return first_correct, shift


def _same(recorded: float | None, wanted: float | None) -> bool:
    if recorded is None or wanted is None:
        return recorded is wanted
    return abs(recorded - wanted) < TOLERANCE


def _hour_of(item: tuple[datetime, Hour | None]) -> datetime:
    return item[0]
