"""Groups the pump's messages by bolus."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from operator import itemgetter

from custom_components.tconnectsync.instants import FAR_FUTURE
from custom_components.tconnectsync.tandem.event_types import (
    BolusAmounts,
    BolusDelivery,
    BolusEnded,
    BolusOptions,
    BolusRequested,
    BolusStarted,
)

from .bolus_messages import BolusMessages, Message
from .event_log import DatedPart, EventLog
from .log_parts import PartNumber, part_number

SAME_BOLUS_WITHIN = timedelta(hours=12)
LOGGED_WITHIN = timedelta(minutes=1)
"""All messages of a bolus's start are logged within this time, and all of its end."""


@dataclass(frozen=True, slots=True)
class _Messages:
    """Messages in the order of the log, each with the instant it was logged (UTC)."""

    all: tuple[Message, ...]
    instants: tuple[datetime, ...]
    earliest: datetime = FAR_FUTURE
    """The first instant, for the messages of a part of the log."""


@dataclass(frozen=True, slots=True)
class _Joined:
    """The boluses of one part of the log, and of earlier parts that it completes."""

    closed: Mapping[PartNumber, tuple[BolusMessages, ...]]
    """Those without later messages, by the part they began in."""
    still_open: tuple[_Messages, ...]
    """Those that may have later messages."""


def joined(log: EventLog) -> Iterator[tuple[PartNumber, tuple[BolusMessages, ...]]]:
    """Yield each part of the log with the messages of the boluses that began in it.

    The same id after a restart of ids, or half a day later, is another bolus; another sequence group
    alone is not.
    """
    parts = log.of_parts(_messages)
    earliest = (part.earliest for part in reversed(parts))
    earliest_later = [*accumulate(earliest, min, initial=FAR_FUTURE)][:-1]
    by_part: defaultdict[PartNumber, tuple[BolusMessages, ...]] = defaultdict(tuple)
    still_open: tuple[_Messages, ...] = ()
    for part, later in zip(log.dated_parts, reversed(earliest_later), strict=True):
        joined_up_to = part.result(_joined, still_open, later)
        for number, closed in joined_up_to.closed.items():
            by_part[number] += closed
        still_open = joined_up_to.still_open
    yield from sorted(by_part.items(), key=itemgetter(0))


def _messages(log: DatedPart) -> _Messages:
    events: list[Message] = log.of(
        BolusRequested,
        BolusOptions,
        BolusAmounts,
        BolusStarted,
        BolusEnded,
        BolusDelivery,
    )
    instants = tuple(map(log.at, events))
    return _Messages(tuple(events), instants, min(instants, default=FAR_FUTURE))


def _joined(
    log: DatedPart, open_before: Iterable[_Messages], later: datetime
) -> _Joined:
    """Join the messages of a part with those of open boluses; all later messages are at `later` or after."""
    part = log.result(_messages)
    boluses = [
        BolusMessages.of(messages.all, messages.instants) for messages in open_before
    ]
    latest = {messages.all[0].bolus_id: messages for messages in boluses}
    for event, at in zip(part.all, part.instants, strict=True):
        messages = latest.get(event.bolus_id)
        if messages is None or not _joins(messages, event, at):
            messages = latest[event.bolus_id] = BolusMessages()
            boluses.append(messages)
        messages.add(event, at)
    still_open = []
    closed: defaultdict[PartNumber, tuple[BolusMessages, ...]] = defaultdict(tuple)
    for messages in boluses:
        may_go_on = messages.first_at >= later - SAME_BOLUS_WITHIN
        if may_go_on and latest[messages.all[0].bolus_id] is messages:
            still_open.append(_Messages(tuple(messages.all), tuple(messages.instants)))
        else:
            closed[part_number(messages.all[0].key)] += (messages,)
    return _Joined(closed, tuple(still_open))


def _joins(messages: BolusMessages, message: Message, at: datetime) -> bool:
    """Return whether a message is of this bolus, and not of a later one with the same id."""
    if abs(at - messages.first_at) > SAME_BOLUS_WITHIN:
        return False
    if _has_message_of_kind(messages, message):
        return False
    if messages.extended_ended:
        return at - messages.at(messages.extended_ended) <= LOGGED_WITHIN
    is_start = isinstance(message, BolusRequested | BolusOptions | BolusAmounts) or (
        isinstance(message, BolusStarted) and not message.extended
    )
    if (
        is_start
        and messages.is_started
        and at - messages.at(messages.start_message) > LOGGED_WITHIN
    ):
        return False
    shows_delivery = isinstance(message, BolusEnded) or (
        isinstance(message, BolusDelivery)
        and (not message.started or bool(message.delivered))
    )
    if (
        shows_delivery
        or messages.extended
        or not messages.is_started
        or not messages.is_finished
    ):
        return True
    return at - messages.at(messages.end_message) <= LOGGED_WITHIN


def _has_message_of_kind(messages: BolusMessages, message: Message) -> bool:
    """Return whether a bolus has a message of this kind already, if each bolus has just one."""
    match message:
        case BolusRequested():
            return messages.requested is not None
        case BolusOptions():
            return messages.options is not None
        case BolusAmounts():
            return messages.amounts is not None
        case BolusStarted(extended=True):
            return messages.extended_started is not None
        case BolusStarted():
            return messages.now_started is not None
        case BolusEnded(extended=True):
            return messages.extended_ended is not None
        case BolusEnded():
            return messages.now_ended is not None
        case BolusDelivery():
            return not message.started and messages.done is not None
