"""Insulin on board by a published model of how long insulin acts."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import ceil, exp

from .delivery import HOUR, Delivery, bolus_deliveries, extended_end
from .history import History
from .records import BasalSegment, Suspension
from .unreadable import unreadable_between

PEAK = 75.0
EARLIEST_PEAK = 0.25
PIECE = timedelta(minutes=5)
MINUTE = timedelta(minutes=1)


def remaining(minutes: float, duration: float) -> float:
    """Return the share of a dose still on board after some minutes, 0 after its duration.

    Exponential insulin model of rapid-acting insulin as used by Loop and OpenAPS, derived by
    Dragan Maksimovic (https://github.com/LoopKit/Loop/issues/388) and described in OpenAPS'
    documentation, "Understanding insulin on board (IOB) calculations". Activity peaks after
    75 minutes, or after a quarter of a duration shorter than five hours.
    """
    if minutes <= 0:
        return 1.0
    if minutes >= duration:
        return 0.0
    peak = min(PEAK, EARLIEST_PEAK * duration)
    tau = peak * (1 - peak / duration) / (1 - 2 * peak / duration)
    rise = 2 * tau / duration
    scale = 1 / (1 - rise + (1 + rise) * exp(-duration / tau))
    curve = minutes**2 / (tau * duration * (1 - rise)) - minutes / tau - 1
    return 1 - scale * (1 - rise) * (curve * exp(-minutes / tau) + 1)


def insulin_on_board_estimate(history: History, duration: float) -> float | None:
    """Return insulin on board at the newest event (U), never below 0; duration in minutes.

    From every bolus, every extended part, and basal above or below the profile's rate. None
    where the events held do not reach back that far, cannot all be read or do not tell the
    profile's rate.
    """
    newest = history.newest
    if newest is None:
        return None
    first = newest - duration * MINUTE
    stretches = _stretches(history)
    if not stretches or stretches[0].start > first:
        return None
    if any(unreadable_between(history.unreadable, first, newest)):
        return None
    deviations = []
    profile_rate: float | None = None
    for stretch in stretches:
        rate = 0.0
        if isinstance(stretch, BasalSegment):
            rate, profile_rate = stretch.rate, stretch.profile_rate
        if stretch.end <= first:
            continue
        if profile_rate is None:
            return None
        insulin = (rate - profile_rate) * ((stretch.end - stretch.start) / HOUR)
        whole = Delivery(insulin, stretch.start, stretch.end)
        deviations.append(whole.until(newest))
    on_board = sum(
        insulin * remaining((newest - at) / MINUTE, duration)
        for delivery in (*bolus_deliveries(history), *deviations)
        if delivery.end > first
        for at, insulin in _doses(delivery)
    )
    return max(0.0, on_board)


def insulin_on_board_ends(history: History, duration: float) -> datetime | None:
    """Return when the last bolus stops acting, if none follows; duration in minutes.

    None while one is being delivered, for it may be stopped.
    """
    if any(bolus.in_progress for bolus in history.boluses):
        return None
    ends = (
        extended_end(bolus) if bolus.extended_delivered else bolus.end or bolus.start
        for bolus in history.boluses
        if bolus.delivered
    )
    last = max(ends, default=None)
    return last + duration * MINUTE if last else None


def _stretches(history: History) -> list[BasalSegment | Suspension]:
    """Return basal segments and suspensions in the order they began."""
    stretches: list[BasalSegment | Suspension] = [*history.basal, *history.suspensions]
    return sorted(stretches, key=lambda stretch: stretch.start)


def _doses(delivery: Delivery) -> Iterator[tuple[datetime, float]]:
    """Yield what was delivered over time as doses a few minutes apart (U)."""
    lasted = delivery.end - delivery.start
    pieces = max(1, ceil(lasted / PIECE))
    for piece in range(pieces):
        yield (
            delivery.start + lasted * ((piece + 0.5) / pieces),
            delivery.insulin / pieces,
        )
