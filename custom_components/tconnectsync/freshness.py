"""How old what is known of an account may be, and why nothing newer has come."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from homeassistant.util import dt as dt_util

from .const import CONF_STALE_AFTER, DEFAULT_STALE_AFTER_MINUTES
from .coordinator import TconnectsyncCoordinator
from .tandem import IdentityNotVerified, SignInRefused, TandemBusy, TandemUnreachable


def stale_after(options: Mapping[str, Any]) -> timedelta:
    """Return the age at which a value is no longer shown, as an account's options say."""
    return timedelta(minutes=options.get(CONF_STALE_AFTER, DEFAULT_STALE_AFTER_MINUTES))


def is_fresh(
    coordinator: TconnectsyncCoordinator,
    as_of: datetime | None,
    limit: timedelta | None = None,
) -> bool:
    """Return whether what held at an instant may be taken for present; a limit, where given, takes the place of the option.

    Not by a clock that is wrong: then nobody knows when that was.
    """
    if as_of is None or coordinator.data.history.clock_doubtful:
        return False
    limit = limit or stale_after(coordinator.config_entry.options)
    return dt_util.utcnow() - as_of <= limit


def stale_reason(coordinator: TconnectsyncCoordinator) -> str:
    """Return why nothing newer is known, as far as that can be told."""
    if not coordinator.last_update_success:
        return _failure_reason(coordinator.last_exception)
    if coordinator.data.history.clock_doubtful:
        return "clock_wrong"
    if not is_fresh(coordinator, coordinator.data.last_upload):
        return "pump_not_uploading"
    if coordinator.lacks_newest:
        return "upload_not_shown"
    return "upload_without_new_events"


def _failure_reason(error: BaseException | None) -> str:
    """Return what a poll failed for, by whether it takes a person to end that."""
    match error and (error.__cause__ or error):
        case SignInRefused():
            return "sign_in_refused"
        case IdentityNotVerified():
            return "reading_failed"
        case TandemUnreachable() | TandemBusy():
            return "tandem_not_answering"
        case _:
            return "reading_failed"
