"""The backfill that somebody asked for and that has not ended: a reload or a restart only interrupts it."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self

from custom_components.tconnectsync.instants import ONE_DAY
from custom_components.tconnectsync.nightscout.features import Feature

from .json_values import optional, require_date, require_dict, require_list, require_str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfinishedBackfill:
    """Which pump days and features it was asked for, and how far it is."""

    first: date
    last: date
    features: frozenset[Feature]
    """The features to send, perhaps some that are off in the options."""
    enabled: frozenset[Feature]
    """The features that are on in the options, none without a Nightscout."""
    resend: bool
    next: date
    """The first pump day that is not both sent and recorded."""
    address: str | None
    """The Nightscout that has the days before, None without one."""

    @classmethod
    def from_json(cls, kept: Any) -> Self:
        """Return the state from its JSON."""
        kept = require_dict(kept)
        found = cls(
            first=require_date(kept["first"]),
            last=require_date(kept["last"]),
            features=frozenset(map(Feature, require_list(kept["features"]))),
            enabled=frozenset(map(Feature, require_list(kept["enabled"]))),
            resend=kept["resend"] is True,
            next=require_date(kept["next"]),
            address=optional(require_str, kept["address"]),
        )
        if not found.first <= found.next <= found.last + ONE_DAY:
            raise ValueError("no day of it")
        return found

    def to_json(self) -> Any:
        """Return the state as JSON."""
        return {
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "features": sorted(self.features),
            "enabled": sorted(self.enabled),
            "resend": self.resend,
            "next": self.next.isoformat(),
            "address": self.address,
        }


@dataclass(slots=True)
class BackfillState:
    """The backfill that has not ended, None where none has begun or the last one has ended."""

    unfinished: UnfinishedBackfill | None = None

    def use(self, address: str | None, enabled: frozenset[Feature]) -> None:
        """Send to an address from now on, without the features that were switched off.

        Another address than before has none of the days, and gets only features that are on: those that
        are off were asked for at the address before.
        """
        if not (unfinished := self.unfinished):
            return
        is_other = unfinished.address != address
        if is_other:
            features = unfinished.features & enabled
        else:
            features = unfinished.features - (unfinished.enabled - enabled)
        self.unfinished = replace(
            unfinished,
            features=features,
            enabled=enabled,
            next=unfinished.first if is_other and features else unfinished.next,
            address=address,
        )

    def passed_on(self, day: date) -> None:
        """Note that everything up to a pump day is sent and recorded."""
        if self.unfinished:
            self.unfinished = replace(self.unfinished, next=day + ONE_DAY)

    @classmethod
    def from_json(cls, kept: Any) -> Self:
        """Return the state from its JSON."""
        return cls(UnfinishedBackfill.from_json(kept))

    def to_json(self) -> Any:
        """Return the state as JSON."""
        return self.unfinished.to_json() if self.unfinished else None
