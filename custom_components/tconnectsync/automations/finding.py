"""Findings: events and states that a trigger fires for, with their details."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from custom_components.tconnectsync.therapy.records import Record
from homeassistant.util import dt as dt_util

from .targeted_accounts import TargetedAccount

NO_DELAY = timedelta()

type Options = Mapping[str, Any]
type Find = Callable[[TargetedAccount, Options], Iterable[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An event or a lasting state of one account."""

    identities: tuple[str, ...]
    """Any of these identifies it; the last one is stored."""
    happened: datetime
    """UTC instant of the event, or of the start of the state."""
    as_of: datetime | None
    """UTC instant of the newest data about it."""
    details: Mapping[str, Any] = field(default_factory=dict)
    is_end: bool = False
    """Whether it is the end of something that may have begun in the same second."""

    def variables(self, now: datetime) -> dict[str, Any]:
        """Return its variables for automations, ages included, with times in Home Assistant's zone."""
        return {
            "happened_at": dt_util.as_local(self.happened),
            "minutes_ago": minutes(now, self.happened),
            "as_of": dt_util.as_local(self.as_of) if self.as_of else None,
            "age_minutes": minutes(now, self.as_of) if self.as_of else None,
            **self.details,
        }


def minutes(now: datetime, then: datetime) -> int:
    """Return how many full minutes ago an instant was."""
    return max(0, int((now - then).total_seconds() // 60))


def identity(account: TargetedAccount, record: Record) -> str:
    """Return an identity of a record that is unique among the pumps of an account."""
    pump = account.data.pump
    group, number = record.key
    return f"{pump.serial_number if pump else ''}:{group}-{number}"
