"""What triggers have fired for, so that neither a reload nor a gap in the data makes them fire again."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from .json_values import a_mapping, an_instant, mapping_of

REMEMBERED = timedelta(days=40)
"""Longer than any cartridge, site or sensor lasts, and than events are kept."""


@dataclass(slots=True)
class FiredTrigger:
    """What all triggers that look for the same have fired for."""

    judged: datetime
    """When it was last looked for (UTC)."""
    occurrences: dict[str, datetime] = field(default_factory=dict)
    """By identity, and when (UTC)."""

    @classmethod
    def from_json(cls, kept: Any) -> Self:
        """Return what to_json gave."""
        kept = a_mapping(kept)
        return cls(an_instant(kept["judged"]), mapping_of(an_instant, kept["fired"]))

    def to_json(self) -> Any:
        """Return it as JSON."""
        return {"judged": self.judged, "fired": dict(self.occurrences)}


@dataclass(slots=True)
class FiredTriggers:
    """What the triggers of an account have fired for, by trigger and options."""

    triggers: dict[str, FiredTrigger] = field(default_factory=dict)

    def forget_old(self, now: datetime) -> None:
        """Forget what nobody looks for any more, and what was fired for long ago."""
        oldest = now - REMEMBERED
        self.triggers = {
            key: fired for key, fired in self.triggers.items() if fired.judged >= oldest
        }
        for fired in self.triggers.values():
            fired.occurrences = {
                identity: at
                for identity, at in fired.occurrences.items()
                if at >= oldest
            }

    @classmethod
    def from_json(cls, kept: Any) -> Self:
        """Return what to_json gave."""
        return cls(mapping_of(FiredTrigger.from_json, kept))

    def to_json(self) -> Any:
        """Return it as JSON."""
        return {key: fired.to_json() for key, fired in self.triggers.items()}
