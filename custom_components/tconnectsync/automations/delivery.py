"""Insulin that is not delivered: suspensions and their ends."""

from collections.abc import Iterator

from custom_components.tconnectsync.instants import MINUTE
from custom_components.tconnectsync.occurrences import happened_at, is_recent, latest_at
from homeassistant.const import CONF_FOR

from .finding import NO_DELAY, Finding, Options, identity
from .targeted_accounts import TargetedAccount


def suspended(account: TargetedAccount, options: Options) -> Iterator[Finding]:
    """Yield the running suspension, once it has lasted long enough.

    It counts as running until newer data shows its end.
    """
    suspension = account.data.state.running_suspension
    if suspension is None:
        return
    since = happened_at(suspension, account.data.history)
    if account.now - since >= options.get(CONF_FOR, NO_DELAY):
        yield Finding(
            identities=(identity(account, suspension),),
            happened=since,
            as_of=account.as_of,
            details={"reason": suspension.reason, "pump_time": suspension.pump_time},
        )


def resumed(account: TargetedAccount, options: Options) -> Iterator[Finding]:
    """Yield the end of the newest suspension, once insulin is known to have flowed long enough after it.

    Where the end is missing from the log, time counts from when insulin is known to flow again.
    """
    state, history = account.data.state, account.data.history
    suspension, as_of = state.suspension, account.as_of
    if as_of is None or suspension is None or state.is_suspended is not False:
        return
    ended = suspension.end
    if not suspension.end_known:
        gap_ends = (gap.end for gap in history.basal_gaps if gap.start == ended)
        ended = next(gap_ends, ended)
    lasted = ended - suspension.start
    if as_of - ended >= options.get(CONF_FOR, NO_DELAY) and is_recent(
        account.now, latest_at(suspension, history) + lasted
    ):
        yield Finding(
            identities=(identity(account, suspension),),
            happened=happened_at(suspension, history) + lasted,
            as_of=as_of,
            details={
                "reason": suspension.reason,
                "suspended_minutes": round(lasted / MINUTE),
            },
        )
