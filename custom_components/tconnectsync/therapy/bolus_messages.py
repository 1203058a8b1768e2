"""The messages that the pump logs about one bolus, and the facts that follow from all of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from custom_components.tconnectsync.tandem.enums import (
    BolusOption,
    BolusSource,
    Completion,
)
from custom_components.tconnectsync.tandem.event_types import (
    BolusAmounts,
    BolusDelivery,
    BolusEnded,
    BolusOptions,
    BolusRequested,
    BolusStarted,
)

EXTENDED_OPTIONS = (BolusOption.EXTENDED, BolusOption.REMOTE_EXTENDED)

type Message = (
    BolusRequested
    | BolusOptions
    | BolusAmounts
    | BolusStarted
    | BolusEnded
    | BolusDelivery
)


@dataclass(slots=True)
class BolusMessages:
    """The messages about one bolus; any of them may be missing, or not logged yet."""

    all: list[Message] = field(default_factory=list)
    instants: list[datetime] = field(default_factory=list)
    """When each of them was logged (UTC)."""
    requested: BolusRequested | None = None
    options: BolusOptions | None = None
    amounts: BolusAmounts | None = None
    progress: list[BolusDelivery] = field(default_factory=list)
    """280 with status 1: once when it starts, and every five minutes of an extended part."""
    done: BolusDelivery | None = None
    now_started: BolusStarted | None = None
    now_ended: BolusEnded | None = None
    extended_started: BolusStarted | None = None
    extended_ended: BolusEnded | None = None

    @classmethod
    def of(cls, messages: Iterable[Message], instants: Iterable[datetime]) -> Self:
        """Return the messages of a bolus, in the order of the log, with their instants (UTC)."""
        bolus = cls()
        for message, at in zip(messages, instants, strict=True):
            bolus.add(message, at)
        return bolus

    @property
    def first_at(self) -> datetime:
        """When the first message was logged (UTC)."""
        return self.instants[0]

    def at(self, message: Message) -> datetime:
        """Return when a message was logged (UTC); StopIteration if it is of another bolus."""
        logged = zip(self.all, self.instants, strict=True)
        return next(at for candidate, at in logged if candidate is message)

    def add(self, message: Message, at: datetime) -> None:
        """Add a message; each fact is logged once."""
        self.all.append(message)
        self.instants.append(at)
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
                self.progress.append(message)
            case BolusDelivery():
                self.done = message

    @property
    def is_started(self) -> bool:
        """Whether any message shows that delivery began."""
        return bool(
            self.now_started
            or self.extended_started
            or self.progress
            or self.now_ended
            or self.extended_ended
            or self.done
        )

    @property
    def start_message(self) -> Message:
        """The message closest to the start of delivery."""
        starts: list[Message] = [self.now_started] if self.now_started else []
        if self.progress and not self.progress[0].delivered:
            starts.append(self.progress[0])
        if self.extended_started and not self.now_requested:
            starts.append(self.extended_started)
        return (
            min(starts, key=lambda message: message.key, default=None)
            or self.requested
            or self.extended_started
            or (self.progress[0] if self.progress else self.all[-1])
        )

    @property
    def numbers(self) -> tuple[int, ...]:
        """Sequence numbers of all messages except the repeated progress reports."""
        repeated = {message.number for message in self.progress[1:]}
        return tuple(
            message.number for message in self.all if message.number not in repeated
        )

    @property
    def delivery(self) -> BolusDelivery | None:
        """The summary of the bolus, at its start or else at its end."""
        return self.progress[0] if self.progress else self.done

    @property
    def source(self) -> BolusSource | None:
        """Where it was started."""
        return self.delivery.source if self.delivery else None

    @property
    def planned_minutes(self) -> int:
        """Planned duration of the extended part (minutes); 0 without one."""
        planned = self.options.duration if self.options else 0
        return planned or (self.delivery.duration if self.delivery else 0) or 0

    @property
    def extended(self) -> bool:
        """Whether any message shows that the bolus has an extended part."""
        return (
            self.planned_minutes > 0
            or self.extended_started is not None
            or self.extended_ended is not None
            or (self.options is not None and self.options.option in EXTENDED_OPTIONS)
        )

    @property
    def extended_requested(self) -> float | None:
        """Requested insulin of the extended part (U); None when not reported yet."""
        if not self.extended:
            return 0.0
        if (reported := self._extended_reported) is not None:
            return reported
        if self.amounts:
            return round(self.amounts.total - (self.now_requested or 0.0), 3)
        return self.extended_ended.delivered if self.extended_ended else None

    @property
    def now_requested(self) -> float | None:
        """Insulin requested at once (U); None when not reported yet."""
        reported = _first(
            self.delivery.requested_now if self.delivery else None,
            self.now_started.size if self.now_started else None,
            self.now_ended.requested if self.now_ended else None,
        )
        if reported is not None:
            return reported
        if self.amounts and not self.extended:
            return self.amounts.total
        if self.amounts and (extended := self._extended_reported) is not None:
            return max(0.0, round(self.amounts.total - extended, 3))
        percent = self.options.standard_percent if self.options else None
        if self.amounts and percent is not None:
            return round(self.amounts.total * percent / 100, 3)
        if self.now_ended:
            return self.now_ended.delivered
        return 0.0 if self.extended_started or self.extended_ended else None

    @property
    def _extended_reported(self) -> float | None:
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
    def is_cut_before_extended(self) -> bool:
        """Whether the end of the extended part (21) reports no delivery, as after an interrupted immediate part."""
        ended = self.extended_ended
        return (
            ended is not None
            and self.extended_started is None
            and not ended.delivered
            and ended.completion is not Completion.COMPLETED
        )

    @property
    def is_now_part_finished(self) -> bool:
        """Whether delivery of the immediate part is over."""
        return (
            self.now_ended is not None
            or self.done is not None
            or self.extended_started is not None
            or (self.extended_ended is not None and not self.is_cut_before_extended)
            or self.now_requested == 0
        )

    @property
    def is_finished(self) -> bool:
        """Whether all delivery is over."""
        return self.is_now_part_finished and (
            self.stopped_early
            or self.extended_ended is not None
            or self.done is not None
            or self.extended_requested == 0
        )

    @property
    def end_message(self) -> Message:
        """The message closest to the end of delivery."""
        if self.extended_ended:
            return self.extended_ended
        if self.extended and not self.stopped_early:
            return self.done or self.now_ended or self.start_message
        return self.now_ended or self.done or self.start_message


def _first(*amounts: float | None) -> float | None:
    return next((amount for amount in amounts if amount is not None), None)
