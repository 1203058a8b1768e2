"""Plan the mishaps: each kind at least once, the rest by chance."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from . import faults
from .damage import KINDS

FAULT, LOCK, KILL_SERVICE, KILL_HOME_ASSISTANT, DAMAGE = 0.35, 0.04, 0.08, 0.06, 0.5
"""How likely each is at a sync to which none is given for sure."""
LOCKED_SECONDS = (2, 12)
SURELY_LOCKED_SECONDS = 12
"""SQLite waits for five seconds before it is an error."""
FAULTS = {"tandem": faults.TANDEM, "nightscout": faults.NIGHTSCOUT}
"""What requests to each service may meet."""


@dataclass(slots=True, kw_only=True)
class Mishaps:
    """What goes wrong around one sync."""

    faults: dict[str, dict[str, Any]]
    """What requests to a service meet, by its name."""
    killed: list[str]
    """Services that are killed meanwhile."""
    locked_seconds: float = 0
    """How long the recorder cannot write its database."""
    kill_home_assistant: bool = False
    damage: str | None = None
    """What happens to a file while Home Assistant is down."""


def planned(chance: Random, syncs: int) -> list[Mishaps]:
    """Return the mishaps of some syncs, which contain each kind of everything for sure.

    A run too short for that has as many as there are syncs.
    """
    plan = [_by_chance(chance) for _ in range(syncs)]
    for service, kinds in FAULTS.items():
        for mishaps, wish in _spread(chance, plan, kinds):
            mishaps.faults[service] = faults.sure(wish)
    for mishaps, service in _spread(chance, plan, [*FAULTS]):
        mishaps.killed = [service]
    for mishaps, kind in _spread(chance, plan, [None, *sorted(KINDS)]):
        mishaps.kill_home_assistant, mishaps.damage = True, kind
    for mishaps, seconds in _spread(chance, plan, [SURELY_LOCKED_SECONDS]):
        mishaps.locked_seconds = seconds
        mishaps.kill_home_assistant, mishaps.killed = False, []
    return plan


def _spread[Kind](
    chance: Random, plan: Sequence[Mishaps], kinds: Sequence[Kind]
) -> list[tuple[Mishaps, Kind]]:
    """Give kinds to syncs of their own, anywhere."""
    number = min(len(kinds), len(plan))
    return list(
        zip(chance.sample(plan, number), chance.sample(kinds, number), strict=True)
    )


def _by_chance(chance: Random) -> Mishaps:
    kills = chance.random() < KILL_HOME_ASSISTANT
    return Mishaps(
        faults={
            service: faults.some_fault(chance, kinds)
            for service, kinds in FAULTS.items()
            if chance.random() < FAULT
        },
        killed=[one for one in FAULTS if chance.random() < KILL_SERVICE],
        locked_seconds=chance.uniform(*LOCKED_SECONDS) if chance.random() < LOCK else 0,
        kill_home_assistant=kills,
        damage=chance.choice(sorted(KINDS))
        if kills and chance.random() < DAMAGE
        else None,
    )
