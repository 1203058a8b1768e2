"""Insulin on board of the simulated pump."""

from bisect import bisect_left
from math import exp

ACTION_TIME = 55.0
"""Time constant, in minutes, of each of the two compartments a dose passes through."""


class InsulinOnBoard:
    """Doses and how much of each is still to act, for a given insulin duration in minutes."""

    def __init__(self, duration: int) -> None:
        """Begin with nothing on board."""
        self._duration = duration * 60
        self._rest = _left(duration)
        self._seconds: list[int] = []
        self._units: list[float] = []

    def add(self, second: int, units: float) -> None:
        """Count a dose given at a second of UTC; doses come in order of time."""
        if units > 0:
            self._seconds.append(second)
            self._units.append(units)

    def at(self, second: int) -> float:
        """Return the units on board at a second of UTC."""
        total = 0.0
        for place in range(
            bisect_left(self._seconds, second - self._duration + 1), len(self._seconds)
        ):
            age = second - self._seconds[place]
            if age < 0:
                break
            total += (
                self._units[place] * (_left(age / 60) - self._rest) / (1 - self._rest)
            )
        return total


def _left(minutes: float) -> float:
    """Return the share of a dose that has not left two compartments in a row."""
    age = minutes / ACTION_TIME
    return (1 + age) * exp(-age)
