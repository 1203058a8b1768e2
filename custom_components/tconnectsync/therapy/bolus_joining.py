"""Which of the pump's messages are about one bolus."""

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
"""What is logged when a bolus begins, or when it ends, is logged by then."""


@dataclass(frozen=True, slots=True)
class _Messages:
    """Messages in the order of the log, with when each was logged (UTC)."""

    all: tuple[Message, ...]
    instants: tuple[datetime, ...]
    earliest: datetime = FAR_FUTURE
    """The first in the order of time, of those of a part of the log."""


@dataclass(frozen=True, slots=True)
class _Joined:
    """The boluses that one part of the log and those before it tell of."""

    closed: Mapping[PartNumber, tuple[BolusMessages, ...]]
    """Those that no later message belongs to, by the part they began in."""
    begun: tuple[_Messages, ...]
    """Those that a later message may still belong to."""


def joined(log: EventLog) -> Iterator[tuple[PartNumber, tuple[BolusMessages, ...]]]:
    """Yield the messages of each bolus by the part of the log that the first one stands in.

    An id that begins anew, or comes half a day later, is another bolus; another sequence group alone is not.
    """
    parts = log.of_parts(_messages)
    earliest = (part.earliest for part in reversed(parts))
    to_come = [*accumulate(earliest, min, initial=FAR_FUTURE)][:-1]
    found: defaultdict[PartNumber, tuple[BolusMessages, ...]] = defaultdict(tuple)
    begun: tuple[_Messages, ...] = ()
    for part, later in zip(log.dated_parts, reversed(to_come), strict=True):
        so_far = part.result(_joined, begun, later)
        for place, closed in so_far.closed.items():
            found[place] += closed
        begun = so_far.begun
    yield from sorted(found.items(), key=itemgetter(0))


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


def _joined(log: DatedPart, begun: Iterable[_Messages], later: datetime) -> _Joined:
    """Join the messages of a part to what has begun; what follows it was logged at an instant or after."""
    part = log.result(_messages)
    boluses = [BolusMessages.of(one.all, one.instants) for one in begun]
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
    """Return whether a message is of the same bolus, or of a later one that has its id again."""
    if abs(at - messages.first_at) > SAME_BOLUS_WITHIN:
        return False
    if _holds_another(messages, message):
        return False
    if messages.extended_ended:
        return at - messages.at(messages.extended_ended) <= LOGGED_WITHIN
    begins = isinstance(message, BolusRequested | BolusOptions | BolusAmounts) or (
        isinstance(message, BolusStarted) and not message.extended
    )
    if (
        begins
        and messages.is_started
        and at - messages.at(messages.start_message) > LOGGED_WITHIN
    ):
        return False
    goes_on = isinstance(message, BolusEnded) or (
        isinstance(message, BolusDelivery)
        and (not message.started or bool(message.delivered))
    )
    if (
        goes_on
        or messages.extended
        or not messages.is_started
        or not messages.is_finished
    ):
        return True
    return at - messages.at(messages.end_message) <= LOGGED_WITHIN


def _holds_another(messages: BolusMessages, message: Message) -> bool:
    """Return whether a message of this kind, which comes once for each bolus, is here already."""
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
