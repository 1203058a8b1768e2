"""Decide as a Control-IQ-like algorithm does, from glucose, trend and insulin on board."""

from dataclasses import dataclass
from enum import IntEnum


class Mode(IntEnum):
    """Activity, as 229 numbers it."""

    NORMAL = 0
    SLEEP = 1
    EXERCISE = 2
    EATING_SOON = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """Glucose mg/dL, its change per minute, insulin on board U, correction factor, profile rate mU/h."""

    glucose: float
    trend: float
    on_board: float
    correction_factor: float
    profile_rate: int
    mode: Mode = Mode.NORMAL

    @property
    def in_half_an_hour(self) -> float:
        """Glucose predicted 30 minutes ahead."""
        return (
            self.glucose
            + 26 * self.trend
            - 0.12 * self.correction_factor * self.on_board
        )


LOW = {
    Mode.NORMAL: 112.5,
    Mode.SLEEP: 112.5,
    Mode.EXERCISE: 140.0,
    Mode.EATING_SOON: 105.0,
}
HIGH = {
    Mode.NORMAL: 160.0,
    Mode.SLEEP: 120.0,
    Mode.EXERCISE: 160.0,
    Mode.EATING_SOON: 145.0,
}
STOP = {
    Mode.NORMAL: 70.0,
    Mode.SLEEP: 70.0,
    Mode.EXERCISE: 80.0,
    Mode.EATING_SOON: 70.0,
}


def basal_rate(outlook: Outlook, limit: int) -> int:
    """Return the rate in mU/h: none when low is ahead, less or more than the profile's at the edges."""
    ahead, profile = outlook.in_half_an_hour, outlook.profile_rate
    low, high, stop = LOW[outlook.mode], HIGH[outlook.mode], STOP[outlook.mode]
    if ahead < stop:
        return 0
    if ahead < low:
        rate = round(profile * (ahead - stop) / (low - stop))
        return rate if rate >= 50 else 0
    if ahead > high:
        return min(limit, round(profile * min(2.6, 1 + (ahead - high) / 55)))
    return profile


def automatic_correction(outlook: Outlook) -> int:
    """Return the size in mU of an automatic correction, 0 for none; never while asleep."""
    if outlook.mode == Mode.SLEEP or outlook.in_half_an_hour < 180:
        return 0
    lacking = (
        outlook.in_half_an_hour - 110
    ) / outlook.correction_factor - outlook.on_board
    units = min(6.0, 0.6 * lacking)
    return round(units * 1000) if units >= 0.1 else 0
