"""Alarms, malfunctions, alerts and CGM alerts with what ended them."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from custom_components.tconnectsync.tandem.alarm_names import ALARM_NAMES
from custom_components.tconnectsync.tandem.enums import ALARM_KINDS, AlarmKind
from custom_components.tconnectsync.tandem.event_types import (
    AlarmAcknowledged,
    AlarmCleared,
    AlarmRaised,
    EventKey,
    PumpEvent,
)

from .delivery_evidence import DeliverySigns, delivery_signs
from .event_log import DatedPart, EventLog
from .records import Alarm, AlarmEnd
from .records_by_place import KEY
from .reports_after_stop import shows_end
from .stop_reasons import stop_reason
from .timeline import Records, Timeline

ALERT_LASTS = timedelta(hours=24)


type Name = tuple[AlarmKind, int]
"""Kind and number of an alarm."""
type Dated = tuple[PumpEvent, datetime]
"""An event and when it was logged (UTC)."""


@dataclass(frozen=True, slots=True)
class _Firsts:
    """What a part of the log tells first of each alarm."""

    ends: Mapping[Name, Dated]
    """It is cleared, or raised again."""
    seen: Mapping[Name, Dated]
    """It is acknowledged, or raised again."""


@dataclass(frozen=True, slots=True)
class _Behind(_Firsts):
    """What the log tells behind a part, as far as the alarms of that part follow from it."""

    newest: datetime
    """How far it goes on (UTC)."""
    delivering: tuple[Dated, ...]
    """What shows that insulin flows, up to what does so after each of the alarms."""


def alarms(log: EventLog) -> Records[Alarm]:
    """Return every alarm of all four kinds, in the order they came up.

    Those of a part of the log are worked out anew only where that part, or what follows first
    behind it, changed.
    """
    newest, signs = log.newest, delivery_signs(log)
    found: list[Timeline[Alarm]] = []
    later: list[DeliverySigns] = []
    ends: dict[Name, Dated] = {}
    seen: dict[Name, Dated] = {}
    for part in reversed(log.dated_parts):
        assert newest is not None
        firsts, of_part = part.result(_firsts), signs[part.number]
        if raised := part.of_type(AlarmRaised):
            names = {(one.kind, one.alarm) for one in raised}
            behind = _Behind(
                {name: ends[name] for name in names if name in ends},
                {name: seen[name] for name in names if name in seen},
                min(newest, part.result(_last_raised) + ALERT_LASTS),
                tuple(_signs_behind(log, raised, reversed(later))),
            )
            found.append(part.result(_alarms, of_part, behind))
        ends.update(firsts.ends)
        seen.update(firsts.seen)
        later.append(of_part)
    return Records(reversed(found))


def _signs_behind(
    log: EventLog, raised: Iterable[AlarmRaised], later: Iterable[DeliverySigns]
) -> Iterator[Dated]:
    """Yield what shows behind a part that insulin flows, until it does so after each of its alarms."""
    stopping = [one for one in raised if one.kind in ALARM_KINDS]
    for sign in chain.from_iterable(of_part.shown for of_part in later):
        if not stopping:
            return
        yield sign, log.at(sign)
        stopping = [one for one in stopping if not shows_end(log, one, sign)]


def _last_raised(log: DatedPart) -> datetime:
    return max(map(log.at, log.of(AlarmRaised)))


def _firsts(log: DatedPart) -> _Firsts:
    reported: list[AlarmRaised | AlarmAcknowledged | AlarmCleared] = log.of(
        AlarmRaised, AlarmAcknowledged, AlarmCleared
    )
    ends: dict[Name, Dated] = {}
    seen: dict[Name, Dated] = {}
    for event in reported:
        if not isinstance(event, AlarmAcknowledged):
            ends.setdefault((event.kind, event.alarm), (event, log.at(event)))
        if not isinstance(event, AlarmCleared):
            seen.setdefault((event.kind, event.alarm), (event, log.at(event)))
    return _Firsts(ends, seen)


def _alarms(log: DatedPart, signs: DeliverySigns, behind: _Behind) -> Timeline[Alarm]:
    """Return the alarms that came up in a part of the log."""
    same: defaultdict[Name, list[PumpEvent]] = defaultdict(list)
    reported: list[AlarmRaised | AlarmCleared] = log.of(AlarmRaised, AlarmCleared)
    for change in reported:
        same[change.kind, change.alarm].append(change)
    seen: defaultdict[Name, list[PumpEvent]] = defaultdict(list)
    shown: list[AlarmRaised | AlarmAcknowledged] = log.of(
        AlarmRaised, AlarmAcknowledged
    )
    for event in shown:
        seen[event.kind, event.alarm].append(event)

    def following(
        events: Sequence[PumpEvent], key: EventKey, first_behind: Dated | None
    ) -> Dated | None:
        """Return the first event after a place in the log, which may lie behind this part."""
        index = bisect_right(events, key, key=KEY)
        if index == len(events):
            return first_behind
        return events[index], log.at(events[index])

    def delivering_after(raised: AlarmRaised) -> Dated | None:
        """Return what shows first that insulin flows after an alarm, which may lie behind this part."""
        index = bisect_right(signs.shown, raised.key, key=KEY)
        for sign in signs.shown[index:]:
            if shows_end(log, raised, sign):
                return sign, log.at(sign)
        behind_it = (one for one in behind.delivering if shows_end(log, raised, one[0]))
        return next(behind_it, None)

    found = []
    for raised in log.of(AlarmRaised):
        name = raised.kind, raised.alarm
        ends = [following(same[name], raised.key, behind.ends.get(name))]
        goes_on = delivering_after(raised)
        if _stopped_delivery(raised, signs):
            ends.append(goes_on)
        first = min(filter(None, ends), key=lambda end: end[0].key, default=None)
        start = log.at(raised)
        ended, ended_by = None, None
        if first:
            ended, ended_by = first[1], _kind_of_end(first[0])
        elif behind.newest - start >= ALERT_LASTS and _lapses(raised, goes_on):
            ended, ended_by = start + ALERT_LASTS, AlarmEnd.LAPSED
        response = following(seen[name], raised.key, behind.seen.get(name))
        acknowledged = response and isinstance(response[0], AlarmAcknowledged)
        found.append(
            Alarm(
                key=raised.key,
                start=start,
                pump_time=raised.pump_time,
                kind=raised.kind,
                alarm=raised.alarm,
                ended=ended,
                ended_by=ended_by,
                acknowledged=response[1] if response and acknowledged else None,
                parameter=raised.parameter,
            )
        )
    return Timeline(found)


def first_raised(alarms: Sequence[Alarm], alarm: Alarm) -> datetime:
    """Return when (UTC) an alarm came up of which others, raised again within a day, were reminders.

    The alarms are those of one pump in the order of its log.
    """
    first = alarm
    for earlier in reversed(alarms):
        if (earlier.kind, earlier.alarm) == (alarm.kind, alarm.alarm) and (
            earlier.key < first.key
        ):
            if earlier.ended_by is not AlarmEnd.REPEATED or (
                first.start - earlier.start > ALERT_LASTS
            ):
                break
            first = earlier
    return first.start


def _stopped_delivery(raised: AlarmRaised, signs: DeliverySigns) -> bool:
    """Tell whether an alarm stopped delivery, so that delivery which goes on shows its end.

    Of one that leaves delivery alone, or does so for all that is known, a suspension has to tell so.
    """
    if raised.kind is AlarmKind.MALFUNCTION:
        return True
    if raised.kind is not AlarmKind.ALARM:
        return False
    if raised.alarm in ALARM_NAMES and stop_reason(raised):
        return True
    return signs.suspended_around(raised.key)


def _kind_of_end(event: PumpEvent) -> AlarmEnd:
    return AlarmEnd.REPEATED if isinstance(event, AlarmRaised) else AlarmEnd.CLEARED


def _lapses(raised: AlarmRaised, goes_on: Dated | None) -> bool:
    """Tell whether what has no logged end ends after a day: an alert, or an alarm despite which insulin flows."""
    return raised.kind not in ALARM_KINDS or goes_on is not None
