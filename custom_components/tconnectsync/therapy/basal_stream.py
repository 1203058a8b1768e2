"""A pump's basal delivery, followed event by event in the order of its log."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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

from .basal_doses import Dose
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
"""Codes of events that report delivery about every five minutes."""
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
class PartContext:
    """Facts about the delivery of one part of the log that follow from other parts, too."""

    doses: Mapping[EventKey, Dose]
    """Doses that began in the part."""
    first_dose: EventKey | None
    """From where on doses report delivery; None where that is later or never."""
    first_periodic: EventKey | None
    """From where on doses or rates report delivery every five minutes; None where that is later or never."""
    may_have_run_until: Mapping[EventKey, datetime] = field(default_factory=dict)
    """Maps each restart in the part to the latest time (UTC) at which the pump can still have been running."""
    log_gaps: Sequence[LogGap] = ()
    """Log gaps that the part continues after."""


@dataclass(frozen=True, slots=True)
class StreamState:
    """The state after a part of the log, for the next part."""

    stack: Stack = None
    temp: bool = False
    """Whether a temporary rate is active."""
    ambiguous_alarm: AlarmRaised | None = None
    """The last alarm after which it is unknown whether insulin flows."""


class BasalStream:
    """Follows one pump's delivery; the last segment is running if it has no end."""

    def __init__(
        self,
        log: DatedEvents,
        state: StreamState,
        context: PartContext,
    ) -> None:
        """Start from the state after the previous part."""
        self._log = log
        self._temp = state.temp
        self._ambiguous_alarm = state.ambiguous_alarm
        self._context = context
        self._segments = SegmentStack(state.stack)

    def follow(self, events: Iterable[PumpEvent]) -> StreamState:
        """Follow the events of a part of the log and return the state after it."""
        log_gaps = deque(self._context.log_gaps)
        for event in events:
            while log_gaps and log_gaps[0].after.key <= event.key:
                self._reach(log_gaps.popleft())
            self._follow(event)
        for log_gap in log_gaps:
            self._reach(log_gap)
        return StreamState(self._segments.all, self._temp, self._ambiguous_alarm)

    def end_at(self, newest: datetime) -> Stack:
        """Return all segments at the end of the log; `newest` (UTC) is its last instant."""
        if running := self.running:
            lasted_until = rate_known_until(running, newest)
            if lasted_until < newest:
                self._segments.end(lasted_until)
        return self._segments.all

    def _follow(self, event: PumpEvent) -> None:
        match event:
            case BasalDelivery() | DoseStarted() | DoseDelivered():
                self._report_periodic(event)
            case DeliverySuspended():
                self._start(event, None, stop_reason(event))
            case DeliveryResumed():
                self._resume(event)
            case AlarmCleared():
                self._clear(event)
            case AlarmRaised(kind=AlarmKind.ALARM) if event.alarm in DELIVERY_NOT_KNOWN:
                self._end_on_ambiguous_alarm(event)
            case _ if reason := stop_reason(event):
                self._stop(event, reason)
            case BasalRateChange():
                self._change(event)
            case NewDay():
                self._start_day(event)
            case LogCorrupted():
                self._note_end_unknown(self._log.at(event))
            case _ if type(event) is PumpEvent:
                self._end_on_unreadable(event)
            case _:
                pass

    @property
    def running(self) -> Segment | None:
        """The segment that has not ended."""
        return self._segments.running

    def _report_periodic(
        self, event: BasalDelivery | DoseStarted | DoseDelivered
    ) -> None:
        """Take a report that repeats every five minutes; rates count only before the first dose."""
        if isinstance(event, BasalDelivery):
            if event.source is BasalSource.SUSPENDED:
                self._start(event, None)
            elif _is_before(event, self._context.first_dose):
                self._report_rate(event, (event.rate, event.profile_rate, event.source))
        elif reported := self._context.doses.get(event.key):
            dose, profile_rate = reported
            if dose.source is BasalSource.SUSPENDED and not dose.delivered:
                self._start(event, None)
            else:
                rate = (dose.delivered, profile_rate, dose.source)
                self._report_rate(event, rate, doses=1)

    def _change(self, event: BasalRateChange) -> None:
        """Take a rate change of a pump that reports changes only."""
        if not _is_before(event, self._context.first_periodic):
            return
        if BasalRateChangeBit.TEMP_RATE_STARTED in event.changes:
            self._temp = True
        elif BasalRateChangeBit.TEMP_RATE_ENDED in event.changes:
            self._temp = False
        if BasalRateChangeBit.SUSPENDED in event.changes or self._is_still_suspended(
            event
        ):
            self._start(event, None)
        else:
            self._report_rate(event, (event.rate, event.profile_rate, self._source))

    def _is_still_suspended(self, event: BasalRateChange) -> bool:
        """Return whether a rate of 0 U/h is logged during a suspension, where a profile segment or temporary rate ends, too."""
        if event.rate or BasalRateChangeBit.RESUMED in event.changes:
            return False
        self._decide_unknown_end(event, suspended=False)
        return self.running is not None and self.running.rate is None

    def _report_rate(self, event: PumpEvent, rate: Rate, *, doses: int = 0) -> None:
        """Start a reported rate, unless the report may be about delivery before an alarm or suspension."""
        running = self.running
        stop = running.stopped_by if running else self._ambiguous_alarm
        if stop is None or shows_end(self._log, stop, event):
            self._start(event, rate, doses=doses)
        elif doses:
            self._segments.give_back(rate[0])

    def _start_day(self, event: NewDay) -> None:
        """Start another segment with the pump day, or the first known one."""
        if not _is_before(event, self._context.first_periodic):
            return
        running = self.running
        if running is None and event.rate:
            self._start(event, (event.rate, None, self._source))
        elif running and running.rate and running.rate[0] == event.rate:
            self._start(event, running.rate)

    @property
    def _source(self) -> BasalSource:
        """The source of the rate, for a pump that reports changes only."""
        return BasalSource.TEMP_RATE if self._temp else BasalSource.PROFILE

    def _start(
        self,
        event: PumpEvent,
        rate: Rate | None,
        reason: StopReason | None = None,
        *,
        doses: int = 0,
    ) -> None:
        """Start a segment, unless the previous one goes on."""
        at = self._log.at(event)
        self._decide_unknown_end(event, suspended=rate is None)
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
            self._segments.start(last)
        if rate is None:
            last.stop_by(event)
        last.note(event, at, repeated=event.code in PERIODIC_CODES)

    def _stop(self, event: PumpEvent, reason: StopReason) -> None:
        """Start a suspension, unless one is running."""
        self._decide_unknown_end(event, suspended=True)
        running = self.running
        if running is None or running.rate:
            self._end_where_off(event)
            self._start(event, None, reason)
        else:
            running.reason = running.reason or reason
            running.stop_by(event)

    def _end_where_off(self, event: PumpEvent) -> None:
        """End a rate before a restart of the pump, if it must have been off for a while."""
        until, running = self._context.may_have_run_until.get(event.key), self.running
        if running and until and self._log.at(event) - until > SHORTEST_GAP:
            self._segments.end(rate_known_until(running, until))

    def _resume(self, event: DeliveryResumed) -> None:
        """End a suspension; later events report the rate of delivery."""
        last = self._segments.last
        if last is None or last.rate:
            return
        self._decide_unknown_end(event, suspended=True)
        last.resumed = True
        if last.end is None:
            at = self._log.at(event)
            last.note(event, at, repeated=False)
            self._segments.end(at)

    def _clear(self, event: AlarmCleared) -> None:
        """End a suspension by alarms alone when the last of them is cleared.

        Later events report whether delivery goes on.
        """
        self._decide_unknown_end(event, suspended=True)
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

    def _decide_unknown_end(self, event: PumpEvent, *, suspended: bool) -> None:
        """End a suspension at a log gap, unless what follows shows it lasted through.

        On pumps that report changes only, a repeated "still suspended" shows that; a new suspension
        never does.
        """
        running = self.running
        if running is None or running.end_unknown_from is None:
            return
        at = self._log.at(event)
        lasted_until = rate_known_until(running, at)
        if lasted_until < at and (
            not suspended
            or isinstance(event, DeliverySuspended)
            or not _is_before(event, self._context.first_periodic)
        ):
            self._segments.end(lasted_until)
        else:
            running.end_unknown_from = None

    def _reach(self, log_gap: LogGap) -> None:
        """End a rate at a log gap, as delivery after it is unknown; a rate with periodic reports ends once these stop."""
        running = self.running
        if (
            running
            and running.rate
            and not running.repeated
            and log_gap.logs_continuously
        ):
            self._segments.end(log_gap.known_until)
        self._note_end_unknown(log_gap.known_until)

    def _note_end_unknown(self, known_until: datetime) -> None:
        """Note until when (UTC) a suspension is known to have lasted, as its end may be missing."""
        running = self.running
        if running and running.rate is None and running.end_unknown_from is None:
            running.end_unknown_from = known_until

    def _end_on_ambiguous_alarm(self, event: AlarmRaised) -> None:
        """End a rate, or the effect of a resumption, at an alarm after which delivery is unknown."""
        self._ambiguous_alarm = event
        running = self.running
        if running and running.rate:
            running.last = event
            self._segments.end(rate_known_until(running, self._log.at(event)))
        elif running is None and (last := self._segments.last):
            last.resumed = False

    def _end_on_unreadable(self, unreadable: PumpEvent) -> None:
        """End a rate at an unreadable event that may report the next one."""
        running = self.running
        if running is None or not running.rate:
            return
        if unreadable.code == EventCode.BASAL_RATE_CHANGE:
            reports_next = _is_before(unreadable, self._context.first_periodic)
        else:
            reports_next = running.repeated
        if reports_next:
            running.last = unreadable
            self._segments.end(rate_known_until(running, self._log.at(unreadable)))


def _is_before(event: PumpEvent, key: EventKey | None) -> bool:
    """Return whether an event is before a place in the log; True if there is no such place."""
    return key is None or event.key < key


def is_about_basal(event: PumpEvent) -> bool:
    """Return whether an event reports basal delivery, or may report it if it is unreadable."""
    return isinstance(event, DELIVERY_EVENTS) or (
        event.code in (EventCode.BASAL_RATE_CHANGE, *PERIODIC_CODES)
        and type(event) is PumpEvent
    )
