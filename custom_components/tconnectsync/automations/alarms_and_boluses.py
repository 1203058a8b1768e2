"""Alarms, alerts and boluses that triggers fire for, once each."""

from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import cast

from custom_components.tconnectsync.occurrences import Occurrence, Topic, is_recent
from custom_components.tconnectsync.therapy.records import Alarm, Bolus
from homeassistant.util import dt as dt_util

from .finding import Finding, Options
from .targeted_accounts import TargetedAccount
from .trigger_options import CONF_AT_LEAST, CONF_KINDS, CONF_NOT_OLDER_THAN


def alarms_raised(account: TargetedAccount, options: Options) -> Iterator[Finding]:
    """Yield the alarms and malfunctions of the last day that match the options."""
    return _raised(account, options, Topic.ALARM)


def alerts_raised(account: TargetedAccount, options: Options) -> Iterator[Finding]:
    """Yield the alerts of pump and sensor of the last day that match the options."""
    return _raised(account, options, Topic.ALERT, Topic.CGM_ALERT)


def alarms_over(account: TargetedAccount, options: Options) -> Iterator[Finding]:
    """Yield the alarms and malfunctions that were cleared in the last day.

    An alarm waits while another one of the same meaning is raised, which would seem to have ended.
    """
    for occurrence in _occurrences(account, options, Topic.ALARM):
        alarm = cast(Alarm, occurrence.record)
        if alarm.cleared is None or _is_raised_again(account, alarm):
            continue
        lasted = alarm.cleared - alarm.start
        if is_recent(account.now, occurrence.latest + lasted):
            yield Finding(
                identities=(occurrence.identity,),
                happened=occurrence.happened + lasted,
                as_of=account.as_of,
                details={
                    **_alarm_details(account, alarm),
                    "raised_at": dt_util.as_local(occurrence.happened),
                },
                is_end=True,
            )


def boluses_given(account: TargetedAccount, options: Options) -> Iterator[Finding]:
    """Yield the boluses of the last day that match the options, once enough of them is known."""
    for occurrence in _recent(account, options, Topic.BOLUS):
        bolus = cast(Bolus, occurrence.record)
        if bolus.delivered >= options.get(CONF_AT_LEAST, 0):
            yield _finding(
                account,
                occurrence,
                kind=bolus.kind.value,
                insulin=bolus.delivered,
                carbs=bolus.carbs,
                in_progress=bolus.in_progress,
                pump_time=bolus.pump_time,
            )


def _raised(
    account: TargetedAccount, options: Options, *topics: Topic
) -> Iterator[Finding]:
    for occurrence in _recent(account, options, *topics):
        alarm = cast(Alarm, occurrence.record)
        yield _finding(account, occurrence, **_alarm_details(account, alarm))


def _alarm_details(account: TargetedAccount, alarm: Alarm) -> dict[str, object]:
    cleared = alarm.cleared is not None
    return {
        "kind": alarm.slug,
        "meaning": alarm.meaning,
        "cleared": cleared,
        "raised_again": cleared and _is_raised_again(account, alarm),
        "pump_time": alarm.pump_time,
    }


def _is_raised_again(account: TargetedAccount, alarm: Alarm) -> bool:
    """Return whether another warning of the same kind and meaning is raised."""
    return any(
        raised.meaning == alarm.meaning
        for raised in account.data.state.raised_of(alarm.kind)
    )


def _finding(
    account: TargetedAccount, occurrence: Occurrence, **details: object
) -> Finding:
    return Finding(
        identities=(occurrence.identity,),
        happened=occurrence.happened,
        as_of=account.as_of,
        details=details,
    )


def _recent(
    account: TargetedAccount, options: Options, *topics: Topic
) -> Iterator[Occurrence]:
    """Yield the occurrences of the last day by their place in the log, whatever the pump's clock shows."""
    limit: timedelta | None = options.get(CONF_NOT_OLDER_THAN)
    for occurrence in _occurrences(account, options, *topics):
        age = account.now - occurrence.age_since
        if is_recent(account.now, occurrence.latest) and (
            limit is None or age <= limit
        ):
            yield occurrence


def _occurrences(
    account: TargetedAccount, options: Options, *topics: Topic
) -> Iterator[Occurrence]:
    kinds: Collection[str] = options.get(CONF_KINDS, ())
    for occurrence in account.entry.runtime_data.occurrences.known:
        if occurrence.topic in topics and (
            not kinds or not _kinds(occurrence.record).isdisjoint(kinds)
        ):
            yield occurrence


def _kinds(record: Alarm | Bolus) -> frozenset[str]:
    """Return the possible kinds of a record: a bolus has several where the log does not show if it was for a meal."""
    if isinstance(record, Alarm):
        return frozenset({record.slug})
    return frozenset(record.possible_kinds)
