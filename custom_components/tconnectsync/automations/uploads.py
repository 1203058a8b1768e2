"""Uploads that have stopped, or started again."""

from collections.abc import Iterator

from custom_components.tconnectsync.freshness import stale_after, stale_reason
from homeassistant.const import CONF_FOR
from homeassistant.util import dt as dt_util

from .finding import Finding, Options
from .targeted_accounts import TargetedAccount


def stopped(account: TargetedAccount, options: Options) -> Iterator[Finding]:
    """Yield the time without pump events, once it has lasted long enough."""
    as_of = account.as_of
    limit = options.get(CONF_FOR) or stale_after(account.entry.options)
    if not account.is_fresh(as_of, limit):
        last_upload = account.data.last_upload
        yield Finding(
            identities=("stopped",),
            happened=as_of or last_upload or account.now,
            as_of=as_of,
            details={
                "reason": stale_reason(account.coordinator),
                "last_upload": last_upload and dt_util.as_local(last_upload),
            },
        )


def back(account: TargetedAccount, options: Options) -> Iterator[Finding]:
    """Return the newest pump event, which ends a time without them."""
    as_of = account.as_of
    newest = as_of and Finding(identities=("back",), happened=as_of, as_of=as_of)
    return iter([newest] if newest else [])
