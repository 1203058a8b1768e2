"""Alarms, malfunctions, alerts and CGM alerts with what cleared them."""

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from custom_components.tconnectsync.tandem.alarm_names import ALARMS
from custom_components.tconnectsync.tandem.enums import (
    AlarmKind,
    BasalSource,
    Completion,
)
from custom_components.tconnectsync.tandem.event_types import (
    AlarmAcknowledged,
    AlarmCleared,
    AlarmRaised,
    BasalDelivery,
    BolusEnded,
    BolusStarted,
    DeliveryResumed,
    DeliverySuspended,
    EventKey,
    PumpEvent,
)

from .log import EventLog
from .records import Alarm
from .stop_reasons import DELIVERY_GOES_ON

ALERT_LASTS = timedelta(hours=24)
STOPS_DELIVERY = frozenset({AlarmKind.ALARM, AlarmKind.MALFUNCTION})


def alarms(log: EventLog) -> Iterator[Alarm]:
    """Yield every alarm of all four kinds, in the order they came up."""
    same: defaultdict[tuple[AlarmKind, int], list[PumpEvent]] = defaultdict(list)
    reported: list[AlarmRaised | AlarmCleared] = log.of(AlarmRaised, AlarmCleared)
    for change in reported:
        same[change.kind, change.alarm].append(change)
    seen: defaultdict[tuple[AlarmKind, int], list[PumpEvent]] = defaultdict(list)
    shown: list[AlarmRaised | AlarmAcknowledged] = log.of(
        AlarmRaised, AlarmAcknowledged
    )
    for event in shown:
        seen[event.kind, event.alarm].append(event)
    delivering = _delivery_goes_on(log)
    suspended = log.of(DeliverySuspended)
    for raised in log.of(AlarmRaised):
        cleared = _next(same[raised.kind, raised.alarm], raised.key)
        if _stopped_delivery(raised, delivering, suspended):
            ends = (cleared, _next(delivering, raised.key))
            cleared = min(filter(None, ends), key=lambda end: end.key, default=None)
        acknowledged = _next(seen[raised.kind, raised.alarm], raised.key)
        yield Alarm(
            key=raised.key,
            start=log.at(raised),
            pump_time=raised.pump_time,
            kind=raised.kind,
            alarm=raised.alarm,
            cleared=log.at(cleared) if cleared else _lapsed(log, raised, delivering),
            acknowledged=log.at(acknowledged)
            if isinstance(acknowledged, AlarmAcknowledged)
            else None,
            parameter=raised.parameter,
        )


def _stopped_delivery(
    raised: AlarmRaised,
    delivering: Sequence[PumpEvent],
    suspended: Sequence[DeliverySuspended],
) -> bool:
    """Tell whether an alarm stopped delivery, so that delivery which goes on shows its end.

    Of one that leaves delivery alone, or whose number has no name, a suspension has to tell so.
    """
    if raised.kind is AlarmKind.MALFUNCTION:
        return True
    if raised.kind is not AlarmKind.ALARM:
        return False
    if raised.alarm in ALARMS and raised.alarm not in DELIVERY_GOES_ON:
        return True
    since = bisect_right(delivering, raised.key, key=lambda event: event.key)
    return any(
        (not since or event.key > delivering[since - 1].key)
        and (since == len(delivering) or event.key < delivering[since].key)
        for event in suspended
    )


def _delivery_goes_on(log: EventLog) -> list[PumpEvent]:
    """Return what shows that insulin flows again: 28 and clearing are not always logged."""
    completed = {
        (event.group, event.bolus_id, event.extended)
        for event in log.of(BolusEnded)
        if event.completion is Completion.COMPLETED
    }
    shows = log.where(_shows_delivery)
    for event in log.of(BolusStarted):
        if (event.group, event.bolus_id, event.extended) in completed:
            insort(shows, event, key=lambda one: one.key)
    return shows


def _shows_delivery(event: PumpEvent) -> bool:
    match event:
        case DeliveryResumed():
            return True
        case BasalDelivery(rate=rate, source=source):
            return rate > 0 and source is not BasalSource.SUSPENDED
        case _:
            return False


def _next(events: Sequence[PumpEvent], key: EventKey) -> PumpEvent | None:
    """Return the first event after this place of the log; a repeated alarm ends the one before."""
    index = bisect_right(events, key, key=lambda event: event.key)
    return events[index] if index < len(events) else None


def _lapsed(
    log: EventLog, raised: AlarmRaised, delivering: Sequence[PumpEvent]
) -> datetime | None:
    """Let an alert whose end was never logged lapse after a day, and an alarm despite which insulin flows."""
    if log.since(raised) < ALERT_LASTS:
        return None
    if raised.kind in STOPS_DELIVERY and not _next(delivering, raised.key):
        return None
    return log.at(raised) + ALERT_LASTS
