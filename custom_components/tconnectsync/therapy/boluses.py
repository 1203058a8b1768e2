"""Boluses, as far as they are known."""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime, timedelta

from custom_components.tconnectsync.tandem.events import BolusEnded, GlucoseEntered

from .bolus_messages import Message, Messages, joined
from .log import EventLog
from .records import Bolus, BolusKind

DETAILS_WITHIN = timedelta(minutes=10)
END_WITHIN = timedelta(hours=2)
GLUCOSE_WITHIN = timedelta(minutes=5)


def boluses(log: EventLog) -> Iterator[Bolus]:
    """Yield every bolus whose delivery was asked for, in the order they began."""
    glucose_entries = log.of(GlucoseEntered)
    for messages in joined(log):
        yield _bolus(log, messages, glucose_entries)


def _bolus(
    log: EventLog, messages: Messages, glucose_entries: list[GlucoseEntered]
) -> Bolus:
    begin, over = messages.begin, messages.over
    start = log.at(begin)
    planned = timedelta(minutes=messages.planned_minutes)
    overdue = not over and log.since(begin) > planned + END_WITHIN
    end = log.at(messages.end) if over else None
    now_requested = messages.now_requested or 0.0
    extended_requested = messages.extended_requested or 0.0
    now_delivered, extended_delivered = messages.delivered
    extended_start = _extended_start(log, messages)
    requested, options, amounts = messages.requested, messages.options, messages.amounts
    glucose = requested.glucose if requested else None
    return Bolus(
        key=begin.key,
        start=start,
        pump_time=begin.pump_time,
        numbers=tuple(message.number for message in messages.all),
        bolus_id=begin.bolus_id,
        kind=_kind(messages),
        requested=round(now_requested + extended_requested, 3),
        delivered=round(now_delivered + extended_delivered, 3),
        now_requested=now_requested,
        now_delivered=now_delivered,
        extended_requested=extended_requested,
        extended_delivered=extended_delivered,
        extended_start=extended_start,
        extended_minutes=_extended_minutes(messages, extended_start, end),
        end=end,
        completion=messages.end.completion
        if over and isinstance(messages.end, BolusEnded)
        else None,
        end_missing=overdue,
        in_progress=not over and not overdue,
        complete=(over or overdue or _runs_as_planned(messages))
        and _details_are_known(log, messages),
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
        source=messages.source,
        override=options is not None and options.override,
        declined_correction=options is not None and options.declined_correction,
    )


def _kind(messages: Messages) -> BolusKind:
    if messages.automatic:
        return BolusKind.AUTOMATIC
    if messages.extended_requested != 0:
        return BolusKind.EXTENDED
    if messages.requested and messages.requested.carbs:
        return BolusKind.MEAL
    return BolusKind.CORRECTION


def _runs_as_planned(messages: Messages) -> bool:
    """Tell whether all but an extended part is over."""
    begun = messages.now_ended or messages.extended_started or messages.started
    return begun is not None and messages.now_over


def _details_are_known(log: EventLog, messages: Messages) -> bool:
    """Tell whether what it was for is known, or will hardly be told any more."""
    return (
        messages.requested is not None and messages.options is not None
    ) or log.since(messages.all[-1]) >= DETAILS_WITHIN


def _extended_start(log: EventLog, messages: Messages) -> datetime | None:
    if messages.extended_requested == 0 or messages.stopped_early:
        return None
    return log.at(messages.extended_started or messages.now_ended or messages.begin)


def _extended_minutes(
    messages: Messages, start: datetime | None, end: datetime | None
) -> float:
    if start is None:
        return 0
    if end is None:
        return messages.planned_minutes
    return max(0.0, round((end - start).total_seconds() / 60, 2))


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
