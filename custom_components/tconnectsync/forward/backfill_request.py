"""The request, the preview and the phase of a backfill."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.nightscout.plan import Plan


class BackfillPhase(StrEnum):
    """The phase of a backfill."""

    IDLE = "idle"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillRequest:
    """The pump days and features of a backfill."""

    first: date
    last: date
    features: frozenset[Feature]
    resend: bool = False
    """Whether to send documents again that the site no longer has."""
    keeps_starts: bool = False
    """Whether features are sent only from their start on."""


@dataclass(slots=True)
class BackfillPreview:
    """The number of documents by event type that a backfill would create, replace and remove."""

    days: int = 0
    create: Counter[str] = field(default_factory=Counter)
    replace: Counter[str] = field(default_factory=Counter)
    remove: Counter[str] = field(default_factory=Counter)

    def add(self, plan: Plan) -> None:
        """Count the documents of one plan."""
        self.create.update(write.document.event_type for write in plan.create)
        self.replace.update(write.document.event_type for write in plan.replace)
        self.remove.update(removal.row.key.event_type for removal in plan.remove)
