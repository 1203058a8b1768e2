"""Supplies that run out, with one finding each: insulin in the reservoir, site, cartridge and sensor."""

from collections.abc import Iterator
from datetime import datetime

from custom_components.tconnectsync.instants import HOUR, ONE_DAY
from custom_components.tconnectsync.therapy.last_known import last_fill, last_site
from custom_components.tconnectsync.therapy.records import Fill, FillKind
from custom_components.tconnectsync.therapy.running_session import (
    running_session,
    session_limits,
)
from homeassistant.util import dt as dt_util

from .finding import NO_DELAY, Finding, Options, identity
from .targeted_accounts import TargetedAccount
from .trigger_options import CONF_DUE_IN, CONF_LASTS, CONF_LIMIT


def reservoir_below(account: TargetedAccount, options: Options) -> Iterator[Finding]:
    """Yield the cartridge once it contains less insulin (U) than the limit."""
    reservoir, as_of = account.data.figures.reservoir, account.as_of
    if reservoir is None or as_of is None or not account.is_fresh(as_of):
        return
    if reservoir.left < options[CONF_LIMIT]:
        cartridge = last_fill(account.data.history, FillKind.CARTRIDGE)
        yield Finding(
            identities=(identity(account, cartridge) if cartridge else "unknown",),
            happened=as_of,
            as_of=as_of,
            details={"insulin": round(max(0.0, reservoir.left), 1)},
        )


def site_due(account: TargetedAccount, options: Options) -> Iterator[Finding]:
    """Yield the site once it has been in use long enough since the last known change."""
    return _due(account, options, last_site(account.data.history))


def cartridge_due(account: TargetedAccount, options: Options) -> Iterator[Finding]:
    """Yield the cartridge once it has been in use long enough since the last known change."""
    return _due(account, options, last_fill(account.data.history, FillKind.CARTRIDGE))


def sensor_due(account: TargetedAccount, options: Options) -> Iterator[Finding]:
    """Yield the sensor once the last known session ends soon enough; joining it again does not change its identity."""
    session = running_session(account.data.history)
    limits = session_limits(account.data.history)
    if limits is None or limits.expires is None:
        return
    if account.now >= limits.expires - options.get(CONF_DUE_IN, NO_DELAY):
        hour = int(limits.expires.timestamp() // HOUR.total_seconds())
        started = session.session_start if session else None
        yield Finding(
            identities=tuple(f"expires:{hour + off}" for off in (-1, 1, 0)),
            happened=started or limits.expires,
            as_of=account.as_of,
            details=_details(account, started, limits.expires),
        )


def _due(
    account: TargetedAccount, options: Options, change: Fill | None
) -> Iterator[Finding]:
    if change is None:
        return
    due = change.start + options[CONF_LASTS]
    if account.now >= due - options.get(CONF_DUE_IN, NO_DELAY):
        yield Finding(
            identities=(identity(account, change),),
            happened=change.start,
            as_of=account.as_of,
            details=_details(account, change.start, due),
        )


def _details(
    account: TargetedAccount, started: datetime | None, due: datetime
) -> dict[str, object]:
    return {
        "due_at": dt_util.as_local(due),
        "hours_left": round((due - account.now) / HOUR, 1),
        "days": round((account.now - started) / ONE_DAY, 1) if started else None,
    }
