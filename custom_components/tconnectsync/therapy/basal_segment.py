"""One basal rate, or a time without delivery, while what tells of it is followed."""

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
"""How often a pump that logs 279 or 559 does so, in every mode."""
OVERDUE = timedelta(minutes=15)
"""A rate is believed for so long after the pump reported it last."""
RUNNING_PAST_NEWEST = timedelta(minutes=30)
"""What has no end yet is drawn and sent so far past the newest event."""
SHORTEST = timedelta(seconds=1)
MOST_RATE = 15.0
"""U/h, the most that a pump may be set to deliver as basal insulin (user guides)."""

type Rate = tuple[float, float | None, BasalSource]
"""Rate and profile rate (U/h), and who set it; of doses the units of one stand for the rate."""


@dataclass(slots=True)
class Segment:
    """A basal rate, or without one a time without delivery, that has begun."""

    first: PumpEvent
    start: datetime
    rate: Rate | None
    reason: StopReason | None
    doses: int
    """How many doses it is made of; 0 where a rate was reported."""
    first_at: datetime
    """UTC instant of the first event."""
    of_others: float = 0.0
    """Insulin (U) of doses that were cut short, which flowed with its own."""
    numbers: tuple[int, ...] = ()
    last: PumpEvent = field(init=False)
    """The event that told of it last."""
    reported_at: datetime = field(init=False)
    repeated: bool = field(init=False)
    """Whether the pump will tell it again within five minutes."""
    end: datetime | None = None
    stopped_by: PumpEvent | None = None
    """The last alarm or suspension that stopped delivery."""
    raised: frozenset[tuple[AlarmKind, int]] = frozenset()
    """Kinds and numbers of the alarms that stopped delivery and were not cleared."""
    resumed: bool = False
    """Whether the pump was told to deliver again."""
    doubted_from: datetime | None = None
    """From when on a hole in the log may hide the end of a suspension, as nothing tells of it behind."""

    def note(self, event: PumpEvent, at: datetime, *, repeated: bool) -> None:
        """Note that an event told of it, or ended it."""
        self.numbers += (event.number,)
        self.last, self.reported_at, self.repeated = event, at, repeated

    def stop_by(self, event: PumpEvent) -> None:
        """Note what stopped delivery, or would have."""
        if isinstance(event, AlarmRaised):
            self.raised |= {(event.kind, event.alarm)}
        if isinstance(event, (AlarmRaised, DeliverySuspended)):
            self.stopped_by = event

    def rename_by(self, suspended: DeliverySuspended, at: datetime) -> None:
        """Name what an alarm alone had stopped by the suspension that follows, as without the alarm."""
        if isinstance(self.first, AlarmRaised):
            self.first, self.first_at = suspended, at
            self.numbers = ()

    def copy(self) -> Segment:
        """Return the same to be followed further, while this one stays as it is."""
        return copy(self)

    def goes_on_with(self, event: PumpEvent, rate: Rate | None, doses: int) -> bool:
        """Return whether an event tells nothing new; rates are reported anew each pump day."""
        return self.rate == rate and (
            rate is None
            or (
                bool(self.doses) == bool(doses)
                and self.first.pump_time.date() == event.pump_time.date()
            )
        )

    @property
    def insulin(self) -> float:
        """What its doses delivered (U)."""
        return (self.rate[0] * self.doses if self.rate else 0.0) + self.of_others

    def is_too_fast(self) -> bool:
        """Return whether its doses had less time than doses take, and more insulin than a pump delivers meanwhile."""
        if not self.doses or self.end is None:
            return False
        lasted = self.end - self.start
        return lasted < REPORT_INTERVAL * self.doses and self.insulin > MOST_RATE * (
            lasted / HOUR
        )

    def take_over(self, cut: Segment) -> None:
        """Let doses that were cut short flow with those before, until they ended."""
        self.of_others += cut.insulin
        self.end, self.numbers = cut.end, self.numbers + cut.numbers
        self.last, self.reported_at, self.repeated = (
            cut.last,
            cut.reported_at,
            cut.repeated,
        )

    def rate_until(self, newest: datetime) -> Rate:
        """Return what flowed (U/h), or does at the newest event; doses are spread evenly."""
        assert self.rate is not None
        amount, profile_rate, source = self.rate
        if self.doses:
            end = self.end or max(newest, self.reported_at + REPORT_INTERVAL)
            amount = self.insulin / ((end - self.start) / HOUR)
        return amount, profile_rate, source


def pump_time_at(log: EventLog, event: PumpEvent, instant: datetime) -> datetime:
    """Return what the pump's clock showed at an instant near an event."""
    return event.pump_time + (instant - log.at(event))
