"""What a trigger looks for has been found: which occurrence it is, and what is known of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from custom_components.tconnectsync.therapy.records import Record
from homeassistant.util import dt as dt_util

from .targeted_accounts import TargetedAccount

AT_ONCE = timedelta()

type Options = Mapping[str, Any]
type Find = Callable[[TargetedAccount, Options], Iterable[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is so, or that happened, in one account."""

    identities: tuple[str, ...]
    """By any of these it is known again; it is remembered by the last."""
    happened: datetime
    """UTC instant since which it is so, or at which it happened."""
    as_of: datetime | None
    """UTC instant up to which it is known."""
    details: Mapping[str, Any] = field(default_factory=dict)

    def variables(self, now: datetime) -> dict[str, Any]:
        """Return what automations see of it, with how old it is; instants in Home Assistant's zone."""
        return {
            "happened_at": dt_util.as_local(self.happened),
            "minutes_ago": minutes(now, self.happened),
            "as_of": dt_util.as_local(self.as_of) if self.as_of else None,
            "age_minutes": minutes(now, self.as_of) if self.as_of else None,
            **self.details,
        }


def minutes(now: datetime, then: datetime) -> int:
    """Return how many whole minutes ago something was."""
    return max(0, int((now - then).total_seconds() // 60))


def identity(account: TargetedAccount, record: Record) -> str:
    """Return what names a record among those of the pumps of an account."""
    pump = account.data.pump
    group, number = record.key
    return f"{pump.serial_number if pump else ''}:{group}-{number}"
