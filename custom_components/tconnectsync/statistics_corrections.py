"""What of a series the recorder has otherwise than it was, and how that is put right."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from homeassistant.components.recorder.models import StatisticData
from homeassistant.components.recorder.statistics import StatisticsRow

from .statistics_series import Series
from .therapy.hourly_figures import Hour

TOLERANCE = 1e-6

type Hours = Mapping[datetime, Hour | None]
"""The hours that are compared; None where nothing happened."""
type Recorded = Mapping[datetime, StatisticsRow]
"""What the recorder has, by hour."""
type WantedAmount = tuple[datetime, float | None, float]
"""An hour, its amount and the sum up to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What the recorder is to take of a series: some hours, and by how much the sums after them move."""

    series: Series
    hours: list[StatisticData] = field(default_factory=list)
    moved_from: datetime | None = None
    """The first hour (UTC) that is right but for its sum, as are all later ones."""
    moved_by: float = 0.0


def correct_spreads(series: Series, hours: Hours, recorded: Recorded) -> Correction:
    """Return the hours whose mean, least or most differs; those in which nothing happened are emptied."""
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
    """Return the hours whose amount or running sum differs, and how the sums after them move.

    An amount that is not known adds nothing to the sum, and is not written. sum_before_fn
    returns the sum before the first hour.
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
    right, by = _right_but_for_sums(wanted, recorded)
    return Correction(
        series=series,
        hours=[
            _amount_data(hour, amount, total)
            for hour, amount, total in wanted[:right]
            if not (
                (row := recorded.get(hour))
                and _same(row.get("state"), amount)
                and _same(row.get("sum"), total)
            )
        ],
        moved_from=None if _same(by, 0.0) else wanted[right][0],
        moved_by=by,
    )


def _amount_data(hour: datetime, amount: float | None, total: float) -> StatisticData:
    data = StatisticData(start=hour, sum=total)
    if amount is not None:
        data["state"] = amount
    return data


def _right_but_for_sums(
    wanted: list[WantedAmount], recorded: Recorded
) -> tuple[int, float]:
    """Return from which of them on only sums differ, all by the same, and by how much."""
    right, by = len(wanted), 0.0
    for hour, amount, total in reversed(wanted):
        row = recorded.get(hour)
        before = row.get("sum") if row else None
        if row is None or before is None or not _same(row.get("state"), amount):
            break
        difference = total - before
        if right < len(wanted) and not _same(difference, by):
            break
        right, by = right - 1, difference
    return right, by


def _same(recorded: float | None, wanted: float | None) -> bool:
    if recorded is None or wanted is None:
        return recorded is wanted
    return abs(recorded - wanted) < TOLERANCE


def _hour_of(item: tuple[datetime, Hour | None]) -> datetime:
    return item[0]
