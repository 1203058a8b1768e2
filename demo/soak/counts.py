"""Count mishaps, including those that must happen in a soak that is long enough."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from . import faults
from .mishaps import Mishaps

LOCKED = "database locked"
HOME_ASSISTANT = "Home Assistant"


@dataclass(slots=True)
class Counts:
    """What was done to them."""

    uploads: int = 0
    asked: int = 0
    failed: int = 0
    synced: list[int] = field(default_factory=list)
    """How often each day it read and sent all there was."""
    killed: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    secrets: set[str] = field(default_factory=set)
    requests: Counter[str] = field(default_factory=Counter)

    def missing(self, plan: Iterable[Mishaps]) -> list[str]:
        """Return the mishaps that should have happened but did not."""
        due: set[str] = set()
        for mishaps in plan:
            due |= {
                f"{service} {faults.name(wish)}"
                for service, wish in mishaps.faults.items()
                if wish.get(faults.SURE)
            }
            due |= {f"killed {service}" for service in mishaps.killed}
            if mishaps.locked_seconds:
                due.add(LOCKED)
            if mishaps.kill_home_assistant:
                due.add(f"killed {HOME_ASSISTANT}")
            if mishaps.damage:
                due.add(f"file of {mishaps.damage}")
        done = {*self.faults, *(f"killed {one}" for one in self.killed)}
        return sorted(due - done)
