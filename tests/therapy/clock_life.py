"""A pump whose clock is set, drifts, stops and travels, with the true time of each event."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
import random
from zoneinfo import ZoneInfo

from custom_components.tconnectsync.tandem.event_types import RawEvent

EPOCH = datetime.fromisoformat("2008-01-01")
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
REPORT_INTERVAL = 5 * MINUTE
PLACES = (-10, -8, -5, -3, 0, 1, 2, 3, 5.5, 8, 9, 10)
"""Offsets (hours) of possible destinations."""


@dataclass
class Log:
    """One event with its truth."""

    raw: RawEvent
    instant: datetime
    wrong: timedelta
    """The difference between the clock and the local time."""
    undatable: bool = False
    """Whether the clock stood still and was not set since."""


@dataclass
class ClockLife:
    """The life of a pump's clock; the generator is the truth and uses no code under test."""

    zone: ZoneInfo
    now: datetime
    dice: random.Random
    drift: timedelta = timedelta()
    """The gain of the clock per day."""
    log: list[Log] = field(default_factory=list)
    wall: datetime = field(default=datetime(2020, 1, 10, 6))  # noqa: DTZ001 - the time on a clock out of the box
    abroad: timedelta | None = None
    """The offset of the person's place when away from home."""
    slow_drift: timedelta = timedelta()
    """The accumulated drift of the clock."""
    sudden_drift: timedelta = timedelta()
    """The largest sudden error of the clock."""
    stood_still: bool = False
    number: int = 1000

    @property
    def drifted(self) -> timedelta:
        """The largest error of the clock without a logged reason."""
        return self.slow_drift + self.sudden_drift

    @property
    def offset(self) -> timedelta:
        """The offset from UTC of the person's place."""
        home = self.now.astimezone(self.zone).utcoffset()
        assert home is not None
        return home if self.abroad is None else self.abroad

    @property
    def right(self) -> datetime:
        """The correct time of the clock."""
        return self.now.replace(tzinfo=None) + self.offset

    def write(
        self, code: int, shown: datetime | None = None, **details: object
    ) -> None:
        """Log an event."""
        stamp = (shown or self.wall).replace(microsecond=0)
        raw = {
            "eventCode": code,
            "sequenceGroup": 0,
            "sequenceNumber": self.number,
            "pumpDateTime": stamp.isoformat(),
            "eventProperties": details,
        }
        self.number += 1
        wrong = self.wall - self.right
        self.log.append(Log(raw, self.now, wrong, undatable=self.stood_still))

    def pass_by(self, duration: timedelta) -> None:
        """Let time and the clock pass."""
        self.now += duration
        self.wall += duration * (1 + self.drift / DAY)
        self.slow_drift += abs(self.drift) * (duration / DAY)

    def live(self, duration: timedelta) -> None:
        """Deliver and log all the time, with occasional alarms."""
        end = self.now + duration
        while self.now < end:
            self.pass_by(REPORT_INTERVAL)
            self.write(
                279, commandedRateSource=3, commandedRate=1000, profileBasalRate=1000
            )
            if self.dice.random() < 0.01:
                self.write(5, alarmId=2)

    def goes_wrong(self, by: timedelta) -> None:
        """Gain or lose some minutes unnoticed."""
        self.wall += by
        self.sudden_drift = max(self.sudden_drift, abs(by))

    def set_clock(self, shown: datetime) -> None:
        """Set date and time, logged as 14 and 13."""
        days = (self.wall - EPOCH).days, (shown - EPOCH).days
        of_day = [
            int((one - datetime.combine(one, datetime.min.time())).total_seconds())
            for one in (self.wall, shown)
        ]
        between = self.wall + DAY * (days[1] - days[0])
        self.write(14, between, datePrior=days[0], dateAfter=days[1])
        self.write(13, shown, timePrior=of_day[0] * 1000, timeAfter=of_day[1] * 1000)
        self.wall = shown
        self.stood_still = False
        for one in self.log:
            one.undatable = False

    def set_right(self) -> None:
        """Set the clock to the local time."""
        self.set_clock(self.right.replace(second=self.dice.randrange(3)))

    def stand_still(self, duration: timedelta) -> None:
        """Turn off and on again; the clock continues from where it stopped."""
        if self.dice.random() < 0.5:
            self.write(3, commandedBasalRate=0, baseBasalRate=1, changeType=[6])
        self.now += duration
        self.stood_still = True
        self.write(99, version=1)
        self.write(5, alarmId=3)
        self.pass_by(MINUTE)
