"""The insulin of a bolus that was delivered up to the newest event, and when."""

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
    """The instants (UTC) of messages and of the newest event."""

    @property
    def newest(self) -> datetime | None:
        """UTC instant of the newest event."""

    def at(self, event: PumpEvent) -> datetime:
        """Return the UTC instant of an event."""


type Point = tuple[datetime, float]
"""An instant (UTC), and the insulin (U) delivered by then."""


@dataclass(frozen=True, slots=True)
class BolusDelivered:
    """Insulin delivered at once, and by the extended part."""

    now: Delivery | None = None
    extended: tuple[Delivery, ...] = ()


def bolus_delivered(
    messages: BolusMessages,
    log: InstantLog,
    stops: Sequence[DeliveryStop],
    *,
    overdue: bool,
) -> BolusDelivered:
    """Return the delivered insulin as the pump reported it, else at the planned rate until delivery stopped.

    If the end is overdue, the bolus counts as delivered up to its planned end or the first stop.
    """
    if not messages.is_started:
        return BolusDelivered()
    limit = _limit(messages, log, stops)
    now = _now_delivery(messages, log, limit)
    requested = messages.now_requested or 0.0
    delivered = now.insulin if now else 0.0
    if _now_reported(messages) is None and delivered < requested - ROUNDING:
        return BolusDelivered(now)
    extended = _extended_deliveries(messages, log, limit, now, overdue)
    return BolusDelivered(now, tuple(extended))


def _now_reported(messages: BolusMessages) -> float | None:
    """Return the insulin delivered at once (U); None while it is not reported."""
    if messages.now_ended:
        return messages.now_ended.delivered
    requested = messages.now_requested or 0.0
    total = messages.done.delivered if messages.done else None
    if total is None:
        return requested if messages.is_now_part_finished else None
    if messages.extended_ended:
        return max(0.0, round(total - messages.extended_ended.delivered, 3))
    return min(requested, total) if messages.extended else total


def _extended_reported(messages: BolusMessages, now: float) -> float | None:
    """Return the insulin of the extended part (U), given the one at once; None while it is not reported."""
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
    """Return when delivery stopped after its last sign (UTC), else the newest event's instant."""
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


def _now_delivery(
    messages: BolusMessages, log: InstantLog, limit: datetime
) -> Delivery | None:
    start = log.at(messages.start_message)
    delivered = _now_reported(messages)
    if delivered is not None:
        return _delivery(delivered, start, _now_end(messages, log, start, delivered))
    requested = messages.now_requested or 0.0
    reported = ((log.at(report), report.delivered) for report in messages.progress)
    at, delivered = _rising((start, 0.0), reported, requested)[-1]
    if delivered >= requested:
        at = min(at, start + TIME_PER_UNIT * requested)
    end = min(at + TIME_PER_UNIT * (requested - delivered), limit)
    if end > at:
        at, delivered = end, delivered + (end - at) / TIME_PER_UNIT
    return _delivery(round(min(delivered, requested), 3), start, at)


def _now_end(
    messages: BolusMessages, log: InstantLog, start: datetime, delivered: float
) -> datetime:
    if messages.now_ended:
        return log.at(messages.now_ended)
    if messages.done and not messages.extended:
        return log.at(messages.done)
    ends = [start + TIME_PER_UNIT * delivered]
    following = messages.extended_started, messages.extended_ended, messages.done
    ends += [log.at(message) for message in following if message]
    return min(ends)


def _extended_deliveries(
    messages: BolusMessages,
    log: InstantLog,
    limit: datetime,
    now: Delivery | None,
    overdue: bool,
) -> Iterable[Delivery]:
    now_delivered = now.insulin if now else 0.0
    start = extended_start(messages, log, now)
    reported = (
        (
            log.at(report),
            None if report.delivered is None else report.delivered - now_delivered,
        )
        for report in messages.progress
    )
    requested = messages.extended_requested or 0.0
    total = _extended_reported(messages, now_delivered)
    points = _rising((start, 0.0), reported, requested if total is None else total)
    if total is not None:
        ended = messages.extended_ended or messages.done
        end = max(log.at(ended), start) if ended else start
        points = [point for point in points if point[0] < end or point[0] == start]
        points.append((end, total))
    else:
        at, delivered = points[-1]
        planned = log.at(messages.start_message) + timedelta(
            minutes=messages.planned_minutes
        )
        end = min(planned, limit)
        if end > at:
            share = (end - at) / (planned - at)
            points.append((end, delivered + (requested - delivered) * share))
        elif overdue and limit > planned:
            points.append((at, requested))
    for (since, before), (until, after) in pairwise(points):
        if part := _delivery(
            round(round(after, 3) - round(before, 3), 3), since, until
        ):
            yield part


def extended_start(
    messages: BolusMessages, log: InstantLog, now: Delivery | None
) -> datetime:
    """Return when the extended part began (UTC), after the immediate part."""
    reported = messages.extended_started or messages.now_ended
    if reported:
        return log.at(reported)
    return now.end if now else log.at(messages.start_message)


def _rising(
    first: Point, reported: Iterable[tuple[datetime, float | None]], most: float
) -> list[Point]:
    """Return the reports as points that only rise, up to a total (U)."""
    points = [first]
    for at, delivered in reported:
        last_at, last_delivered = points[-1]
        if delivered is None or delivered < last_delivered + ROUNDING or at <= last_at:
            continue
        points.append((at, min(delivered, most)))
    return points


def _delivery(insulin: float, start: datetime, end: datetime) -> Delivery | None:
    return Delivery(insulin, min(start, end), end) if insulin > 0 else None
