"""The estimate of insulin on board over a span, in few enough numbers for a chart."""

from datetime import datetime, timedelta
from math import floor

from custom_components.tconnectsync.instants import iso
from custom_components.tconnectsync.queries.record_json import Json
from custom_components.tconnectsync.read.pump_data import PumpData
from custom_components.tconnectsync.therapy.history import newest_of
from custom_components.tconnectsync.therapy.insulin_curve import (
    STEP,
    STEP_MINUTES,
    insulin_curve,
)

DIGITS = 3


def curve_json(data: PumpData, start: datetime, end: datetime | None) -> Json | None:
    """Return the estimate (U) every five minutes, the last at the newest event or at the end of the span.

    A step is null where the estimate is not known. The result is None where there is no step.
    """
    histories = list(data.histories.values())
    newest, duration = newest_of(histories), data.insulin_duration
    if newest is None or not duration:
        return None
    last = newest if end is None else min(newest, end)
    steps = floor((last - start) / STEP)
    if steps < 0:
        return None
    first = last - steps * STEP
    acts = timedelta(minutes=duration)
    unread = data.state.delivery_uncertain_until
    return {
        "start": iso(first),
        "step_minutes": STEP_MINUTES,
        "units": [
            None
            if on_board is None or (unread and instant - acts <= unread)
            else round(on_board, DIGITS)
            for instant, on_board in insulin_curve(histories, duration, first, last)
        ],
    }


def estimate_json(data: PumpData) -> Json | None:
    """Return the estimate (U) at the newest event of all pumps, None while it is not known."""
    figures = data.figures
    if figures.insulin_on_board_estimate is None:
        return None
    return {
        "time": iso(figures.as_of),
        "insulin_on_board_units": round(figures.insulin_on_board_estimate, DIGITS),
    }
