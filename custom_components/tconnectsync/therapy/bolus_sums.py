"""Sums over boluses, unknown where any amount is."""

from collections.abc import Iterable

from .records import Bolus, BolusKind


def carbs_of(boluses: Iterable[Bolus]) -> int | None:
    """Return the carbs entered for boluses (g), None where those of any bolus are unknown."""
    return added(bolus.carbs for bolus in boluses)


def count_of(boluses: Iterable[Bolus], kind: BolusKind) -> int | None:
    """Return the number of boluses of a kind, None where the kind of one is uncertain."""
    of_kind = of_kind_or_unknown(boluses, kind)
    return None if of_kind is None else len(of_kind)


def of_kind_or_unknown(boluses: Iterable[Bolus], kind: BolusKind) -> list[Bolus] | None:
    """Return the boluses of a kind, None where one may be of this kind or of another."""
    possible = [bolus for bolus in boluses if kind in bolus.possible_kinds]
    if any(len(bolus.possible_kinds) > 1 for bolus in possible):
        return None
    return possible


def added[N: (int, float)](amounts: Iterable[N | None]) -> N | None:
    """Return the sum of amounts, None where any is unknown."""
    total: N = 0
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total
