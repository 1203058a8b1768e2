"""Reckon insulin on board of the simulated pump."""

from bisect import bisect_left
from collections.abc import Callable
from math import exp

ACTION_TIME = 55.0
"""Time constant, in minutes, of each of the two compartments a dose passes through."""


PIECE = 300
"""Seconds of basal that count as one dose."""


class InsulinOnBoard:
    """Doses and basal off the profile, and how much is still to act, for a duration in minutes.

    So Tandem describes it for Control-IQ: all boluses, and basal above and below the profile's rate.
    """

    def __init__(self, duration: int, off_profile: Callable[[int, int], float]) -> None:
        """Begin with nothing on board.

        off_profile returns the basal units above the profile's between two seconds of UTC.
        """
        self._duration = duration * 60
        self._rest = _left(duration)
        self._off_profile = off_profile
        self._shares = [
            self._share(second + PIECE / 2)
            for second in range(0, self._duration, PIECE)
        ]
        self._seconds: list[int] = []
        self._units: list[float] = []

    def add(self, second: int, units: float) -> None:
        """Add a dose at a second of UTC; doses have to be added in order of time."""
        if units > 0:
            self._seconds.append(second)
            self._units.append(units)

    def at(self, second: int) -> float:
        """Return the units on board at a second of UTC, never below 0."""
        basal = sum(
            share
            * self._off_profile(second - (piece + 1) * PIECE, second - piece * PIECE)
            for piece, share in enumerate(self._shares)
        )
        return max(0.0, self.of_boluses(second) + basal)

    def of_boluses(self, second: int) -> float:
        """Return the insulin on board from boluses only."""
        total = 0.0
        for place in range(
            bisect_left(self._seconds, second - self._duration + 1), len(self._seconds)
        ):
            age = second - self._seconds[place]
            if age < 0:
                break
            total += self._units[place] * self._share(age)
        return total

    def _share(self, seconds: float) -> float:
        return (_left(seconds / 60) - self._rest) / (1 - self._rest)


def _left(minutes: float) -> float:
    """Return the share of a dose that has not left two compartments in a row."""
    age = minutes / ACTION_TIME
    return (1 + age) * exp(-age)
