"""What a backfill is asked for, what it would write, and how it stands."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.nightscout.plan import Plan


class BackfillPhase(StrEnum):
    """How a backfill stands."""

    IDLE = "idle"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillRequest:
    """Which pump days and features, and whether to send again what the site lost."""

    first: date
    last: date
    features: frozenset[Feature]
    resend: bool = False
    keeps_starts: bool = False
    """Whether features send nothing before the day they began with."""


@dataclass(slots=True)
class BackfillPreview:
    """What a backfill would write, by event type."""

    days: int = 0
    create: Counter[str] = field(default_factory=Counter)
    replace: Counter[str] = field(default_factory=Counter)
    remove: Counter[str] = field(default_factory=Counter)

    def add(self, plan: Plan) -> None:
        """Count the steps of some days."""
        self.create.update(write.document.event_type for write in plan.create)
        self.replace.update(write.document.event_type for write in plan.replace)
        self.remove.update(removal.row.key.event_type for removal in plan.remove)
