"""What some boluses come to, as far as it is known of each."""

from collections.abc import Iterable

from .records import Bolus, BolusKind


def carbs_of(boluses: Iterable[Bolus]) -> int | None:
    """Return the carbs that were entered for boluses (g), None where those of any are not known."""
    return added(bolus.carbs for bolus in boluses)


def count_of(boluses: Iterable[Bolus], kind: BolusKind) -> int | None:
    """Return how many boluses are of a kind, None where one may be of it or of another."""
    of_kind = of_kind_or_unknown(boluses, kind)
    return None if of_kind is None else len(of_kind)


def of_kind_or_unknown(boluses: Iterable[Bolus], kind: BolusKind) -> list[Bolus] | None:
    """Return the boluses of a kind, None where one may be of it or of another."""
    found = [bolus for bolus in boluses if kind in bolus.possible_kinds]
    if any(len(bolus.possible_kinds) > 1 for bolus in found):
        return None
    return found


def added[N: (int, float)](amounts: Iterable[N | None]) -> N | None:
    """Return the sum of amounts, None where any is not known."""
    total: N = 0
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total
