"""One segment of basal delivery, a rate or a suspension, while its events are followed."""

from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from custom_components.tconnectsync.instants import HOUR
from custom_components.tconnectsync.tandem.enums import AlarmKind, BasalSource
from custom_components.tconnectsync.tandem.event_types import (
    AlarmRaised,
    DeliverySuspended,
    PumpEvent,
)

from .event_log import EventLog
from .records import StopReason

REPORT_INTERVAL = timedelta(minutes=5)
"""The interval between 279 or 559 of a pump that logs these, in every mode."""
REPORT_OVERDUE_AFTER = timedelta(minutes=15)
"""A rate counts for this long after its last report."""
RUNNING_PAST_NEWEST = timedelta(minutes=30)
"""A running record ends this long after the newest event, where it needs an end."""
SHORTEST = timedelta(seconds=1)
MOST_RATE = 15.0
"""U/h; the highest basal rate that can be set on a pump (user guides)."""

type Rate = tuple[float, float | None, BasalSource]
"""Rate and profile rate (U/h), and who set it; for doses, the first is the insulin of one dose (U)."""


@dataclass(slots=True)
class Segment:
    """A basal rate, or a suspension where `rate` is None."""

    first: PumpEvent
    start: datetime
    rate: Rate | None
    reason: StopReason | None
    doses: int
    """The number of doses it consists of; 0 where a rate was reported."""
    first_at: datetime
    """UTC instant of the first event."""
    of_others: float = 0.0
    """Insulin (U) of interrupted doses that is counted with its own."""
    numbers: tuple[int, ...] = ()
    last: PumpEvent = field(init=False)
    """The last event that reported it."""
    reported_at: datetime = field(init=False)
    repeated: bool = field(init=False)
    """Whether the pump reports it every five minutes."""
    end: datetime | None = None
    stopped_by: PumpEvent | None = None
    """The last alarm or suspension that stopped delivery."""
    raised: frozenset[tuple[AlarmKind, int]] = frozenset()
    """Kinds and numbers of the alarms that stopped delivery and have not been cleared."""
    resumed: bool = False
    """Whether delivery was resumed."""
    end_unknown_from: datetime | None = None
    """From when (UTC) a log gap may hide the end of this suspension; None once a later event shows it went on."""

    def note(self, event: PumpEvent, at: datetime, *, repeated: bool) -> None:
        """Note an event that reported or ended it, at an instant (UTC)."""
        self.numbers += (event.number,)
        self.last, self.reported_at, self.repeated = event, at, repeated

    def stop_by(self, event: PumpEvent) -> None:
        """Note an event that stopped delivery, or would have."""
        if isinstance(event, AlarmRaised):
            self.raised |= {(event.kind, event.alarm)}
        if isinstance(event, (AlarmRaised, DeliverySuspended)):
            self.stopped_by = event

    def rename_by(self, suspended: DeliverySuspended, at: datetime) -> None:
        """Replace an alarm as first event by the suspension that follows it, so that the identity is as without the alarm."""
        if isinstance(self.first, AlarmRaised):
            self.first, self.first_at = suspended, at
            self.numbers = ()

    def copy(self) -> Segment:
        """Return a copy that can be changed, as earlier states share this segment."""
        return copy(self)

    def goes_on_with(self, event: PumpEvent, rate: Rate | None, doses: int) -> bool:
        """Return whether an event reports the same delivery; a new pump day starts a new segment."""
        return self.rate == rate and (
            rate is None
            or (
                bool(self.doses) == bool(doses)
                and self.first.pump_time.date() == event.pump_time.date()
            )
        )

    @property
    def insulin(self) -> float:
        """The insulin of its doses (U)."""
        return (self.rate[0] * self.doses if self.rate else 0.0) + self.of_others

    def is_too_fast(self) -> bool:
        """Return whether its doses are shorter than doses last, and exceed the highest basal rate."""
        if not self.doses or self.end is None:
            return False
        lasted = self.end - self.start
        return lasted < REPORT_INTERVAL * self.doses and self.insulin > MOST_RATE * (
            lasted / HOUR
        )

    def take_over(self, cut: Segment) -> None:
        """Join an interrupted dose that follows, so that its insulin is spread over both."""
        self.of_others += cut.insulin
        self.end, self.numbers = cut.end, self.numbers + cut.numbers
        self.last, self.reported_at, self.repeated = (
            cut.last,
            cut.reported_at,
            cut.repeated,
        )

    def rate_until(self, newest: datetime) -> Rate:
        """Return the rate (U/h), up to `newest` (UTC) if it is running; doses are spread evenly."""
        assert self.rate is not None
        amount, profile_rate, source = self.rate
        if self.doses:
            end = self.end or max(newest, self.reported_at + REPORT_INTERVAL)
            amount = self.insulin / ((end - self.start) / HOUR)
        return amount, profile_rate, source


def pump_time_at(log: EventLog, event: PumpEvent, instant: datetime) -> datetime:
    """Return the pump time at an instant (UTC) near an event."""
    return event.pump_time + (instant - log.at(event))
