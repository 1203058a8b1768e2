"""Boluses that nobody gave: none for some time, or none by a time of day."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from custom_components.tconnectsync.instants import ONE_DAY
from custom_components.tconnectsync.therapy.history import newest_of
from custom_components.tconnectsync.therapy.records import Bolus, BolusKind
from homeassistant.const import CONF_FOR
from homeassistant.util import dt as dt_util

from .finding import Finding, Options, identity
from .targeted_accounts import TargetedAccount
from .trigger_options import CONF_AT_LEAST, CONF_BY, CONF_KINDS, CONF_SINCE

MAX_DELAY = timedelta(hours=4)
"""How long after its time a missing bolus still fires, where Home Assistant was down."""
BY_A_PERSON = (BolusKind.MEAL, BolusKind.CORRECTION, BolusKind.EXTENDED)


def no_bolus(account: TargetedAccount, options: Options) -> Iterator[Finding]:
    """Yield the last matching bolus, once the log is known to show no other one for long enough."""
    histories = account.data.histories.values()
    as_of = newest_of(histories)
    if as_of is None or not account.is_fresh(as_of):
        return
    span: timedelta = options[CONF_FOR]
    if any(
        _may_match(bolus, options) and as_of - bolus.start < span
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
            and _is_large_enough(bolus, options)
        ),
        key=lambda bolus: bolus.start,
        default=None,
    )
    known_from = min(
        (history.oldest for history in histories if history.oldest), default=as_of
    )
    last_start = last.start if last else known_from
    since = max((last_start, *_unknown_until(account, as_of)))
    if as_of - since >= span:
        yield Finding(
            identities=(identity(account, last) if last else "none",),
            happened=since,
            as_of=as_of,
            details={
                "insulin": last.delivered if last and since == last_start else None,
                "hours": round((as_of - since) / timedelta(hours=1), 1),
            },
        )


def no_bolus_by(account: TargetedAccount, options: Options) -> Iterator[Finding]:
    """Yield a time of day that has just ended without a known bolus, though its last part may not be uploaded."""
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
        if _may_match(bolus, options)
    )
    if not given and not _may_be_unknown(account, since, by):
        yield Finding(
            identities=(by.date().isoformat(),),
            happened=since,
            as_of=newest_of(histories),
        )


def _may_be_unknown(account: TargetedAccount, start: datetime, end: datetime) -> bool:
    """Return whether a bolus between two instants may be missing from the log, or dated wrongly."""
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


def _unknown_until(account: TargetedAccount, as_of: datetime) -> Iterator[datetime]:
    """Yield the end of each part of the log that may contain a bolus but is missing or unreadable."""
    if account.data.state.delivery_uncertain_until:
        yield account.data.state.delivery_uncertain_until
    for history in account.data.histories.values():
        yield from (event.start for event in history.unreadable if event.bolus)
        yield from (gap.end for gap in history.basal_gaps if gap.start < as_of)


def _kinds(options: Options) -> frozenset[BolusKind]:
    return frozenset(options.get(CONF_KINDS) or BY_A_PERSON)


def _may_match(bolus: Bolus, options: Options) -> bool:
    return bool(_kinds(options) & bolus.possible_kinds) and _is_large_enough(
        bolus, options
    )


def _is_large_enough(bolus: Bolus, options: Options) -> bool:
    insulin = bolus.requested if bolus.in_progress else bolus.delivered
    if bolus.never_started or bolus.start_lost_at:
        return False
    return bool(insulin >= options.get(CONF_AT_LEAST, 0))
