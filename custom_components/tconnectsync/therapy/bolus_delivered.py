"""How much of a bolus was delivered and when, up to the newest event."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Protocol

from custom_components.tconnectsync.tandem.event_types import PumpEvent

from .bolus_messages import BolusMessages
from .delivery_stops import DeliveryStop
from .records import Delivery

TIME_PER_UNIT = timedelta(seconds=29)
"""A captured bolus of 3.14 U took 91 s on a t:slim X2."""
ROUNDING = 0.0005
"""U; the pump counts thousandths."""


class InstantLog(Protocol):
    """Tells when a message was logged (UTC), and when the newest event was."""

    @property
    def newest(self) -> datetime | None:
        """UTC instant of the newest event."""

    def at(self, event: PumpEvent) -> datetime:
        """Return the UTC instant of an event."""


type Point = tuple[datetime, float]
"""An instant, and how much (U) had been given by then."""


@dataclass(frozen=True, slots=True)
class BolusDelivered:
    """What was given at once, and what over time."""

    now: Delivery | None = None
    later: tuple[Delivery, ...] = ()


def bolus_delivered(
    messages: BolusMessages,
    log: InstantLog,
    stops: Sequence[DeliveryStop],
    *,
    overdue: bool,
) -> BolusDelivered:
    """Return what was delivered: as the pump reported it, else as fast as it was meant to until delivery stopped.

    Of a bolus whose end is overdue everything was delivered that had not been stopped by then.
    """
    if not messages.is_started:
        return BolusDelivered()
    limit = _limit(messages, log, stops)
    now = _given_now(messages, log, limit)
    asked = messages.now_requested or 0.0
    given = now.insulin if now else 0.0
    if _now_reported(messages) is None and given < asked - ROUNDING:
        return BolusDelivered(now)
    return BolusDelivered(now, tuple(_given_later(messages, log, limit, now, overdue)))


def _now_reported(messages: BolusMessages) -> float | None:
    """Return what was given at once (U); None while that is not reported."""
    if messages.now_ended:
        return messages.now_ended.delivered
    asked = messages.now_requested or 0.0
    total = messages.done.delivered if messages.done else None
    if total is None:
        return asked if messages.is_now_part_finished else None
    if messages.extended_ended:
        return max(0.0, round(total - messages.extended_ended.delivered, 3))
    return min(asked, total) if messages.extended else total


def _later_reported(messages: BolusMessages, now: float) -> float | None:
    """Return what was given over time (U), beside so much at once; None while that is not reported."""
    if messages.extended_ended:
        return messages.extended_ended.delivered
    if not messages.extended or messages.stopped_early:
        return 0.0
    if messages.done is None:
        return None
    if messages.done.delivered is None:
        return messages.extended_requested or 0.0
    return max(0.0, round(messages.done.delivered - now, 3))


def _limit(
    messages: BolusMessages, log: InstantLog, stops: Sequence[DeliveryStop]
) -> datetime:
    """Return when delivery stopped after the last sign of it, else the newest event's instant."""
    signs = filter(
        None,
        (
            messages.start_message,
            messages.now_started,
            messages.now_ended,
            messages.extended_started,
            *messages.progress,
        ),
    )
    last = max(sign.key for sign in signs)
    following = bisect_right(stops, last, key=lambda stop: stop.key)
    newest = log.newest
    assert newest is not None
    ends = [newest, *(stop.at for stop in stops[following : following + 1])]
    if messages.extended_ended:
        ends.append(log.at(messages.extended_ended))
    return min(ends)


def _given_now(
    messages: BolusMessages, log: InstantLog, limit: datetime
) -> Delivery | None:
    start = log.at(messages.start_message)
    given = _now_reported(messages)
    if given is not None:
        return _delivery(given, start, _now_end(messages, log, start, given))
    asked = messages.now_requested or 0.0
    reported = ((log.at(one), one.delivered) for one in messages.progress)
    at, given = _rising((start, 0.0), reported, asked)[-1]
    if given >= asked:
        at = min(at, start + TIME_PER_UNIT * asked)
    end = min(at + TIME_PER_UNIT * (asked - given), limit)
    if end > at:
        at, given = end, given + (end - at) / TIME_PER_UNIT
    return _delivery(round(min(given, asked), 3), start, at)


def _now_end(
    messages: BolusMessages, log: InstantLog, start: datetime, given: float
) -> datetime:
    if messages.now_ended:
        return log.at(messages.now_ended)
    if messages.done and not messages.extended:
        return log.at(messages.done)
    ends = [start + TIME_PER_UNIT * given]
    reported = messages.extended_started, messages.extended_ended, messages.done
    ends += [log.at(one) for one in reported if one]
    return min(ends)


def _given_later(
    messages: BolusMessages,
    log: InstantLog,
    limit: datetime,
    now: Delivery | None,
    overdue: bool,
) -> Iterable[Delivery]:
    now_delivery = now.insulin if now else 0.0
    start = later_start(messages, log, now)
    reported = (
        (log.at(one), None if one.delivered is None else one.delivered - now_delivery)
        for one in messages.progress
    )
    asked = messages.extended_requested or 0.0
    total = _later_reported(messages, now_delivery)
    points = _rising((start, 0.0), reported, asked if total is None else total)
    if total is not None:
        ended = messages.extended_ended or messages.done
        end = max(log.at(ended), start) if ended else start
        points = [point for point in points if point[0] < end or point[0] == start]
        points.append((end, total))
    else:
        at, given = points[-1]
        planned = log.at(messages.start_message) + timedelta(
            minutes=messages.planned_minutes
        )
        end = min(planned, limit)
        if end > at:
            share = (end - at) / (planned - at)
            points.append((end, given + (asked - given) * share))
        elif overdue and limit > planned:
            points.append((at, asked))
    for (since, before), (until, after) in pairwise(points):
        if part := _delivery(
            round(round(after, 3) - round(before, 3), 3), since, until
        ):
            yield part


def later_start(
    messages: BolusMessages, log: InstantLog, now: Delivery | None
) -> datetime:
    """Return when the extended part began (UTC), after what was given at once."""
    reported = messages.extended_started or messages.now_ended
    if reported:
        return log.at(reported)
    return now.end if now else log.at(messages.start_message)


def _rising(
    first: Point, reported: Iterable[tuple[datetime, float | None]], most: float
) -> list[Point]:
    """Return what was reported as points that only rise, up to a total (U)."""
    points = [first]
    for at, given in reported:
        if given is None or given < points[-1][1] + ROUNDING or at <= points[-1][0]:
            continue
        points.append((at, min(given, most)))
    return points


def _delivery(insulin: float, start: datetime, end: datetime) -> Delivery | None:
    return Delivery(insulin, min(start, end), end) if insulin > 0 else None
