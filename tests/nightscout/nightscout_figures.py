"""Nightscout's own figures of treatments: its insulin on board and its day-to-day report."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

MINUTE = timedelta(minutes=1)
PEAK, LAST = 75, 180


def share_on_board(minutes: float, dia: float = 3.0) -> float:
    """Return the share of a dose that Nightscout has on board after some minutes; dia in hours.

    Two parabolas, as lib/plugins/iob.js has them: up to 75 minutes, and to 180, stretched by the
    duration of insulin action.
    """
    scaled = minutes * 3 / dia
    if not 0 <= scaled < LAST:
        return 0.0
    if scaled < PEAK:
        fives = scaled / 5 + 1
        return 1 + 0.001852 * fives * (1 - fives)
    fives = (scaled - PEAK) / 5
    return 0.55556 - 0.054233 * fives + 0.001323 * fives**2


def insulin_on_board(
    treatments: Iterable[Mapping[str, Any]], at: datetime, dia: float = 3.0
) -> float:
    """Return Nightscout's insulin on board (U), from the `insulin` field alone."""
    on_board = 0.0
    for one in treatments:
        ago = (at - datetime.fromisoformat(one["created_at"])) / MINUTE
        on_board += one.get("insulin", 0.0) * share_on_board(ago, dia)
    return on_board


def bolus_by_day(treatments: Iterable[Mapping[str, Any]]) -> dict[date, float]:
    """Return the bolus insulin of each UTC day (U) as in the day-to-day report."""
    days: defaultdict[date, float] = defaultdict(float)
    for one in treatments:
        day = datetime.fromisoformat(one["created_at"]).date()
        days[day] += one.get("insulin", 0) + one.get("relative", 0)
    return days
