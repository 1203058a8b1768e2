"""Alarms, malfunctions, alerts and CGM alerts, each with its end."""

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
"""An alert without a logged end is taken to have ended after this time."""

type Name = tuple[AlarmKind, int]
"""Kind and number of an alarm."""
type Dated = tuple[PumpEvent, datetime]
"""An event and when it was logged (UTC)."""


@dataclass(frozen=True, slots=True)
class _FirstEvents:
    """The first events in a part of the log about each alarm."""

    ends: Mapping[Name, Dated]
    """The alarm is cleared, or raised again."""
    responses: Mapping[Name, Dated]
    """The alarm is acknowledged, or raised again."""


@dataclass(frozen=True, slots=True)
class _LaterEvents(_FirstEvents):
    """The events after a part that the alarms of that part depend on."""

    newest: datetime
    """The end of the log (UTC), or when alerts of the part lapse if that is earlier."""
    delivering: tuple[Dated, ...]
    """Events that show delivery, until one is after each of the alarms."""


def alarms(log: EventLog) -> Records[Alarm]:
    """Return every alarm of all four kinds, in the order they were raised (UTC).

    The alarms of a part of the log are computed again only where that part, or the first relevant
    events after it, changed.
    """
    newest, signs_by_part = log.newest, delivery_signs(log)
    timelines: list[Timeline[Alarm]] = []
    later_signs: list[DeliverySigns] = []
    ends: dict[Name, Dated] = {}
    responses: dict[Name, Dated] = {}
    for part in reversed(log.dated_parts):
        assert newest is not None
        first_events, signs = part.result(_first_events), signs_by_part[part.number]
        if raised := part.of(AlarmRaised):
            names = {(alarm.kind, alarm.alarm) for alarm in raised}
            later = _LaterEvents(
                {name: ends[name] for name in names if name in ends},
                {name: responses[name] for name in names if name in responses},
                min(newest, part.result(_last_raised) + ALERT_LASTS),
                tuple(_signs_after(log, raised, reversed(later_signs))),
            )
            timelines.append(part.result(_alarms, signs, later))
        ends.update(first_events.ends)
        responses.update(first_events.responses)
        later_signs.append(signs)
    return Records(reversed(timelines))


def _signs_after(
    log: EventLog, raised: Iterable[AlarmRaised], later_signs: Iterable[DeliverySigns]
) -> Iterator[Dated]:
    """Yield the signs of delivery after a part, until one is after each of its alarms."""
    stopping = [alarm for alarm in raised if alarm.kind in ALARM_KINDS]
    for sign in chain.from_iterable(signs.shown for signs in later_signs):
        if not stopping:
            return
        yield sign, log.at(sign)
        stopping = [alarm for alarm in stopping if not shows_end(log, alarm, sign)]


def _last_raised(log: DatedPart) -> datetime:
    return max(map(log.at, log.of(AlarmRaised)))


def _first_events(log: DatedPart) -> _FirstEvents:
    events: list[AlarmRaised | AlarmAcknowledged | AlarmCleared] = log.of(
        AlarmRaised, AlarmAcknowledged, AlarmCleared
    )
    ends: dict[Name, Dated] = {}
    responses: dict[Name, Dated] = {}
    for event in events:
        if not isinstance(event, AlarmAcknowledged):
            ends.setdefault((event.kind, event.alarm), (event, log.at(event)))
        if not isinstance(event, AlarmCleared):
            responses.setdefault((event.kind, event.alarm), (event, log.at(event)))
    return _FirstEvents(ends, responses)


class _AlarmEnds:
    """Finds the first events after an alarm of a part that may end or acknowledge it."""

    def __init__(
        self, log: DatedPart, signs: DeliverySigns, later: _LaterEvents
    ) -> None:
        self._log, self._signs, self._later = log, signs, later
        ends: list[AlarmRaised | AlarmCleared] = log.of(AlarmRaised, AlarmCleared)
        self._ends = _by_name(ends)
        responses: list[AlarmRaised | AlarmAcknowledged] = log.of(
            AlarmRaised, AlarmAcknowledged
        )
        self._responses = _by_name(responses)

    def cleared_or_repeated(self, raised: AlarmRaised) -> Dated | None:
        """Return the first event that clears an alarm or raises it again."""
        name = raised.kind, raised.alarm
        return self._first_after(raised, self._ends[name], self._later.ends.get(name))

    def acknowledged(self, raised: AlarmRaised) -> datetime | None:
        """Return when an alarm was acknowledged (UTC); None if it was not, or was raised again before."""
        name = raised.kind, raised.alarm
        response = self._first_after(
            raised, self._responses[name], self._later.responses.get(name)
        )
        if response is None or not isinstance(response[0], AlarmAcknowledged):
            return None
        return response[1]

    def delivery_resumed(self, raised: AlarmRaised) -> Dated | None:
        """Return the first event that shows delivery after an alarm."""
        index = bisect_right(self._signs.shown, raised.key, key=KEY)
        for sign in self._signs.shown[index:]:
            if shows_end(self._log, raised, sign):
                return sign, self._log.at(sign)
        later = (
            dated
            for dated in self._later.delivering
            if shows_end(self._log, raised, dated[0])
        )
        return next(later, None)

    def _first_after(
        self, raised: AlarmRaised, events: Sequence[PumpEvent], later: Dated | None
    ) -> Dated | None:
        """Return the first of some events of this part after an alarm, else the first one of later parts."""
        index = bisect_right(events, raised.key, key=KEY)
        if index == len(events):
            return later
        return events[index], self._log.at(events[index])


def _by_name(
    events: Iterable[AlarmRaised | AlarmCleared | AlarmAcknowledged],
) -> Mapping[Name, list[PumpEvent]]:
    by_name: defaultdict[Name, list[PumpEvent]] = defaultdict(list)
    for event in events:
        by_name[event.kind, event.alarm].append(event)
    return by_name


def _alarms(
    log: DatedPart, signs: DeliverySigns, later: _LaterEvents
) -> Timeline[Alarm]:
    """Return the alarms that were raised in a part of the log."""
    ends = _AlarmEnds(log, signs, later)
    records = []
    for raised in log.of(AlarmRaised):
        start, resumed = log.at(raised), ends.delivery_resumed(raised)
        candidates = [ends.cleared_or_repeated(raised)]
        if _stopped_delivery(raised, signs):
            candidates.append(resumed)
        end = min(
            filter(None, candidates), key=lambda dated: dated[0].key, default=None
        )
        ended, ended_by = None, None
        if end:
            ended, ended_by = end[1], _kind_of_end(end[0])
        elif later.newest - start >= ALERT_LASTS and _lapses(raised, resumed):
            ended, ended_by = start + ALERT_LASTS, AlarmEnd.LAPSED
        records.append(
            Alarm(
                key=raised.key,
                start=start,
                pump_time=raised.pump_time,
                kind=raised.kind,
                alarm=raised.alarm,
                ended=ended,
                ended_by=ended_by,
                acknowledged=ends.acknowledged(raised),
                parameter=raised.parameter,
            )
        )
    return Timeline(records)


def first_raised(alarms: Sequence[Alarm], alarm: Alarm) -> datetime:
    """Return when (UTC) an alarm was first raised, before it was repeated as a reminder within a day each.

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
    """Return whether an alarm stopped delivery, so that delivery afterwards proves it ended.

    If the alarm does not stop delivery by its meaning, or its meaning is unknown, only a logged
    suspension proves that.
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


def _lapses(raised: AlarmRaised, resumed: Dated | None) -> bool:
    """Return whether an alarm without a logged end lapses after a day: an alert, or one after which insulin flows."""
    return raised.kind not in ALARM_KINDS or resumed is not None
