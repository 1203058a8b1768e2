"""Insulin that is not delivered: suspensions, their end, and boluses that were not given."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from custom_components.tconnectsync.instants import MINUTE, ONE_DAY
from custom_components.tconnectsync.occurrences import happened_at, is_recent, latest_at
from custom_components.tconnectsync.therapy.history import newest_of
from custom_components.tconnectsync.therapy.records import Bolus, BolusKind
from homeassistant.const import CONF_FOR
from homeassistant.util import dt as dt_util

from .finding import AT_ONCE, Finding, Options, identity
from .targeted_accounts import TargetedAccount
from .trigger_options import CONF_AT_LEAST, CONF_BY, CONF_KINDS, CONF_SINCE

MAX_DELAY = timedelta(hours=4)
"""Until when it is news that no bolus came, where Home Assistant was down."""
BY_A_PERSON = (BolusKind.MEAL, BolusKind.CORRECTION, BolusKind.EXTENDED)


def suspended(account: TargetedAccount, options: Options) -> Iterator[Finding]:
    """Yield the suspension that nothing has ended, once it has lasted long enough.

    It counts as lasting while nothing newer is known.
    """
    suspension = account.data.state.running_suspension
    if suspension is None:
        return
    since = happened_at(suspension, account.data.history)
    if account.now - since >= options.get(CONF_FOR, AT_ONCE):
        yield Finding(
            identities=(identity(account, suspension),),
            happened=since,
            as_of=account.as_of,
            details={"reason": suspension.reason, "pump_time": suspension.pump_time},
        )


def resumed(account: TargetedAccount, options: Options) -> Iterator[Finding]:
    """Yield the end of the newest suspension, once delivery is known to have gone on long enough.

    Of an end that is missing from the log that is when insulin is known to flow again.
    """
    state, history = account.data.state, account.data.history
    suspension, as_of = state.suspension, account.as_of
    if as_of is None or suspension is None or state.is_suspended is not False:
        return
    ended = suspension.end
    if not suspension.end_known:
        gaps = (one.end for one in history.basal_gaps if one.start == ended)
        ended = next(gaps, ended)
    lasted = ended - suspension.start
    if as_of - ended >= options.get(CONF_FOR, AT_ONCE) and is_recent(
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


def no_bolus(account: TargetedAccount, options: Options) -> Iterator[Finding]:
    """Yield the last bolus that is asked for once the log is known to go on long enough without another."""
    histories = account.data.histories.values()
    as_of = newest_of(histories)
    if as_of is None or not account.is_fresh(as_of):
        return
    span: timedelta = options[CONF_FOR]
    if any(
        _may_be_asked_for(bolus, options) and as_of - bolus.start < span
        for history in histories
        for bolus in history.boluses
    ):
        return
    last = max(
        (
            bolus
            for history in histories
            for bolus in history.boluses
            if _kinds(options).issuperset(bolus.possible_kinds)
            and _is_enough(bolus, options)
        ),
        key=lambda bolus: bolus.start,
        default=None,
    )
    known_from = min((one.oldest for one in histories if one.oldest), default=as_of)
    begun = last.start if last else known_from
    since = max((begun, *_not_known_until(account, as_of)))
    if as_of - since >= span:
        yield Finding(
            identities=(identity(account, last) if last else "none",),
            happened=since,
            as_of=as_of,
            details={
                "insulin": last.delivered if last and since == begun else None,
                "hours": round((as_of - since) / timedelta(hours=1), 1),
            },
        )


def no_bolus_by(account: TargetedAccount, options: Options) -> Iterator[Finding]:
    """Yield that no bolus is known of a time of day that has just ended; its last part may not be uploaded."""
    zone = dt_util.get_default_time_zone()
    day = account.now.astimezone(zone).date()
    if datetime.combine(day, options[CONF_BY], zone) > account.now:
        day -= ONE_DAY
    by = datetime.combine(day, options[CONF_BY], zone)
    if options[CONF_SINCE] >= options[CONF_BY]:
        day -= ONE_DAY
    since = datetime.combine(day, options[CONF_SINCE], zone)
    if account.now - by > MAX_DELAY:
        return
    histories = account.data.histories.values()
    given = any(
        since <= bolus.start <= by
        for history in histories
        for bolus in history.boluses
        if _may_be_asked_for(bolus, options)
    )
    if not given and not _may_be_unknown(account, since, by):
        yield Finding(
            identities=(by.date().isoformat(),),
            happened=since,
            as_of=newest_of(histories),
        )


def _may_be_unknown(account: TargetedAccount, start: datetime, end: datetime) -> bool:
    """Return whether a bolus between two instants may be there that is not known, or known at another time."""
    data = account.data
    return (
        data.history.clock_doubtful
        or bool(
            data.state.delivery_uncertain_until
            and data.state.delivery_uncertain_until > start
        )
        or any(
            event.bolus and start <= event.start <= end
            for history in data.histories.values()
            for event in history.unreadable
        )
    )


def _not_known_until(account: TargetedAccount, as_of: datetime) -> Iterator[datetime]:
    """Yield until when each part of the log was that may hold a bolus and cannot be read, or is missing."""
    if account.data.state.delivery_uncertain_until:
        yield account.data.state.delivery_uncertain_until
    for history in account.data.histories.values():
        yield from (event.start for event in history.unreadable if event.bolus)
        yield from (gap.end for gap in history.basal_gaps if gap.start < as_of)


def _kinds(options: Options) -> frozenset[BolusKind]:
    return frozenset(options.get(CONF_KINDS) or BY_A_PERSON)


def _may_be_asked_for(bolus: Bolus, options: Options) -> bool:
    return bool(_kinds(options) & bolus.possible_kinds) and _is_enough(bolus, options)


def _is_enough(bolus: Bolus, options: Options) -> bool:
    insulin = bolus.requested if bolus.in_progress else bolus.delivered
    return not bolus.never_started and insulin >= options.get(CONF_AT_LEAST, 0)
