"""What an account remembers besides the events: a small state of each part that owns one."""

from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any, Self

from custom_components.tconnectsync.const import LOGGER
from custom_components.tconnectsync.tandem import Token
from homeassistant.helpers.json import json_bytes

from .fired_triggers import FiredTriggers
from .forwarding_state import ForwardingState, PendingState, ProfilesState
from .json_values import a_list, a_mapping, a_text, an_instant, mapping_of
from .private_files import checksum
from .read_progress import ReadingState


@dataclass(slots=True)
class SignInState:
    """The sign-in at Tandem."""

    token: Token | None = None

    @classmethod
    def from_json(cls, kept: Any) -> Self:
        """Return what to_json gave."""
        if (token := Token.from_dict(kept)) is None:
            raise ValueError("no token")
        return cls(token)

    def to_json(self) -> Any:
        """Return it as JSON."""
        return self.token.as_dict() if self.token else None


@dataclass(slots=True)
class PumperState:
    """The last answer about the account's pumps, as Tandem gave it."""

    answer: dict[str, Any] | None = None

    @classmethod
    def from_json(cls, kept: Any) -> Self:
        """Return what to_json gave."""
        return cls(a_mapping(kept))

    def to_json(self) -> Any:
        """Return it as JSON."""
        return self.answer


@dataclass(slots=True)
class PumpsUsedState:
    """The serial numbers of the pumps that were ever in use, in order."""

    serial_numbers: list[str] = field(default_factory=list)

    def add(self, serial_number: str) -> bool:
        """Note that a pump is in use; return whether it had never been."""
        if serial_number in self.serial_numbers:
            return False
        self.serial_numbers.append(serial_number)
        return True

    @classmethod
    def from_json(cls, kept: Any) -> Self:
        """Return what to_json gave."""
        return cls([a_text(serial_number) for serial_number in a_list(kept)])

    def to_json(self) -> Any:
        """Return it as JSON."""
        return list(self.serial_numbers)


@dataclass(slots=True)
class FiredState:
    """What was fired as news, and when; None before the very first sync."""

    fired: dict[str, datetime] | None = None

    @classmethod
    def from_json(cls, kept: Any) -> Self:
        """Return what to_json gave."""
        return cls(mapping_of(an_instant, kept))

    def to_json(self) -> Any:
        """Return it as JSON."""
        return None if self.fired is None else dict(self.fired)


@dataclass(slots=True, kw_only=True)
class AccountState:
    """Everything an account remembers besides the events, by owner."""

    sign_in: SignInState = field(default_factory=SignInState)
    pumper: PumperState = field(default_factory=PumperState)
    reading: ReadingState = field(default_factory=ReadingState)
    pumps_used: PumpsUsedState = field(default_factory=PumpsUsedState)
    news: FiredState = field(default_factory=FiredState)
    forwarding: ForwardingState = field(default_factory=ForwardingState)
    profiles: ProfilesState = field(default_factory=ProfilesState)
    pending: PendingState = field(default_factory=PendingState)
    fired_triggers: FiredTriggers = field(default_factory=FiredTriggers)

    @property
    def first_pending(self) -> date | None:
        """The first pump day that is to be passed on, to the address in use or the recorder."""
        return min(filter(None, (one.first for one in self._pending)), default=None)

    def add_pending(self, day: date) -> None:
        """Have everything passed on from a pump day on, to the address in use and the recorder."""
        for one in self._pending:
            one.add(day)

    def passed_on(self, day: date, last: date) -> None:
        """Note that all of it is passed on up to a pump day; nothing after the last is pending."""
        for one in self._pending:
            one.passed_on(day, last)

    @property
    def _pending(self) -> list[PendingState]:
        site = self.forwarding.site
        return [self.pending, site.pending] if site else [self.pending]

    @classmethod
    def from_json(cls, kept: Any) -> Self:
        """Return what to_json gave; an owner whose state is damaged begins anew.

        Raises TypeError where it is nothing of the kind.
        """
        state = cls()
        kept = a_mapping(kept)
        for owner in OWNERS & kept.keys():
            kind = type(getattr(state, owner))
            try:
                setattr(state, owner, kind.from_json(verified(kept[owner])))
            except KeyError, TypeError, ValueError:
                LOGGER.warning("What was kept of %s is damaged and begins anew", owner)
        return state

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON, without what has not begun."""
        return {
            owner: with_checksum(state.to_json())
            for owner in sorted(OWNERS)
            if (state := getattr(self, owner)) != type(state)()
        }


OWNERS = {owner.name for owner in fields(AccountState)}


def with_checksum(state: Any) -> dict[str, Any]:
    """Return what is kept of one owner, with what tells whether it is still that."""
    return {"checksum": checksum(json_bytes(state)), "state": state}


def verified(kept: Any) -> Any:
    """Return what sealed was given; raise KeyError, TypeError or ValueError where it is not that."""
    kept = a_mapping(kept)
    if kept["checksum"] != checksum(json_bytes(kept["state"])):
        raise ValueError("changed by others")
    return kept["state"]
