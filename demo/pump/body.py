"""Move the simulated person's glucose by carbs, insulin, the hour and movement."""

from math import exp
from random import Random

INSULIN_TIME = 55.0
CARB_TIME = 38.0
DRIFT = 0.15
"""Spread of unexplained changes of glucose, in mg/dL per minute."""
PULL = 0.0025
"""Share by which glucose returns to 140 mg/dL by itself, per minute."""
LEAST, MOST = 30.0, 520.0


class Chain:
    """Two compartments in a row, emptied with a time constant in minutes."""

    __slots__ = ("_first", "_second", "_time")

    def __init__(self, time: float, flow: float = 0.0) -> None:
        """Begin in balance with a steady flow per minute."""
        self._time = time
        self._first = self._second = flow * time

    def pass_on(self, amount: float, minutes: float) -> float:
        """Add an amount and return the amount that left the second compartment meanwhile."""
        stay = exp(-minutes / self._time)
        first = self._first + amount
        out = (
            first * (1 - stay)
            - first * minutes / self._time * stay
            + self._second * (1 - stay)
        )
        self._second = self._second * stay + first * minutes / self._time * stay
        self._first = first * stay
        return out


class Glucose:
    """Glucose in mg/dL, moved along in steps of some minutes."""

    def __init__(
        self, random: Random, basal: float, correction_factor: float, carb_ratio: float
    ) -> None:
        """Begin at a usual value, in balance with a basal rate in U/h."""
        self._random = random
        self._factor = correction_factor
        self._rise = correction_factor / carb_ratio
        self._insulin = Chain(INSULIN_TIME, basal / 60)
        self._carbs = Chain(CARB_TIME)
        self._drift = 0.0
        self.value = 125.0

    def advance(
        self,
        minutes: float,
        *,
        insulin: float,
        carbs: float,
        need: float,
        effort: float,
    ) -> float:
        """Return the value some minutes on, given U, g, the basal need in U/h and effort (0 rest)."""
        acted = self._insulin.pass_on(insulin, minutes)
        absorbed = self._carbs.pass_on(carbs, minutes)
        self._drift = 0.97 * self._drift + self._random.gauss(0.0, DRIFT)
        pull = PULL * (140 - self.value) + (
            0.02 * (75 - self.value) if self.value < 75 else 0.0
        )
        change = self._rise * absorbed - self._factor * (acted - need / 60 * minutes)
        change += (self._drift + pull - effort * 0.9) * minutes
        self.value = min(MOST, max(LEAST, self.value + change))
        return self.value


def dawn(minute_of_day: int) -> float:
    """Return by how much more insulin than the profile's is needed, as a factor about the hour."""
    return (
        1.0
        + 0.18 * exp(-(((minute_of_day - 330) / 90) ** 2))
        - 0.06 * exp(-(((minute_of_day - 120) / 100) ** 2))
    )
