"""The messages that the pump logs about one bolus, joined, and what they say together."""

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
)

from .log import EventLog

SAME_BOLUS_WITHIN = timedelta(hours=12)
EXTENDED_OPTIONS = (BolusOption.EXTENDED, BolusOption.REMOTE_EXTENDED)
AUTOMATIC_OPTIONS = (BolusOption.AUTOMATIC, BolusOption.EATING_SOON_AUTOMATIC)
AUTOMATIC_SOURCES = (BolusSource.ALGORITHM, BolusSource.EATING_SOON)

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
    """What was logged about one bolus; any of it may be missing, or still to come."""

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

    @property
    def begin(self) -> Message:
        """The message that tells best when delivery began."""
        return (
            self.now_started
            or self.extended_started
            or self.started
            or self.requested
            or self.all[-1]
        )

    @property
    def delivery(self) -> BolusDelivery | None:
        """A summary of the bolus, whichever of the two was logged."""
        return self.started or self.done

    @property
    def source(self) -> BolusSource | None:
        """Where it was started."""
        return self.delivery.source if self.delivery else None

    @property
    def automatic(self) -> bool:
        """Whether the pump gave it by itself."""
        return (
            (self.requested is not None and self.requested.type is BolusType.AUTOMATIC)
            or (self.options is not None and self.options.option in AUTOMATIC_OPTIONS)
            or self.source in AUTOMATIC_SOURCES
        )

    @property
    def planned_minutes(self) -> int:
        """How long the extended part was meant to take."""
        planned = self.options.duration if self.options else 0
        return planned or (self.delivery.duration if self.delivery else 0) or 0

    @property
    def extended(self) -> bool:
        """Whether anything says that part of it was to be given over time."""
        return (
            self.planned_minutes > 0
            or self.extended_started is not None
            or self.extended_ended is not None
            or (self.options is not None and self.options.option in EXTENDED_OPTIONS)
        )

    @property
    def extended_requested(self) -> float | None:
        """What was asked for over time (U); None when not told yet."""
        if not self.extended:
            return 0.0
        if (told := self._extended_told) is not None:
            return told
        if self.amounts:
            return round(self.amounts.total - (self.now_requested or 0.0), 3)
        return self.extended_ended.delivered if self.extended_ended else None

    @property
    def now_requested(self) -> float | None:
        """What was asked for at once (U); None when not told yet."""
        told = _first(
            self.delivery.requested_now if self.delivery else None,
            self.now_started.size if self.now_started else None,
            self.now_ended.requested if self.now_ended else None,
        )
        if told is not None:
            return told
        if self.amounts and not self.extended:
            return self.amounts.total
        if self.amounts and (extended := self._extended_told) is not None:
            return max(0.0, round(self.amounts.total - extended, 3))
        percent = self.options.standard_percent if self.options else None
        if self.amounts and percent is not None:
            return round(self.amounts.total * percent / 100, 3)
        if self.now_ended:
            return self.now_ended.delivered
        return 0.0 if self.extended_started or self.extended_ended else None

    @property
    def _extended_told(self) -> float | None:
        return _first(
            self.delivery.requested_later if self.delivery else None,
            self.extended_started.size if self.extended_started else None,
            self.extended_ended.requested if self.extended_ended else None,
        )

    @property
    def stopped_early(self) -> bool:
        """Whether it ended before its extended part began."""
        return (
            self.now_ended is not None
            and self.now_ended.completion is not Completion.COMPLETED
            and self.extended_started is None
            and self.extended_ended is None
        )

    @property
    def now_over(self) -> bool:
        """Whether no more of the part given at once is to come."""
        return (
            self.now_ended is not None
            or self.done is not None
            or self.extended_started is not None
            or self.extended_ended is not None
            or self.now_requested == 0
        )

    @property
    def over(self) -> bool:
        """Whether no more of it is to come."""
        return self.now_over and (
            self.stopped_early
            or self.extended_ended is not None
            or self.done is not None
            or self.extended_requested == 0
        )

    @property
    def end(self) -> Message:
        """The message that tells best when it was over."""
        if self.extended_ended:
            return self.extended_ended
        if self.extended and not self.stopped_early:
            return self.done or self.now_ended or self.begin
        return self.now_ended or self.done or self.begin

    @property
    def delivered(self) -> tuple[float, float]:
        """What was given at once and over time (U); what runs or was never told counts as asked for."""
        total = self.done.delivered if self.done else None
        now, extended = self.now_requested or 0.0, self.extended_requested or 0.0
        if self.now_ended:
            now = self.now_ended.delivered
        elif total is not None and self.extended_ended:
            now = max(0.0, round(total - self.extended_ended.delivered, 3))
        elif total is not None:
            now = min(now, total) if self.extended else total
        if self.extended_ended:
            extended = self.extended_ended.delivered
        elif self.stopped_early:
            extended = 0.0
        elif total is not None and self.extended:
            extended = max(0.0, round(total - now, 3))
        return now, extended


def joined(log: EventLog) -> list[Messages]:
    """Group messages by bolus; an id that comes again half a day later is another bolus."""
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
        at = log.at(event)
        messages = open_boluses.get(identity)
        if messages is None or abs(at - messages.first_at) > SAME_BOLUS_WITHIN:
            messages = open_boluses[identity] = Messages(at)
            found.append(messages)
        messages.add(event)
    return found


def _first(*amounts: float | None) -> float | None:
    return next((amount for amount in amounts if amount is not None), None)
