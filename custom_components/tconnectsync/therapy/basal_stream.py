"""What a pump delivered as basal from moment to moment, followed in the order of its log."""

from collections.abc import Iterator
from datetime import datetime

from custom_components.tconnectsync.tandem.enums import BasalSource
from custom_components.tconnectsync.tandem.event_types import (
    AlarmCleared,
    AlarmRaised,
    BasalDelivery,
    BasalRateChange,
    DeliveryResumed,
    DeliverySuspended,
    DoseDelivered,
    DoseStarted,
    EventKey,
    NewDay,
    PumpEvent,
    PumpRestarted,
    ShelfModeEntered,
)

from .basal_gaps import OVERDUE, known_until
from .basal_segment import SHORTEST, Rate, Segment
from .log import EventLog
from .records import StopReason
from .suspensions import RATE_SUSPENDED, stop_reason

PERIODIC_CODES = (279, 558, 559)
"""Codes that tell what flows, about every five minutes."""
DELIVERY_EVENTS: tuple[type[PumpEvent], ...] = (
    AlarmCleared,
    AlarmRaised,
    BasalDelivery,
    BasalRateChange,
    DeliveryResumed,
    DeliverySuspended,
    DoseDelivered,
    DoseStarted,
    NewDay,
    PumpRestarted,
    ShelfModeEntered,
)
RATE_TEMP_STARTED = 2
RATE_TEMP_ENDED = 3


class BasalStream:
    """Follows what one pump delivers; the last segment without an end is running."""

    def __init__(self, log: EventLog) -> None:
        """Follow nothing yet."""
        self._log = log
        self._temp = False
        self._doses = dict(_doses(log))
        self._first_dose = min(self._doses, default=None)
        self._first_periodic = min(
            (*self._doses, *(event.key for event in log.of(BasalDelivery))),
            default=None,
        )
        self.segments: list[Segment] = []

    def follow(self) -> None:
        """Go through the whole log."""
        events: list[PumpEvent] = [
            *self._log.of(*DELIVERY_EVENTS),
            *(
                event
                for event in self._log.of(PumpEvent)
                if event.code in PERIODIC_CODES
            ),
        ]
        for event in sorted(events, key=lambda event: event.key):
            self._follow(event)
        if (running := self.running) and self._log.newest:
            lasted_until = known_until(running, self._log.newest)
            if lasted_until < self._log.newest:
                self._end(lasted_until)

    def _follow(self, event: PumpEvent) -> None:
        match event:
            case BasalDelivery() | DoseStarted() | DoseDelivered():
                self._repeat(event)
            case DeliverySuspended():
                self._begin(event, None, stop_reason(event))
            case DeliveryResumed():
                self._resume(event)
            case AlarmCleared():
                self._clear(event)
            case _ if reason := stop_reason(event):
                self._stop(event, reason)
            case BasalRateChange():
                self._change(event)
            case NewDay():
                self._confirm(event)
            case _ if type(event) is PumpEvent:
                self._lose_track(event)
            case _:
                pass

    @property
    def running(self) -> Segment | None:
        """The segment that has not ended."""
        if self.segments and self.segments[-1].end is None:
            return self.segments[-1]
        return None

    def _repeat(self, event: BasalDelivery | DoseStarted | DoseDelivered) -> None:
        """Take what is reported every five minutes; where doses are, rates add nothing to them."""
        if isinstance(event, BasalDelivery):
            if event.source is BasalSource.SUSPENDED:
                self._begin(event, None)
            elif _is_before(event, self._first_dose):
                self._begin(event, (event.rate, event.profile_rate, event.source))
        elif reported := self._doses.get(event.key):
            dose, profile_rate = reported
            if dose.source is BasalSource.SUSPENDED and not dose.delivered:
                self._begin(event, None)
            else:
                rate = (dose.delivered, profile_rate, dose.source)
                self._begin(event, rate, doses=1)

    def _change(self, event: BasalRateChange) -> None:
        """Take the rate of a pump that tells it only where it changes."""
        if not _is_before(event, self._first_periodic):
            return
        if RATE_TEMP_STARTED in event.changes:
            self._temp = True
        elif RATE_TEMP_ENDED in event.changes:
            self._temp = False
        if RATE_SUSPENDED in event.changes:
            self._begin(event, None)
        else:
            self._begin(event, (event.rate, event.profile_rate, self._source))

    def _confirm(self, event: NewDay) -> None:
        """Begin another segment with the pump day, or the first one that is known."""
        if not _is_before(event, self._first_periodic):
            return
        running = self.running
        if running is None and event.rate:
            self._begin(event, (event.rate, None, self._source))
        elif running and running.rate and running.rate[0] == event.rate:
            self._begin(event, running.rate)

    @property
    def _source(self) -> BasalSource:
        """Who sets the rate of a pump that logs changes only."""
        return BasalSource.TEMP_RATE if self._temp else BasalSource.PROFILE

    def _begin(
        self,
        event: PumpEvent,
        rate: Rate | None,
        reason: StopReason | None = None,
        *,
        doses: int = 0,
    ) -> None:
        """Begin a segment, unless the one before it goes on."""
        at = self._log.at(event)
        if running := self.running:
            lasted_until = known_until(running, at)
            if lasted_until < at or not running.goes_on_with(event, rate, doses):
                self._end(lasted_until)
        last = self.segments[-1] if self.segments else None
        if last and last.end in (None, at) and last.goes_on_with(event, rate, doses):
            last.end = None
            last.reason = reason if last.reason is None else last.reason
            last.doses += doses
            if isinstance(event, DeliverySuspended):
                last.rename_by(event)
        else:
            last = Segment(event, at, rate, reason, doses)
            self.segments.append(last)
        last.note(event, at, repeated=event.code in PERIODIC_CODES)

    def _stop(self, event: PumpEvent, reason: StopReason) -> None:
        """Begin a time without delivery; one that has begun goes on."""
        running = self.running
        if running is None or running.rate:
            self._begin(event, None, reason)
        elif running.reason is None:
            running.reason = reason

    def _resume(self, event: DeliveryResumed) -> None:
        """End a suspension; at which rate delivery goes on is reported by what follows."""
        if (running := self.running) and running.rate is None:
            at = self._log.at(event)
            running.note(event, at, repeated=False)
            self._end(at)

    def _clear(self, event: AlarmCleared) -> None:
        """End what an alarm alone had stopped; whether delivery goes on is reported by what follows."""
        running = self.running
        if (
            running
            and isinstance(running.first, AlarmRaised)
            and (running.first.kind, running.first.alarm) == (event.kind, event.alarm)
            and running.numbers == [running.first.number]
        ):
            at = self._log.at(event)
            running.note(event, at, repeated=False)
            self._end(at)

    def _lose_track(self, unreadable: PumpEvent) -> None:
        """End a rate where the next one cannot be read."""
        running = self.running
        if running and running.rate and running.repeated:
            running.last = unreadable
            self._end(known_until(running, self._log.at(unreadable)))

    def _end(self, at: datetime) -> None:
        """End what runs; a segment of less than a second never was."""
        last = self.segments[-1]
        last.end = at
        if at - last.start < SHORTEST:
            self.segments.pop()


def _is_before(event: PumpEvent, key: EventKey | None) -> bool:
    """Return whether an event stands before a place of the log that may not exist."""
    return key is None or event.key < key


def _doses(
    log: EventLog,
) -> Iterator[tuple[EventKey, tuple[DoseDelivered, float | None]]]:
    """Yield every dose with its profile rate (U/h) by where it began, else where it ended."""
    begun: dict[int, DoseStarted] = {}
    events: list[DoseStarted | DoseDelivered] = log.of(DoseStarted, DoseDelivered)
    for event in events:
        if isinstance(event, DoseStarted):
            begun[event.dose_id] = event
            continue
        start = begun.pop(event.dose_id, None)
        if start and abs(log.at(event) - log.at(start)) <= OVERDUE:
            yield start.key, (event, start.profile_rate)
        else:
            yield event.key, (event, None)
