"""The state of an account besides its events: a small one for each part of the integration."""

from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any, Self

from custom_components.tconnectsync.const import LOGGER
from custom_components.tconnectsync.tandem import Token
from homeassistant.helpers.json import json_bytes

from .backfill_state import BackfillState
from .fired_triggers import FiredTriggers
from .forwarding_state import ForwardingState, PendingState, ProfilesState
from .json_values import (
    dict_of,
    require_datetime,
    require_dict,
    require_list,
    require_str,
)
from .private_files import checksum
from .read_progress import ReadingState


@dataclass(slots=True)
class SignInState:
    """The token of the last sign-in at Tandem."""

    token: Token | None = None

    @classmethod
    def from_json(cls, stored: Any) -> Self:
        """Return the state from its JSON."""
        if (token := Token.from_dict(stored)) is None:
            raise ValueError("no token")
        return cls(token)

    def to_json(self) -> Any:
        """Return the state as JSON."""
        return self.token.as_dict() if self.token else None


@dataclass(slots=True)
class PumperState:
    """The last pumper answer, as Tandem sent it."""

    answer: dict[str, Any] | None = None

    @classmethod
    def from_json(cls, stored: Any) -> Self:
        """Return the state from its JSON."""
        return cls(require_dict(stored))

    def to_json(self) -> Any:
        """Return the state as JSON."""
        return self.answer


@dataclass(slots=True)
class PumpsUsedState:
    """The serial numbers of all pumps that were ever in use, in order of use."""

    serial_numbers: list[str] = field(default_factory=list)

    def add(self, serial_number: str) -> bool:
        """Note that a pump is in use; return whether it never was before."""
        if serial_number in self.serial_numbers:
            return False
        self.serial_numbers.append(serial_number)
        return True

    @classmethod
    def from_json(cls, stored: Any) -> Self:
        """Return the state from its JSON."""
        return cls(
            [require_str(serial_number) for serial_number in require_list(stored)]
        )

    def to_json(self) -> Any:
        """Return the state as JSON."""
        return list(self.serial_numbers)


@dataclass(slots=True)
class ReplacementState:
    """The model of the pump that took over last, until the user has seen that; None from then on."""

    model: str | None = None

    @classmethod
    def from_json(cls, stored: Any) -> Self:
        """Return the state from its JSON."""
        return cls(require_str(stored))

    def to_json(self) -> Any:
        """Return the state as JSON."""
        return self.model


@dataclass(slots=True)
class FiredState:
    """The occurrences that were fired as events, and when; None before the very first sync."""

    fired: dict[str, datetime] | None = None

    @classmethod
    def from_json(cls, stored: Any) -> Self:
        """Return the state from its JSON."""
        return cls(dict_of(require_datetime, stored))

    def to_json(self) -> Any:
        """Return the state as JSON."""
        return None if self.fired is None else dict(self.fired)


@dataclass(slots=True, kw_only=True)
class AccountState:
    """The complete state of an account besides its events, by owner; field names are keys on disk."""

    sign_in: SignInState = field(default_factory=SignInState)
    pumper: PumperState = field(default_factory=PumperState)
    reading: ReadingState = field(default_factory=ReadingState)
    pumps_used: PumpsUsedState = field(default_factory=PumpsUsedState)
    replacement: ReplacementState = field(default_factory=ReplacementState)
    news: FiredState = field(default_factory=FiredState)
    forwarding: ForwardingState = field(default_factory=ForwardingState)
    profiles: ProfilesState = field(default_factory=ProfilesState)
    pending: PendingState = field(default_factory=PendingState)
    backfill: BackfillState = field(default_factory=BackfillState)
    fired_triggers: FiredTriggers = field(default_factory=FiredTriggers)

    @property
    def first_pending(self) -> date | None:
        """The first pump day that is still to be passed on, to the Nightscout address in use or the recorder."""
        return min(
            filter(None, (pending.first for pending in self._pending)), default=None
        )

    def add_pending(self, day: date) -> None:
        """Have everything from a pump day on passed on, to the Nightscout address in use and the recorder."""
        for pending in self._pending:
            pending.add(day)

    def passed_on(self, day: date, last: date) -> None:
        """Note that everything up to a pump day is passed on; nothing after `last` is pending."""
        for pending in self._pending:
            pending.passed_on(day, last)

    @property
    def _pending(self) -> list[PendingState]:
        site = self.forwarding.site
        return [self.pending, site.pending] if site else [self.pending]

    @classmethod
    def from_json(cls, stored: Any) -> Self:
        """Return the state from its JSON; an owner whose state is damaged starts again without one.

        Raises TypeError where the JSON is not an account's state.
        """
        state = cls()
        stored = require_dict(stored)
        for owner in OWNERS & stored.keys():
            kind = type(getattr(state, owner))
            try:
                setattr(state, owner, kind.from_json(verified(stored[owner])))
            except KeyError, TypeError, ValueError:
                LOGGER.warning(
                    "The stored state of %s is damaged and was dropped", owner
                )
        return state

    def to_json(self) -> dict[str, Any]:
        """Return the state as JSON, without owners that have none yet."""
        return {
            owner: with_checksum(state.to_json())
            for owner in sorted(OWNERS)
            if (state := getattr(self, owner)) != type(state)()
        }


OWNERS = {owner.name for owner in fields(AccountState)}


def with_checksum(state: Any) -> dict[str, Any]:
    """Return one owner's state with a checksum."""
    return {"checksum": checksum(json_bytes(state)), "state": state}


def verified(stored: Any) -> Any:
    """Return the state that with_checksum was given; raise KeyError, TypeError or ValueError where it differs."""
    stored = require_dict(stored)
    if stored["checksum"] != checksum(json_bytes(stored["state"])):
        raise ValueError("changed by others")
    return stored["state"]
