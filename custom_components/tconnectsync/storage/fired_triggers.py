"""The occurrences that triggers have fired for, so that neither a reload nor a gap in the data makes them fire again."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from .json_values import dict_of, require_datetime, require_dict

FORGET_AFTER = timedelta(days=40)
"""Longer than any cartridge, site or sensor lasts, and longer than events are stored."""


@dataclass(slots=True)
class FiredTrigger:
    """The occurrences that all triggers with the same options have fired for."""

    judged: datetime
    """When the trigger was last checked (UTC)."""
    occurrences: dict[str, datetime] = field(default_factory=dict)
    """When each was fired (UTC), by its identity."""

    @classmethod
    def from_json(cls, stored: Any) -> Self:
        """Return the state from its JSON."""
        stored = require_dict(stored)
        return cls(
            require_datetime(stored["judged"]),
            dict_of(require_datetime, stored["fired"]),
        )

    def to_json(self) -> Any:
        """Return the state as JSON."""
        return {"judged": self.judged, "fired": dict(self.occurrences)}


@dataclass(slots=True)
class FiredTriggers:
    """The occurrences that an account's triggers have fired for, by trigger and options."""

    triggers: dict[str, FiredTrigger] = field(default_factory=dict)

    def forget_old(self, now: datetime) -> None:
        """Forget triggers that no automation uses any more, and occurrences of long ago."""
        oldest = now - FORGET_AFTER
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
    def from_json(cls, stored: Any) -> Self:
        """Return the state from its JSON."""
        return cls(dict_of(FiredTrigger.from_json, stored))

    def to_json(self) -> Any:
        """Return the state as JSON."""
        return {key: fired.to_json() for key, fired in self.triggers.items()}
