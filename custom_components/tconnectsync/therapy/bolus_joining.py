"""Which of the pump's messages are about one bolus."""

from datetime import timedelta

from custom_components.tconnectsync.tandem.event_types import (
    BolusAmounts,
    BolusDelivery,
    BolusEnded,
    BolusOptions,
    BolusRequested,
    BolusStarted,
)

from .bolus_messages import Message, Messages
from .log import EventLog

SAME_BOLUS_WITHIN = timedelta(hours=12)
LOGGED_WITHIN = timedelta(minutes=1)
"""What is logged when a bolus begins, or when it ends, is logged by then."""


def joined(log: EventLog) -> list[Messages]:
    """Group messages by bolus; an id that begins anew, or comes half a day later, is another bolus."""
    open_boluses: dict[tuple[int, int], Messages] = {}
    found: list[Messages] = []
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
        messages = open_boluses.get(identity)
        if messages is None or not _joins(messages, event, log):
            messages = open_boluses[identity] = Messages(log.at(event))
            found.append(messages)
        messages.add(event)
    return found


def _joins(messages: Messages, message: Message, log: EventLog) -> bool:
    """Return whether a message is of the same bolus, or of a later one that has its id again."""
    at = log.at(message)
    if abs(at - messages.first_at) > SAME_BOLUS_WITHIN:
        return False
    if _holds_another(messages, message):
        return False
    if messages.extended_ended:
        return at - log.at(messages.extended_ended) <= LOGGED_WITHIN
    begins = isinstance(message, BolusRequested | BolusOptions | BolusAmounts) or (
        isinstance(message, BolusStarted) and not message.extended
    )
    if begins and messages.begun and at - log.at(messages.begin) > LOGGED_WITHIN:
        return False
    goes_on = isinstance(message, BolusEnded) or (
        isinstance(message, BolusDelivery)
        and (not message.started or bool(message.delivered))
    )
    if goes_on or messages.extended or not messages.begun or not messages.over:
        return True
    return at - log.at(messages.end) <= LOGGED_WITHIN


def _holds_another(messages: Messages, message: Message) -> bool:
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
