"""Whether the data of an account is recent enough, and if not, why."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from homeassistant.util import dt as dt_util

from .const import CONF_STALE_AFTER, DEFAULT_STALE_AFTER_MINUTES
from .coordinator import TconnectsyncCoordinator
from .tandem import IdentityNotVerified, SignInRefused, TandemBusy, TandemUnreachable


def stale_after(options: Mapping[str, Any]) -> timedelta:
    """Return the age after which a value is no longer shown, from the options of an account."""
    return timedelta(minutes=options.get(CONF_STALE_AFTER, DEFAULT_STALE_AFTER_MINUTES))


def is_fresh(
    coordinator: TconnectsyncCoordinator,
    as_of: datetime | None,
    limit: timedelta | None = None,
) -> bool:
    """Return whether a value of this instant may be shown as current; `limit` replaces the age from the options.

    None may while the pump's clock may be wrong, as its true age is unknown.
    """
    if as_of is None or coordinator.data.history.clock_doubtful:
        return False
    limit = limit or stale_after(coordinator.config_entry.options)
    return dt_util.utcnow() - as_of <= limit


def stale_reason(coordinator: TconnectsyncCoordinator) -> str:
    """Return the key of the most likely reason why there is no newer data."""
    if not coordinator.last_update_success:
        return _failure_reason(coordinator.last_exception)
    if coordinator.data.history.clock_doubtful:
        return "clock_wrong"
    if not is_fresh(coordinator, coordinator.data.last_upload):
        return "pump_not_uploading"
    if coordinator.is_missing_newest_event:
        return "upload_not_shown"
    return "upload_without_new_events"


def _failure_reason(error: BaseException | None) -> str:
    """Return the key of the reason why a poll failed, by whether the user has to act."""
    match error and (error.__cause__ or error):
        case SignInRefused():
            return "sign_in_refused"
        case IdentityNotVerified():
            return "reading_failed"
        case TandemUnreachable() | TandemBusy():
            return "tandem_not_answering"
        case _:
            return "reading_failed"
