"""What is remembered of each Nightscout address: what it gets, how far it has that, and what is pending."""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any, Self

from custom_components.tconnectsync.instants import ONE_DAY

from .json_values import (
    a_count,
    a_day,
    a_mapping,
    a_text,
    an_instant,
    day_text,
    mapping_of,
    optional,
)


@dataclass(slots=True)
class PendingState:
    """Pump day from which everything is still to be passed on, up to the days that are kept."""

    first: date | None = None

    def add(self, day: date) -> None:
        """Have everything passed on from a pump day on."""
        self.first = min(self.first or day, day)

    def passed_on(self, day: date, last: date) -> None:
        """Note that everything up to a pump day is passed on; nothing after the last is pending."""
        if self.first:
            self.first = None if day >= last else max(self.first, day + ONE_DAY)

    @classmethod
    def from_json(cls, kept: Any) -> Self:
        """Return what to_json gave."""
        return cls(a_day(kept))

    def to_json(self) -> Any:
        """Return it as JSON."""
        return day_text(self.first)


@dataclass(slots=True, kw_only=True)
class SiteState:
    """How far one Nightscout address has everything."""

    behind: date | None = None
    """The oldest pump day compared that it may not have all of."""
    in_step_until: date | None = None
    """The pump day up to which it had everything when it was last written to."""
    pending: PendingState = field(default_factory=PendingState)
    """What has to be read again for it."""

    @classmethod
    def from_json(cls, kept: Any) -> Self:
        """Return what to_json gave."""
        kept = a_mapping(kept)
        return cls(
            behind=optional(a_day, kept.get("behind")),
            in_step_until=optional(a_day, kept.get("in_step_until")),
            pending=PendingState(optional(a_day, kept.get("pending"))),
        )

    def to_json(self) -> Any:
        """Return it as JSON."""
        return {
            "behind": day_text(self.behind),
            "in_step_until": day_text(self.in_step_until),
            "pending": self.pending.to_json(),
        }


@dataclass(slots=True, kw_only=True)
class ForwardingState:
    """What Nightscout gets and was given."""

    starts: dict[str, dict[str, date]] = field(default_factory=dict)
    """The first pump day of each feature, by Nightscout address."""
    last_sync: datetime | None = None
    sent: int = 0
    """Documents created, replaced and removed, ever."""
    sites: dict[str, SiteState] = field(default_factory=dict)
    """How far each address is."""
    address: str | None = None
    """The one in use."""

    @property
    def site(self) -> SiteState | None:
        """How far the address in use is."""
        return self.sites.get(self.address) if self.address else None

    def use(self, address: str | None) -> None:
        """Write to an address from now on; what it missed since it was last in use is pending."""
        if address:
            site = self.sites.setdefault(address, SiteState())
            if address != self.address and site.in_step_until:
                site.pending.add(site.in_step_until)
        self.address = address

    @classmethod
    def from_json(cls, kept: Any) -> Self:
        """Return what to_json gave."""
        kept = a_mapping(kept)
        return cls(
            starts=mapping_of(partial(mapping_of, a_day), kept["starts"]),
            last_sync=optional(an_instant, kept.get("last_sync")),
            sent=a_count(kept["sent"]),
            sites=mapping_of(SiteState.from_json, kept["sites"]),
            address=optional(a_text, kept.get("address")),
        )

    def to_json(self) -> Any:
        """Return it as JSON."""
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
    """Which settings one site has the profiles of."""

    seen: str | None = None
    """The settings as an upload last showed them."""
    since: datetime | None = None
    """The first upload that showed them."""
    sent: str | None = None

    @classmethod
    def from_json(cls, kept: Any) -> Self:
        """Return what to_json gave."""
        kept = a_mapping(kept)
        return cls(
            seen=optional(a_text, kept.get("seen")),
            since=optional(an_instant, kept.get("since")),
            sent=optional(a_text, kept.get("sent")),
        )

    def to_json(self) -> Any:
        """Return it as JSON."""
        return {"seen": self.seen, "since": self.since, "sent": self.sent}


@dataclass(slots=True)
class ProfilesState:
    """Which settings each site has the profiles of, by its address."""

    sites: dict[str, SiteProfiles] = field(default_factory=dict)

    @classmethod
    def from_json(cls, kept: Any) -> Self:
        """Return what to_json gave."""
        return cls(mapping_of(SiteProfiles.from_json, kept))

    def to_json(self) -> Any:
        """Return it as JSON."""
        return {address: site.to_json() for address, site in self.sites.items()}
