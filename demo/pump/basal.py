"""Deliver basal insulin: the rates that the simulated pump commands and logs, and the true delivery."""

from bisect import bisect_right
from enum import IntEnum

from .clock import WallClock
from .event_log import EventLog
from .settings import Settings
from .timeline import Timeline
from .wire import UNSET_16, float32


class Source(IntEnum):
    """Who commands the rate, as 279 numbers it."""

    SUSPENDED = 0
    PROFILE = 1
    TEMP = 2
    ALGORITHM = 3
    TEMP_AND_ALGORITHM = 4


class Change(IntEnum):
    """Why the rate changed, as the bits of code 3 number it."""

    SEGMENT = 0
    PROFILE = 1
    TEMP_START = 2
    TEMP_END = 3
    SUSPENDED = 4
    RESUMED = 5
    SHUT_DOWN = 6


class Rates:
    """A rate over time, in mU/h, and its exact integral."""

    def __init__(self, start: int) -> None:
        """Begin with no delivery at a second of UTC."""
        self._starts = [start]
        self._rates = [0]
        self._sums = [0]

    @property
    def rate(self) -> int:
        """The rate in force, in mU/h."""
        return self._rates[-1]

    def set(self, second: int, rate: int) -> None:
        """Change the rate at a second of UTC, at the earliest where the last change was."""
        if rate == self.rate:
            return
        if second == self._starts[-1]:
            self._rates[-1] = rate
            return
        self._sums.append(self._until(second))
        self._starts.append(second)
        self._rates.append(rate)

    def _until(self, second: int) -> int:
        found = bisect_right(self._starts, second) - 1
        return (
            0
            if found < 0
            else self._sums[found] + self._rates[found] * (second - self._starts[found])
        )

    def units(self, start: int, end: int) -> float:
        """Return the units delivered between two seconds of UTC."""
        return (self._until(end) - self._until(start)) / 3_600_000


class Basal:
    """The basal rate: profile, temporary rate, algorithm and suspension, in that order of power."""

    def __init__(
        self, timeline: Timeline, clock: WallClock, log: EventLog, settings: Settings
    ) -> None:
        """Begin delivering the profile's rate."""
        self._timeline = timeline
        self._clock = clock
        self._log = log
        self._settings = settings
        self.rates = Rates(timeline.now)
        self.profile_rates = Rates(timeline.now)
        """What the profile asks for."""
        self.algorithm_rate: int | None = None
        self.temp_percent: int | None = None
        self.suspended = False
        self.logs_deliveries = True
        """Whether the pump logs 279 at all; old software logs code 3 only."""
        self._segment = self.profile_rate
        clock.when_moved.append(self.follow_profile)

    @property
    def profile_rate(self) -> int:
        """The active profile's rate now, in mU/h."""
        return self._settings.active.segment(self._clock.minute_of_day()).basal

    @property
    def temp_rate(self) -> int | None:
        """The temporary rate now, in mU/h."""
        return (
            None
            if self.temp_percent is None
            else self.profile_rate * self.temp_percent // 100
        )

    def source(self) -> Source:
        """Return who commands the rate now."""
        if self.suspended:
            return Source.SUSPENDED
        if self.algorithm_rate is not None:
            return (
                Source.ALGORITHM
                if self.temp_percent is None
                else Source.TEMP_AND_ALGORITHM
            )
        return Source.PROFILE if self.temp_percent is None else Source.TEMP

    def commanded(self) -> int:
        """Return the rate commanded now, in mU/h."""
        match self.source():
            case Source.SUSPENDED:
                return 0
            case Source.ALGORITHM | Source.TEMP_AND_ALGORITHM:
                return self.algorithm_rate or 0
            case Source.TEMP:
                return self.temp_rate or 0
            case Source.PROFILE:
                return self.profile_rate

    def command(self, change: Change | None = None) -> None:
        """Deliver the commanded rate from now on and log it."""
        rate = self.commanded()
        changed = rate != self.rates.rate
        self.rates.set(self._timeline.now, rate)
        self.profile_rates.set(self._timeline.now, self.profile_rate)
        if change is not None or (changed and not self.logs_deliveries):
            self._log.write(
                3,
                commandedBasalRate=float32(rate / 1000),
                baseBasalRate=float32(self.profile_rate / 1000),
                maxBasalRate=float32(self._settings.basal_limit / 1000),
                idp=self._settings.active_idp,
                changeType=[] if change is None else [int(change)],
            )
        if self.logs_deliveries:
            source = self.source()
            controlled = source in (Source.ALGORITHM, Source.TEMP_AND_ALGORITHM)
            self._log.write(
                279,
                commandedRateSource=int(source),
                reservedA2=3 if controlled else 0,
                spareA3=0,
                commandedRate=rate,
                profileBasalRate=self.profile_rate,
                algorithmRate=rate if controlled else UNSET_16,
                tempRate=UNSET_16
                if self.temp_rate is None or self.suspended
                else self.temp_rate,
            )

    def off_profile(self, start: int, end: int) -> float:
        """Return the units delivered above (below: negative) the profile's between two seconds of UTC."""
        return self.rates.units(start, end) - self.profile_rates.units(start, end)

    def follow_profile(self) -> None:
        """Switch to another segment of the profile if one has started."""
        if self.profile_rate != self._segment:
            self._segment = self.profile_rate
            self.profile_rates.set(self._timeline.now, self.profile_rate)
            if not self.suspended:
                self.command(Change.SEGMENT)
