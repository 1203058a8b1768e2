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
DELIVERY_CODE = 279
RATE_SUSPENDED = 4
RATE_TEMP_STARTED = 2
RATE_TEMP_ENDED = 3

type Rate = tuple[float, float | None, BasalSource]
"""Rate and profile rate (U/h), and who set it."""


@dataclass(slots=True)
class _Stretch:
    """A basal rate, or without one a suspension, that has begun."""

    first: PumpEvent
    start: datetime
    rate: Rate | None
    reason: SuspendReason | None
    numbers: list[int] = field(default_factory=list)
    end: datetime | None = None

    def goes_on_with(self, event: PumpEvent, rate: Rate | None) -> bool:
        """Tell whether an event tells nothing new; rates are told anew each pump day."""
        return self.rate == rate and (
            rate is None or self.first.pump_time.date() == event.pump_time.date()
        )


class _Stream:
    """Follows the rates in the order of the log; the last stretch without an end is running."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._temp = False
        self.stretches: list[_Stretch] = []

    def follow(self) -> None:
        """Go through the whole log."""
        deliveries = self._log.of(BasalDelivery)
        delivery_days = {event.pump_time.date() for event in deliveries}
        events: list[PumpEvent] = [
            *deliveries,
            *self._log.of(BasalRateChange, DeliverySuspended, DeliveryResumed),
            *(e for e in self._log.of(PumpEvent) if e.code == DELIVERY_CODE),
        ]
        for event in sorted(events, key=lambda event: event.key):
            match event:
                case BasalDelivery(source=BasalSource.SUSPENDED):
                    self._begin(event, None)
                case BasalDelivery():
                    self._begin(event, (event.rate, event.profile_rate, event.source))
                case BasalRateChange():
                    if event.pump_time.date() not in delivery_days:
                        self._change(event)
                case DeliverySuspended():
                    self._begin(event, None, event.reason)
                case DeliveryResumed():
                    self._resume(event)
                case _:
                    self._lose_sight(event)

    @property
    def _running(self) -> _Stretch | None:
        if self.stretches and self.stretches[-1].end is None:
            return self.stretches[-1]
        return None

    def _change(self, event: BasalRateChange) -> None:
        if RATE_TEMP_STARTED in event.changes:
            self._temp = True
        elif RATE_TEMP_ENDED in event.changes:
            self._temp = False
        if RATE_SUSPENDED in event.changes:
            self._begin(event, None)
        else:
            source = BasalSource.TEMP_RATE if self._temp else BasalSource.PROFILE
            self._begin(event, (event.rate, event.profile_rate, source))

    def _begin(
        self, event: PumpEvent, rate: Rate | None, reason: SuspendReason | None = None
    ) -> None:
        """Begin a stretch, unless the one before it goes on."""
        at = self._log.at(event)
        if (running := self._running) and not running.goes_on_with(event, rate):
            self._end(at)
        last = self.stretches[-1] if self.stretches else None
        if last and last.end in (None, at) and last.goes_on_with(event, rate):
            last.end = None
            last.numbers.append(event.number)
            last.reason = reason if last.reason is None else last.reason
        else:
            self.stretches.append(_Stretch(event, at, rate, reason, [event.number]))

    def _resume(self, event: DeliveryResumed) -> None:
        """End a suspension; at which rate delivery goes on is told by what follows."""
        if (running := self._running) and running.rate is None:
            running.numbers.append(event.number)
            self._end(self._log.at(event))

    def _lose_sight(self, unreadable: PumpEvent) -> None:
        """End a rate where the next one cannot be read."""
        running = self._running
        if running and running.rate and isinstance(running.first, BasalDelivery):
            self._end(self._log.at(unreadable))

    def _end(self, at: datetime) -> None:
        """End what runs; a stretch of less than a second never was."""
        last = self.stretches[-1]
        last.end = at
        if at - last.start < SHORTEST:
            self.stretches.pop()


def basal(log: EventLog) -> tuple[list[BasalSegment], list[Suspension]]:
    """Return basal segments (U/h) and suspensions in the order they began."""
    stream = _Stream(log)
    stream.follow()
    segments: list[BasalSegment] = []
    suspensions: list[Suspension] = []
    for stretch in stream.stretches:
        end = stretch.end or (log.newest or stretch.start) + RUNS_ON
        if end - stretch.start < SHORTEST:
            continue
        if stretch.rate is None:
            suspensions.append(
                Suspension(
                    key=stretch.first.key,
                    start=stretch.start,
                    pump_time=stretch.first.pump_time,
                    numbers=tuple(stretch.numbers),
                    end=end,
                    running=stretch.end is None,
                    reason=stretch.reason,
                )
            )
            continue
        rate, profile_rate, source = stretch.rate
        segments.append(
            BasalSegment(
                key=stretch.first.key,
                start=stretch.start,
                pump_time=stretch.first.pump_time,
                numbers=tuple(stretch.numbers),
                end=end,
                running=stretch.end is None,
                rate=rate,
                profile_rate=profile_rate,
                source=source,
            )
        )
    return segments, suspensions
