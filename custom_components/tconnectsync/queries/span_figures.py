"""What a span comes to, over all pumps: the line under a day's picture."""

from datetime import datetime

from custom_components.tconnectsync.instants import MINUTE, ONE_DAY
from custom_components.tconnectsync.read.pump_data import PumpData
from custom_components.tconnectsync.therapy.glucose_statistics import glucose_statistics
from custom_components.tconnectsync.therapy.history import newest_of
from custom_components.tconnectsync.therapy.totals import compute_totals
from homeassistant.util import dt as dt_util

from .history_json import Json

DIGITS = 1


def span_figures(
    data: PumpData,
    start: datetime,
    end: datetime,
    *,
    low: float | None = None,
    high: float | None = None,
) -> Json:
    """Return glucose (mg/dL, %), insulin (U), carbs (g) and boluses of a span up to its end or the newest event.

    Each is null where it is not known: glucose where readings cover too little of the span, insulin
    where the events held do not reach back to its start or cannot all be read, and everything that
    reaches into the last day while the pump's clock may be wrong. Without limits (mg/dL) of one's own
    the account's count, and also where one is not on its side of the other.
    """
    histories = list(data.histories.values())
    newest = newest_of(histories)
    last = min(end, newest) if newest else start
    doubtful = data.history.clock_doubtful and (
        newest is None or end > newest - ONE_DAY
    )
    if doubtful:
        last = start
    whole = dt_util.as_local(start).date() > data.complete_after and not (
        data.state.delivery_uncertain_until
        and data.state.delivery_uncertain_until >= start
    )
    readings = [reading for history in histories for reading in history.readings]
    limits = (low or data.glucose_limits[0], high or data.glucose_limits[1])
    if limits[0] >= limits[1]:
        limits = data.glucose_limits
    glucose = (
        glucose_statistics(readings, last, *limits, last - start)
        if last > start
        else None
    )
    sums = compute_totals(histories, start, end) if whole and last > start else None
    return {
        "glucose": {
            "average_mg_dl": _rounded(glucose.average),
            "in_range_percent": _rounded(glucose.in_range),
            "below_range_percent": _rounded(glucose.below_range),
        }
        if glucose and glucose.sufficient
        else None,
        "insulin_units": _rounded(sums.insulin, 2) if sums else None,
        "basal_share_percent": _rounded(sums.basal_share) if sums else None,
        "carbs_grams": sums.carbs if sums else None,
        "boluses": sums.bolus_count if sums else None,
        "clock_doubtful": doubtful,
        "not_known_minutes": round(sums.not_known / MINUTE) if sums else None,
    }


def _rounded(value: float | None, digits: int = DIGITS) -> float | None:
    return None if value is None else round(value, digits)
