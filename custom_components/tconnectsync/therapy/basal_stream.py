"""What a pump delivered as basal from moment to moment, followed in the order of its log."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from custom_components.tconnectsync.tandem.enums import (
    AlarmKind,
    BasalRateChangeBit,
    BasalSource,
)
from custom_components.tconnectsync.tandem.event_codes import EventCode
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
    LogCorrupted,
    NewDay,
    PumpEvent,
    PumpRestarted,
    ShelfModeEntered,
)

from .basal_doses import Reports
from .basal_gaps import SHORTEST_GAP, rate_known_until
from .basal_segment import Rate, Segment
from .clock.dated_events import DatedEvents
from .log_gaps import LogGap
from .records import StopReason
from .reports_after_stop import shows_end
from .segment_stack import SegmentStack, Stack
from .stop_reasons import DELIVERY_NOT_KNOWN, stop_reason

PERIODIC_CODES = (
    EventCode.BASAL_DELIVERY,
    EventCode.DOSE_STARTED,
    EventCode.DOSE_DELIVERED,
)
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
    LogCorrupted,
    NewDay,
    PumpRestarted,
    ShelfModeEntered,
)


@dataclass(frozen=True, slots=True)
class StreamState:
    """What a part of the log leaves to the next one."""

    stack: Stack = None
    temp: bool = False
    """Whether a temporary rate is in force."""
    doubted_by: AlarmRaised | None = None
    """The last alarm that leaves unknown whether insulin flows."""


class BasalStream:
    """Follows what one pump delivers; the last segment without an end is running."""

    def __init__(
        self,
        log: DatedEvents,
        state: StreamState,
        reports: Reports,
    ) -> None:
        """Go on from where the part before ended."""
        self._log = log
        self._temp = state.temp
        self._doubted_by = state.doubted_by
        self._reports = reports
        self._segments = SegmentStack(state.stack)

    def follow(self, events: Iterable[PumpEvent]) -> StreamState:
        """Go through a part of the log and return what it leaves."""
        log_gaps = deque(self._reports.log_gaps)
        for event in events:
            while log_gaps and log_gaps[0].after.key <= event.key:
                self._reach(log_gaps.popleft())
            self._follow(event)
        for hole in log_gaps:
            self._reach(hole)
        return StreamState(self._segments.whole, self._temp, self._doubted_by)

    def end_at(self, newest: datetime) -> Stack:
        """Return all segments once the log has ended."""
        if running := self.running:
            lasted_until = rate_known_until(running, newest)
            if lasted_until < newest:
                self._segments.end(lasted_until)
        return self._segments.whole

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
            case AlarmRaised(kind=AlarmKind.ALARM) if event.alarm in DELIVERY_NOT_KNOWN:
                self._doubt(event)
            case _ if reason := stop_reason(event):
                self._stop(event, reason)
            case BasalRateChange():
                self._change(event)
            case NewDay():
                self._confirm(event)
            case LogCorrupted():
                self._doubt_suspension(self._log.at(event))
            case _ if type(event) is PumpEvent:
                self._lose_track(event)
            case _:
                pass

    @property
    def running(self) -> Segment | None:
        """The segment that has not ended."""
        return self._segments.running

    def _repeat(self, event: BasalDelivery | DoseStarted | DoseDelivered) -> None:
        """Take what is reported every five minutes; where doses are, rates add nothing to them."""
        if isinstance(event, BasalDelivery):
            if event.source is BasalSource.SUSPENDED:
                self._begin(event, None)
            elif _is_before(event, self._reports.first_dose):
                self._tell(event, (event.rate, event.profile_rate, event.source))
        elif reported := self._reports.doses.get(event.key):
            dose, profile_rate = reported
            if dose.source is BasalSource.SUSPENDED and not dose.delivered:
                self._begin(event, None)
            else:
                rate = (dose.delivered, profile_rate, dose.source)
                self._tell(event, rate, doses=1)

    def _change(self, event: BasalRateChange) -> None:
        """Take the rate of a pump that tells it only where it changes."""
        if not _is_before(event, self._reports.first_periodic):
            return
        if BasalRateChangeBit.TEMP_RATE_STARTED in event.changes:
            self._temp = True
        elif BasalRateChangeBit.TEMP_RATE_ENDED in event.changes:
            self._temp = False
        if BasalRateChangeBit.SUSPENDED in event.changes or self._is_still_suspended(
            event
        ):
            self._begin(event, None)
        else:
            self._tell(event, (event.rate, event.profile_rate, self._source))

    def _is_still_suspended(self, event: BasalRateChange) -> bool:
        """Return whether a rate of 0 U/h leaves a suspension as it is: a segment of the profile or a temporary rate ends in it as well."""
        if event.rate or BasalRateChangeBit.RESUMED in event.changes:
            return False
        self._pass_hole(event, suspended=False)
        return self.running is not None and self.running.rate is None

    def _tell(self, event: PumpEvent, rate: Rate, *, doses: int = 0) -> None:
        """Begin a rate that is reported, unless it is what flowed until an alarm or suspension just then."""
        running = self.running
        stop = running.stopped_by if running else self._doubted_by
        if stop is None or shows_end(self._log, stop, event):
            self._begin(event, rate, doses=doses)
        elif doses:
            self._segments.give_back(rate[0])

    def _confirm(self, event: NewDay) -> None:
        """Begin another segment with the pump day, or the first one that is known."""
        if not _is_before(event, self._reports.first_periodic):
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
        self._pass_hole(event, suspended=rate is None)
        if running := self.running:
            lasted_until = rate_known_until(running, at)
            if lasted_until < at or not running.goes_on_with(event, rate, doses):
                self._segments.end(lasted_until)
        self._segments.cut_back(at)
        last = self._segments.last
        if last and last.end in (None, at) and last.goes_on_with(event, rate, doses):
            self._segments.go_on(at)
            last.reason = reason if last.reason is None else last.reason
            last.doses += doses
            if isinstance(event, DeliverySuspended):
                last.rename_by(event, at)
        else:
            last = Segment(event, at, rate, reason, doses, at)
            self._segments.begin(last)
        if rate is None:
            last.stop_by(event)
        last.note(event, at, repeated=event.code in PERIODIC_CODES)

    def _stop(self, event: PumpEvent, reason: StopReason) -> None:
        """Begin a time without delivery; one that has begun goes on."""
        self._pass_hole(event, suspended=True)
        running = self.running
        if running is None or running.rate:
            self._end_where_off(event)
            self._begin(event, None, reason)
        else:
            running.reason = running.reason or reason
            running.stop_by(event)

    def _end_where_off(self, event: PumpEvent) -> None:
        """End a rate where a pump that came on again had evidently been off."""
        until, running = self._reports.may_have_run_until.get(event.key), self.running
        if running and until and self._log.at(event) - until > SHORTEST_GAP:
            self._segments.end(rate_known_until(running, until))

    def _resume(self, event: DeliveryResumed) -> None:
        """End a suspension; at which rate delivery goes on is reported by what follows."""
        last = self._segments.last
        if last is None or last.rate:
            return
        self._pass_hole(event, suspended=True)
        last.resumed = True
        if last.end is None:
            at = self._log.at(event)
            last.note(event, at, repeated=False)
            self._segments.end(at)

    def _clear(self, event: AlarmCleared) -> None:
        """End what alarms alone had stopped, with the last of them.

        Whether delivery goes on is reported by what follows.
        """
        self._pass_hole(event, suspended=True)
        running = self.running
        if running is None or (event.kind, event.alarm) not in running.raised:
            return
        running.raised -= {(event.kind, event.alarm)}
        if (
            not running.raised
            and isinstance(running.first, AlarmRaised)
            and running.numbers == (running.first.number,)
        ):
            at = self._log.at(event)
            running.note(event, at, repeated=False)
            self._segments.end(at)

    def _pass_hole(self, event: PumpEvent, *, suspended: bool) -> None:
        """End a suspension where the log has a hole, unless what follows tells that it went on all the time.

        That delivery is still suspended does so of pumps that log changes only; that it was suspended
        anew, of none.
        """
        running = self.running
        if running is None or running.doubted_from is None:
            return
        at = self._log.at(event)
        lasted_until = rate_known_until(running, at)
        if lasted_until < at and (
            not suspended
            or isinstance(event, DeliverySuspended)
            or not _is_before(event, self._reports.first_periodic)
        ):
            self._segments.end(lasted_until)
        else:
            running.doubted_from = None

    def _reach(self, hole: LogGap) -> None:
        """Leave open what flows behind a hole; where it is reported every five minutes, that tells."""
        running = self.running
        if running and running.rate and not running.repeated and hole.logs_continuously:
            self._segments.end(hole.known_until)
        self._doubt_suspension(hole.known_until)

    def _doubt_suspension(self, known_until: datetime) -> None:
        """Note until when a suspension is known to have lasted whose end may have been lost."""
        running = self.running
        if running and running.rate is None and running.doubted_from is None:
            running.doubted_from = known_until

    def _doubt(self, event: AlarmRaised) -> None:
        """End a rate, or that delivery was to go on, where nobody knows whether insulin flows."""
        self._doubted_by = event
        running = self.running
        if running and running.rate:
            running.last = event
            self._segments.end(rate_known_until(running, self._log.at(event)))
        elif running is None and (last := self._segments.last):
            last.resumed = False

    def _lose_track(self, unreadable: PumpEvent) -> None:
        """End a rate where the next one cannot be read."""
        running = self.running
        if running is None or not running.rate:
            return
        if unreadable.code == EventCode.BASAL_RATE_CHANGE:
            tells_next = _is_before(unreadable, self._reports.first_periodic)
        else:
            tells_next = running.repeated
        if tells_next:
            running.last = unreadable
            self._segments.end(rate_known_until(running, self._log.at(unreadable)))


def _is_before(event: PumpEvent, key: EventKey | None) -> bool:
    """Return whether an event stands before a place of the log that may not exist."""
    return key is None or event.key < key


def tells_of_basal(event: PumpEvent) -> bool:
    """Return whether an event tells what flows, or that this cannot be read."""
    return isinstance(event, DELIVERY_EVENTS) or (
        event.code in (EventCode.BASAL_RATE_CHANGE, *PERIODIC_CODES)
        and type(event) is PumpEvent
    )
