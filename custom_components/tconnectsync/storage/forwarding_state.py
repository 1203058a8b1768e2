"""The state of each Nightscout address: its features, how far it is in sync, and what is pending."""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any, Self

from custom_components.tconnectsync.instants import ONE_DAY

from .json_values import (
    date_to_json,
    dict_of,
    optional,
    require_count,
    require_date,
    require_datetime,
    require_dict,
    require_str,
)


@dataclass(slots=True)
class PendingState:
    """The pump day from which everything is still to be passed on, as far as events are stored."""

    first: date | None = None

    def add(self, day: date) -> None:
        """Have everything from a pump day on passed on."""
        self.first = min(self.first or day, day)

    def passed_on(self, day: date, last: date) -> None:
        """Note that everything up to a pump day is passed on; nothing after `last` is pending."""
        if self.first:
            self.first = None if day >= last else max(self.first, day + ONE_DAY)

    @classmethod
    def from_json(cls, stored: Any) -> Self:
        """Return the state from its JSON."""
        return cls(require_date(stored))

    def to_json(self) -> Any:
        """Return the state as JSON."""
        return date_to_json(self.first)


@dataclass(slots=True, kw_only=True)
class SiteState:
    """How far one Nightscout address is in sync."""

    behind: date | None = None
    """The oldest compared pump day of which documents may be missing there."""
    in_step_until: date | None = None
    """The pump day up to which it had every document when it was last written to."""
    pending: PendingState = field(default_factory=PendingState)
    """The pump days that must be read again for it."""

    @classmethod
    def from_json(cls, stored: Any) -> Self:
        """Return the state from its JSON."""
        stored = require_dict(stored)
        return cls(
            behind=optional(require_date, stored.get("behind")),
            in_step_until=optional(require_date, stored.get("in_step_until")),
            pending=PendingState(optional(require_date, stored.get("pending"))),
        )

    def to_json(self) -> Any:
        """Return the state as JSON."""
        return {
            "behind": date_to_json(self.behind),
            "in_step_until": date_to_json(self.in_step_until),
            "pending": self.pending.to_json(),
        }


@dataclass(slots=True, kw_only=True)
class ForwardingState:
    """The features that each Nightscout address has, and what was sent."""

    starts: dict[str, dict[str, date]] = field(default_factory=dict)
    """The first pump day of each feature, by Nightscout address."""
    last_sync: datetime | None = None
    sent: int = 0
    """Documents created, replaced and removed, ever."""
    sites: dict[str, SiteState] = field(default_factory=dict)
    """The state of each address."""
    address: str | None = None
    """The address in use."""

    @property
    def site(self) -> SiteState | None:
        """The state of the address in use."""
        return self.sites.get(self.address) if self.address else None

    def use(self, address: str | None) -> None:
        """Use an address from now on; everything since it was last in use is pending."""
        if address:
            site = self.sites.setdefault(address, SiteState())
            if address != self.address and site.in_step_until:
                site.pending.add(site.in_step_until)
        self.address = address

    @classmethod
    def from_json(cls, stored: Any) -> Self:
        """Return the state from its JSON."""
        stored = require_dict(stored)
        return cls(
            starts=dict_of(partial(dict_of, require_date), stored["starts"]),
            last_sync=optional(require_datetime, stored.get("last_sync")),
            sent=require_count(stored["sent"]),
            sites=dict_of(SiteState.from_json, stored["sites"]),
            address=optional(require_str, stored.get("address")),
        )

    def to_json(self) -> Any:
        """Return the state as JSON."""
        return {
            "starts": {
                address: {feature: day.isoformat() for feature, day in starts.items()}
                for address, starts in self.starts.items()
            },
            "last_sync": self.last_sync,
            "sent": self.sent,
            "sites": {address: site.to_json() for address, site in self.sites.items()},
            "address": self.address,
        }


@dataclass(slots=True, kw_only=True)
class SiteProfiles:
    """The settings whose profiles one site has."""

    seen: str | None = None
    """The fingerprint of the settings in the last upload."""
    since: datetime | None = None
    """The first upload with these settings."""
    sent: str | None = None

    @classmethod
    def from_json(cls, stored: Any) -> Self:
        """Return the state from its JSON."""
        stored = require_dict(stored)
        return cls(
            seen=optional(require_str, stored.get("seen")),
            since=optional(require_datetime, stored.get("since")),
            sent=optional(require_str, stored.get("sent")),
        )

    def to_json(self) -> Any:
        """Return the state as JSON."""
        return {"seen": self.seen, "since": self.since, "sent": self.sent}


@dataclass(slots=True)
class ProfilesState:
    """The settings whose profiles each site has, by its address."""

    sites: dict[str, SiteProfiles] = field(default_factory=dict)

    @classmethod
    def from_json(cls, stored: Any) -> Self:
        """Return the state from its JSON."""
        return cls(dict_of(SiteProfiles.from_json, stored))

    def to_json(self) -> Any:
        """Return the state as JSON."""
        return {address: site.to_json() for address, site in self.sites.items()}
