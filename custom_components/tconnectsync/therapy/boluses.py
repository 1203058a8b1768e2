"""Boluses joined from the messages the pump logs about them."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from custom_components.tconnectsync.tandem.events import (
    BolusAmounts,
    BolusDelivery,
    BolusEnded,
    BolusOption,
    BolusOptions,
    BolusRequested,
    BolusSource,
    BolusStarted,
    BolusType,
    Completion,
    GlucoseEntered,
)

from .log import EventLog
from .records import Bolus, BolusKind

SAME_BOLUS_WITHIN = timedelta(hours=12)
DETAILS_WITHIN = timedelta(minutes=10)
END_WITHIN = timedelta(hours=2)
GLUCOSE_WITHIN = timedelta(minutes=5)

type Message = (
    BolusRequested
    | BolusOptions
    | BolusAmounts
    | BolusStarted
    | BolusEnded
    | BolusDelivery
)


@dataclass(slots=True)
class Messages:
    """What was logged about one bolus."""

    first_at: datetime
    all: list[Message] = field(default_factory=list)
    requested: BolusRequested | None = None
    options: BolusOptions | None = None
    amounts: BolusAmounts | None = None
    started: BolusDelivery | None = None
    done: BolusDelivery | None = None
    now_started: BolusStarted | None = None
    now_ended: BolusEnded | None = None
    extended_started: BolusStarted | None = None
    extended_ended: BolusEnded | None = None

    def add(self, message: Message) -> None:
        """Take one more message; the log never tells the same thing twice."""
        self.all.append(message)
        match message:
            case BolusRequested():
                self.requested = message
            case BolusOptions():
                self.options = message
            case BolusAmounts():
                self.amounts = message
            case BolusStarted(extended=True):
                self.extended_started = message
            case BolusStarted():
                self.now_started = message
            case BolusEnded(extended=True):
                self.extended_ended = message
            case BolusEnded():
                self.now_ended = message
            case BolusDelivery(started=True):
                self.started = message
            case BolusDelivery():
                self.done = message


def boluses(log: EventLog) -> Iterator[Bolus]:
    """Yield every bolus whose delivery was asked for, in the order they began."""
    glucose_entries = log.of(GlucoseEntered)
    for bolus_id, messages in _joined(log):
        yield _bolus(log, bolus_id, messages, glucose_entries)


def _joined(log: EventLog) -> list[tuple[int, Messages]]:
    """Group messages by bolus; an id that comes again half a day later is another bolus."""
    open_boluses: dict[tuple[int, int], Messages] = {}
    found: list[tuple[int, Messages]] = []
    events: list[Message] = log.of(
        BolusRequested,
        BolusOptions,
        BolusAmounts,
        BolusStarted,
        BolusEnded,
        BolusDelivery,
    )
    for event in events:
        identity = (event.group, event.bolus_id)
        at = log.at(event)
        messages = open_boluses.get(identity)
        if messages is None or abs(at - messages.first_at) > SAME_BOLUS_WITHIN:
            messages = open_boluses[identity] = Messages(at)
            found.append((event.bolus_id, messages))
        messages.add(event)
    return found


def _bolus(
    log: EventLog,
    bolus_id: int,
    messages: Messages,
    glucose_entries: list[GlucoseEntered],
) -> Bolus:
    begin = (
        messages.now_started
        or messages.extended_started
        or messages.started
        or messages.requested
        or messages.all[-1]
    )
    start = log.at(begin)
    requested, options, amounts = messages.requested, messages.options, messages.amounts
    now_requested, extended_requested = _requested(messages)
    planned_minutes = _planned_minutes(messages)
    overdue = (
        log.at(log.events[-1]) - start > timedelta(minutes=planned_minutes) + END_WITHIN
    )
    now_done = _part_done(messages, messages.now_ended, now_requested)
    stopped_early = (
        messages.now_ended is not None
        and messages.now_ended.completion is not Completion.COMPLETED
        and messages.extended_started is None
    )
    extended_done = stopped_early or _part_done(
        messages, messages.extended_ended, extended_requested
    )
    ended = now_done and extended_done
    now_delivered, extended_delivered = _delivered(
        messages, now_requested, extended_requested, stopped_early
    )
    last_end = messages.extended_ended or messages.now_ended
    end = log.at(last_end or messages.done or begin) if ended else None
    extended_start = _extended_start(log, messages, extended_requested, stopped_early)
    details_known = requested is not None and options is not None
    glucose = requested.glucose if requested else None
    return Bolus(
        key=begin.key,
        start=start,
        pump_time=begin.pump_time,
        numbers=tuple(message.number for message in messages.all),
        bolus_id=bolus_id,
        kind=_kind(messages, extended_requested),
        requested=round(now_requested + extended_requested, 3),
        delivered=round(now_delivered + extended_delivered, 3),
        now_requested=now_requested,
        now_delivered=now_delivered,
        extended_requested=extended_requested,
        extended_delivered=extended_delivered,
        extended_start=extended_start,
        extended_minutes=(
            round((end - extended_start).total_seconds() / 60, 2)
            if end and extended_start
            else planned_minutes
        ),
        end=end,
        completion=last_end.completion if last_end and ended else None,
        end_missing=overdue and not ended,
        in_progress=not ended and not overdue,
        complete=(
            overdue or ended or (now_done and messages.extended_started is not None)
        )
        and (details_known or log.since(messages.all[-1]) >= DETAILS_WITHIN),
        carbs=requested.carbs if requested else 0,
        glucose=glucose,
        glucose_from_cgm=glucose is not None
        and _glucose_from_cgm(log, messages.all[0], glucose, glucose_entries),
        food=amounts.food if amounts else None,
        correction=amounts.correction if amounts else None,
        insulin_on_board=requested.insulin_on_board if requested else None,
        carb_ratio=requested.carb_ratio if requested else None,
        correction_factor=options.correction_factor if options else None,
        target=options.target if options else None,
        option=options.option if options else None,
        source=_source(messages),
        override=options is not None and options.override,
        declined_correction=options is not None and options.declined_correction,
    )


def _requested(messages: Messages) -> tuple[float, float]:
    """Return what was asked for now and extended (U), from whichever message tells."""
    delivery = messages.started or messages.done
    if (
        delivery
        and delivery.requested_now is not None
        and delivery.requested_later is not None
    ):
        return delivery.requested_now, delivery.requested_later
    total = messages.amounts.total if messages.amounts else None
    is_extended = (
        messages.extended_started is not None or _planned_minutes(messages) > 0
    )
    if total is not None and messages.options and is_extended:
        now = round(total * (messages.options.standard_percent or 0) / 100, 3)
        return now, round(total - now, 3)
    now = _first(
        messages.now_started.size if messages.now_started else None,
        messages.now_ended.requested if messages.now_ended else None,
        None if is_extended else total,
        messages.now_ended.delivered if messages.now_ended else None,
    )
    extended = _first(
        messages.extended_started.size if messages.extended_started else None,
        messages.extended_ended.requested if messages.extended_ended else None,
        messages.extended_ended.delivered if messages.extended_ended else None,
    )
    return now, extended


def _first(*amounts: float | None) -> float:
    return next((amount for amount in amounts if amount is not None), 0.0)


def _planned_minutes(messages: Messages) -> int:
    extended = messages.options is not None and messages.options.option in (
        BolusOption.EXTENDED,
        BolusOption.REMOTE_EXTENDED,
    )
    if messages.options and (extended or messages.options.duration):
        return messages.options.duration
    delivery = messages.started or messages.done
    return (delivery.duration or 0) if delivery else 0


def _part_done(messages: Messages, ended: BolusEnded | None, requested: float) -> bool:
    return ended is not None or messages.done is not None or not requested


def _delivered(
    messages: Messages,
    now_requested: float,
    extended_requested: float,
    stopped_early: bool,
) -> tuple[float, float]:
    """Return what each part delivered (U); what runs or was never told counts as asked for."""
    now, extended = messages.now_ended, messages.extended_ended
    total = messages.done.delivered if messages.done else None
    now_delivered, extended_delivered = now_requested, extended_requested
    if now:
        now_delivered = now.delivered
    elif total is not None:
        now_delivered = min(
            now_requested,
            max(0.0, round(total - (extended.delivered if extended else 0), 3)),
        )
    if extended:
        extended_delivered = extended.delivered
    elif stopped_early:
        extended_delivered = 0.0
    elif total is not None:
        extended_delivered = (
            max(0.0, round(total - now_delivered, 3)) if extended_requested else 0
        )
    return now_delivered, extended_delivered


def _extended_start(
    log: EventLog, messages: Messages, extended_requested: float, stopped_early: bool
) -> datetime | None:
    if messages.extended_started:
        return log.at(messages.extended_started)
    if not extended_requested or stopped_early:
        return None
    return log.at(messages.now_ended or messages.all[0])


def _kind(messages: Messages, extended_requested: float) -> BolusKind:
    automatic = (
        (
            messages.requested is not None
            and messages.requested.type is BolusType.AUTOMATIC
        )
        or (
            messages.options is not None
            and messages.options.option
            in (BolusOption.AUTOMATIC, BolusOption.EATING_SOON_AUTOMATIC)
        )
        or _source(messages) in (BolusSource.ALGORITHM, BolusSource.EATING_SOON)
    )
    if automatic:
        return BolusKind.AUTOMATIC
    if extended_requested or messages.extended_started or messages.extended_ended:
        return BolusKind.EXTENDED
    if messages.requested and messages.requested.carbs:
        return BolusKind.MEAL
    return BolusKind.CORRECTION


def _source(messages: Messages) -> BolusSource | None:
    delivery = messages.started or messages.done
    return delivery.source if delivery else None


def _glucose_from_cgm(
    log: EventLog, first: Message, glucose: int, entries: list[GlucoseEntered]
) -> bool:
    """Tell whether the value the bolus was worked out with came from the sensor."""
    before = bisect_left(entries, first.key, key=lambda entry: entry.key)
    if not before:
        return False
    entry = entries[before - 1]
    recent = log.at(first) - log.at(entry) <= GLUCOSE_WITHIN
    return recent and entry.from_cgm and entry.glucose == glucose
