"""Basal segments and suspensions from the pump's stream of rates."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from custom_components.tconnectsync.tandem.events import (
    BasalDelivery,
    BasalRateChange,
    BasalSource,
    DeliveryResumed,
    DeliverySuspended,
    PumpEvent,
    SuspendReason,
)

from .log import EventLog
from .records import BasalSegment, Suspension

RUNS_ON = timedelta(minutes=30)
SHORTEST = timedelta(seconds=1)
RATE_SUSPENDED = 4
RATE_TEMP_STARTED = 2
RATE_TEMP_ENDED = 3


@dataclass(slots=True)
class _Stretch:
    """A basal rate or a suspension that has begun."""

    first: PumpEvent
    at: datetime
    rate: tuple[float, float | None, BasalSource] | None
    reason: SuspendReason | None = None
    numbers: list[int] = field(default_factory=list)


class _Stream:
    """Follows the rates in the order of the log and collects what has ended."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._running: _Stretch | None = None
        self._temp = False
        self.segments: list[BasalSegment] = []
        self.suspensions: list[Suspension] = []

    def follow(self) -> None:
        """Go through the whole log; what has not ended lasts a little past the newest event."""
        delivery_days = {
            event.pump_time.date() for event in self._log.of(BasalDelivery)
        }
        events: list[
            BasalDelivery | BasalRateChange | DeliverySuspended | DeliveryResumed
        ] = self._log.of(
            BasalDelivery, BasalRateChange, DeliverySuspended, DeliveryResumed
        )
        for event in events:
            match event:
                case BasalDelivery(source=BasalSource.SUSPENDED):
                    self._suspend(event, None)
                case BasalDelivery():
                    self._deliver(event, (event.rate, event.profile_rate, event.source))
                case BasalRateChange():
                    if event.pump_time.date() not in delivery_days:
                        self._change(event)
                case DeliverySuspended():
                    self._suspend(event, event.reason)
                case DeliveryResumed():
                    self._end(self._log.at(event), event.number)
        if self._running and (newest := self._log.newest):
            self._end(newest + RUNS_ON, None, running=True)

    def _change(self, event: BasalRateChange) -> None:
        if RATE_TEMP_STARTED in event.changes:
            self._temp = True
        elif RATE_TEMP_ENDED in event.changes:
            self._temp = False
        if RATE_SUSPENDED in event.changes:
            self._suspend(event, None)
        else:
            source = BasalSource.TEMP_RATE if self._temp else BasalSource.PROFILE
            self._deliver(event, (event.rate, event.profile_rate, source))

    def _deliver(
        self, event: PumpEvent, rate: tuple[float, float | None, BasalSource]
    ) -> None:
        running = self._running
        if (
            running
            and running.rate == rate
            and running.first.pump_time.date() == event.pump_time.date()
        ):
            running.numbers.append(event.number)
            return
        at = self._log.at(event)
        self._end(at, None)
        self._running = _Stretch(event, at, rate, numbers=[event.number])

    def _suspend(self, event: PumpEvent, reason: SuspendReason | None) -> None:
        running = self._running
        if running and running.rate is None:
            running.numbers.append(event.number)
            if running.reason is None:
                running.reason = reason
            return
        at = self._log.at(event)
        self._end(at, None)
        self._running = _Stretch(event, at, None, reason, [event.number])

    def _end(self, at: datetime, number: int | None, *, running: bool = False) -> None:
        """Close what runs; a stretch of less than a second never was."""
        ended, self._running = self._running, None
        if ended is None or at - ended.at < SHORTEST:
            return
        if ended.rate is None:
            if number is not None:
                ended.numbers.append(number)
            self.suspensions.append(
                Suspension(
                    key=ended.first.key,
                    start=ended.at,
                    pump_time=ended.first.pump_time,
                    numbers=tuple(ended.numbers),
                    end=at,
                    running=running,
                    reason=ended.reason,
                )
            )
            return
        rate, profile_rate, source = ended.rate
        self.segments.append(
            BasalSegment(
                key=ended.first.key,
                start=ended.at,
                pump_time=ended.first.pump_time,
                numbers=tuple(ended.numbers),
                end=at,
                running=running,
                rate=rate,
                profile_rate=profile_rate,
                source=source,
            )
        )


def basal(log: EventLog) -> tuple[list[BasalSegment], list[Suspension]]:
    """Return basal segments (U/h) and suspensions in the order they began."""
    stream = _Stream(log)
    stream.follow()
    return stream.segments, stream.suspensions
