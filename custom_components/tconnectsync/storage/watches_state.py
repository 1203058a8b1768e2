"""What triggers have fired for, so that neither a reload nor a gap in the data makes them fire again."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from .json_values import a_mapping, an_instant

REMEMBERED = timedelta(days=40)
"""Longer than any cartridge, site or sensor lasts, and than events are kept."""


@dataclass(slots=True)
class Watch:
    """What all triggers that look for the same have fired for."""

    judged: datetime
    """When it was last looked for (UTC)."""
    fired: dict[str, datetime] = field(default_factory=dict)
    """By identity, and when (UTC)."""

    @classmethod
    def from_json(cls, kept: Any) -> Self:
        """Return what to_json gave."""
        kept = a_mapping(kept)
        fired = a_mapping(kept["fired"])
        return cls(
            an_instant(kept["judged"]),
            {identity: an_instant(at) for identity, at in fired.items()},
        )

    def to_json(self) -> Any:
        """Return it as JSON."""
        return {"judged": self.judged, "fired": dict(self.fired)}


@dataclass(slots=True)
class WatchesState:
    """The watches of an account, by what is looked for."""

    watches: dict[str, Watch] = field(default_factory=dict)

    def forget_old(self, now: datetime) -> None:
        """Forget what nobody looks for any more, and what was fired for long ago."""
        oldest = now - REMEMBERED
        self.watches = {
            key: watch for key, watch in self.watches.items() if watch.judged >= oldest
        }
        for watch in self.watches.values():
            watch.fired = {
                identity: at for identity, at in watch.fired.items() if at >= oldest
            }

    @classmethod
    def from_json(cls, kept: Any) -> Self:
        """Return what to_json gave."""
        return cls(
            {key: Watch.from_json(watch) for key, watch in a_mapping(kept).items()}
        )

    def to_json(self) -> Any:
        """Return it as JSON."""
        return {key: watch.to_json() for key, watch in self.watches.items()}
