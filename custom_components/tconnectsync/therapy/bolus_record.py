"""The record of one bolus, from its messages and events around it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from custom_components.tconnectsync.tandem.event_types import (
    BolusEnded,
    EventKey,
    GlucoseEntered,
    PumpEvent,
)

from .bolus_delivered import BolusDelivered, bolus_delivered, extended_start
from .bolus_kind import bolus_kind, is_automatic
from .bolus_messages import BolusMessages, Message
from .delivery_stops import DeliveryStop
from .log_gaps import Skip
from .records import Bolus, BolusKind

STARTS_WITHIN = timedelta(minutes=2)
"""All captured boluses started fifteen seconds after their request."""
DETAILS_WITHIN = timedelta(minutes=10)
END_WITHIN = timedelta(hours=2)
GLUCOSE_WITHIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class KnownOfBolus:
    """All inputs of a bolus's record."""

    messages: tuple[Message, ...]
    instants: tuple[datetime, ...]
    """When each was logged (UTC)."""
    newest: datetime
    """The end of the log (UTC), as far as it matters."""
    stops: tuple[DeliveryStop, ...]
    """From its first message to the first stop after the last message."""
    glucose: tuple[GlucoseEntered, datetime] | None
    """The last glucose entered before it, and when (UTC)."""
    rejected: bool
    """Whether an automatic bolus was rejected later."""
    skips: tuple[Skip, ...] = ()
    """The first place from its last message on after which events are missing."""


class BolusLog:
    """The part of a log that one bolus depends on."""

    def __init__(self, known: KnownOfBolus) -> None:
        """Take the instants of the messages and the end of the log."""
        self._instants = {
            message.key: at
            for message, at in zip(known.messages, known.instants, strict=True)
        }
        self.newest = known.newest

    def at(self, event: PumpEvent) -> datetime:
        """Return the UTC instant of a message."""
        return self._instants[event.key]

    def since(self, event: PumpEvent) -> timedelta:
        """Return how long the log goes on after a message."""
        return self.newest - self.at(event)


def bolus_of(known: KnownOfBolus, nth: int) -> Bolus:
    """Return the record of a bolus, the `nth` of its id on its pump day (U, g, mg/dL, minutes)."""
    log, stops = BolusLog(known), known.stops
    messages = BolusMessages.of(known.messages, known.instants)
    begin, over = messages.start_message, messages.is_finished
    start = log.at(begin)
    planned = timedelta(minutes=messages.planned_minutes)
    never_started = _never_started(log, messages, rejected=known.rejected)
    start_lost_at = _start_lost_at(log, messages, known) if never_started else None
    never_started = never_started and start_lost_at is None
    started = not never_started and start_lost_at is None
    overdue = not over and started and log.since(begin) > planned + END_WITHIN
    delivered = bolus_delivered(messages, log, stops, overdue=overdue)
    end = log.at(messages.end_message) if over else None
    now_requested = messages.now_requested or 0.0
    extended_requested = messages.extended_requested or 0.0
    extended_at = _extended_start(log, messages, delivered)
    requested, options, amounts = messages.requested, messages.options, messages.amounts
    glucose = requested.glucose if requested else None
    kind = bolus_kind(messages)
    return Bolus(
        key=begin.key,
        start=start,
        pump_time=begin.pump_time,
        numbers=messages.numbers,
        bolus_id=begin.bolus_id,
        nth=nth,
        kind=kind,
        requested=round(now_requested + extended_requested, 3),
        now_requested=now_requested,
        extended_requested=extended_requested,
        now_delivery=delivered.now,
        extended_deliveries=delivered.extended,
        extended_start=extended_at,
        extended_minutes=_extended_minutes(messages, extended_at, end),
        planned_minutes=messages.planned_minutes,
        end=end,
        completion=messages.end_message.completion
        if over and isinstance(messages.end_message, BolusEnded)
        else None,
        end_missing=overdue,
        never_started=never_started,
        in_progress=not over and not overdue and started,
        complete=(over or overdue or _runs_as_planned(messages))
        and _details_are_known(log, messages),
        carbs=_carbs(messages, kind, never_started=never_started),
        glucose=glucose,
        glucose_from_cgm=None if glucose is None else _from_cgm(known, glucose),
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
        start_lost_at=start_lost_at,
    )


def _carbs(
    messages: BolusMessages, kind: BolusKind, *, never_started: bool
) -> int | None:
    """Return the carbs entered for a bolus (g), None where the only message that reports them is missing."""
    if never_started:
        return 0
    if messages.requested:
        return messages.requested.carbs
    return 0 if kind is BolusKind.AUTOMATIC else None


def _never_started(log: BolusLog, messages: BolusMessages, *, rejected: bool) -> bool:
    """Return whether the log went on after a request without any message about delivery."""
    if messages.is_started or (messages.amounts and not messages.amounts.total):
        return False
    last = messages.all[-1]
    if log.since(last) > STARTS_WITHIN:
        return True
    return is_automatic(messages) and rejected


def _start_lost_at(
    log: BolusLog, messages: BolusMessages, known: KnownOfBolus
) -> EventKey | None:
    """Return from where on the events are missing that would report whether a bolus started, None where none are."""
    if is_automatic(messages) and known.rejected:
        return None
    until = log.at(messages.all[-1]) + STARTS_WITHIN
    for skip in known.skips:
        if skip.at <= until:
            group, number = skip.key
            return group, number + 1
    return None


def _runs_as_planned(messages: BolusMessages) -> bool:
    """Return whether the immediate part is over, so that only an extended part may be running."""
    started = messages.now_ended or messages.extended_started or messages.progress
    return bool(started) and messages.is_now_part_finished


def _details_are_known(log: BolusLog, messages: BolusMessages) -> bool:
    """Return whether the details of the request are known, or are not likely to be reported any more."""
    return (
        messages.requested is not None and messages.options is not None
    ) or log.since(messages.all[-1]) >= DETAILS_WITHIN


def _extended_start(
    log: BolusLog, messages: BolusMessages, delivered: BolusDelivered
) -> datetime | None:
    if messages.extended_requested == 0 or messages.stopped_early:
        return None
    return extended_start(messages, log, delivered.now)


def _extended_minutes(
    messages: BolusMessages, start: datetime | None, end: datetime | None
) -> float:
    if start is None:
        return 0
    if end is None:
        return messages.planned_minutes
    return max(0.0, round((end - start).total_seconds() / 60, 2))


def _from_cgm(known: KnownOfBolus, glucose: int) -> bool | None:
    """Return whether the glucose value of a bolus came from the sensor, None where no entry of it is logged."""
    if known.glucose is None:
        return None
    entry, at = known.glucose
    is_its_own = known.instants[0] - at <= GLUCOSE_WITHIN and entry.glucose == glucose
    return entry.from_cgm if is_its_own else None
