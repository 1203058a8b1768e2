"""How much of a dose of insulin is still on board, by a published model."""

from math import exp

PEAK = 75.0
EARLIEST_PEAK = 0.25


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
