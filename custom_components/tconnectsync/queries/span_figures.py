"""The figures of a span over all pumps, as shown under the picture of a day."""

from datetime import datetime

from custom_components.tconnectsync.instants import MINUTE, ONE_DAY
from custom_components.tconnectsync.read.pump_data import PumpData
from custom_components.tconnectsync.therapy.glucose_statistics import glucose_statistics
from custom_components.tconnectsync.therapy.history import newest_of
from custom_components.tconnectsync.therapy.totals import compute_totals
from homeassistant.util import dt as dt_util

from .record_json import Json
from .rounding import rounded


def span_figures(
    data: PumpData,
    start: datetime,
    end: datetime,
    *,
    low: float | None = None,
    high: float | None = None,
) -> Json:
    """Return glucose (mg/dL, %), insulin (U), carbs (g) and boluses of a span up to its end or the newest event.

    Each is null where unknown: glucose where readings cover too little of the span, insulin where the
    stored events do not reach back to its start or cannot all be read, and everything in a span that
    reaches into the last day while the pump's clock may be wrong. The account's limits (mg/dL) are used
    without other ones, and where the low one is not below the high one.
    """
    histories = list(data.histories.values())
    newest = newest_of(histories)
    known_until = min(end, newest) if newest else start
    clock_doubtful = data.history.clock_doubtful and (
        newest is None or end > newest - ONE_DAY
    )
    if clock_doubtful:
        known_until = start
    is_complete = dt_util.as_local(start).date() > data.complete_after and not (
        data.state.delivery_uncertain_until
        and data.state.delivery_uncertain_until >= start
    )
    readings = [reading for history in histories for reading in history.readings]
    limits = (low or data.glucose_limits[0], high or data.glucose_limits[1])
    if limits[0] >= limits[1]:
        limits = data.glucose_limits
    glucose = (
        glucose_statistics(readings, known_until, *limits, known_until - start)
        if known_until > start
        else None
    )
    sums = (
        compute_totals(histories, start, end)
        if is_complete and known_until > start
        else None
    )
    return {
        "glucose": {
            "average_mg_dl": rounded(glucose.average),
            "in_range_percent": rounded(glucose.in_range),
            "below_range_percent": rounded(glucose.below_range),
        }
        if glucose and glucose.sufficient
        else None,
        "insulin_units": rounded(sums.insulin, 2) if sums else None,
        "basal_share_percent": rounded(sums.basal_share) if sums else None,
        "carbs_grams": sums.carbs if sums else None,
        "boluses": sums.bolus_count if sums else None,
        "clock_doubtful": clock_doubtful,
        "not_known_minutes": round(sums.not_known / MINUTE) if sums else None,
    }
