"""Simulate the pump's wall clock, which has no zone and is set by hand, and log its changes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from .event_log import EventLog
from .timeline import Appointment, Timeline
from .wire import PUMP_EPOCH

DAY = 86400


def offset_of(zone: ZoneInfo, second: int) -> int:
    """Return how many seconds a zone is ahead of UTC at a second of UTC."""
    offset = datetime.fromtimestamp(second, zone).utcoffset()
    return int((offset or timedelta()).total_seconds())


def next_switch(zone: ZoneInfo, second: int) -> int | None:
    """Return the second at which a zone next changes its offset, within 400 days."""
    before = offset_of(zone, second)
    for day in range(1, 401):
        if offset_of(zone, second + day * DAY) != before:
            low, high = second + (day - 1) * DAY, second + day * DAY
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (
                    (middle, high)
                    if offset_of(zone, middle) == before
                    else (low, middle)
                )
            return high
    return None


class WallClock:
    """What the pump shows; a constant distance from UTC between two moves."""

    def __init__(self, timeline: Timeline, log: EventLog, zone: ZoneInfo) -> None:
        """Set the clock right for the zone, once."""
        self._timeline = timeline
        self._log = log
        self.zone = zone
        self.offset = offset_of(zone, timeline.now)
        self.moves: list[tuple[int, int]] = [(timeline.now, self.offset)]
        """Second of UTC and offset from UTC since then, in seconds; how things truly were."""
        self.stamped_by: Literal["old", "new"] = "new"
        """Which time a logged move itself shows."""
        self.logs_dates = True
        """Whether a move over midnight also logs code 14."""
        self.when_moved: list[Callable[[], object]] = []
        log.wall = self.wall

    def wall(self, second: int) -> int:
        """Return a second of UTC as the clock, set as it is now, has it: seconds that know no zone."""
        return second + self.offset

    def minute_of_day(self) -> int:
        """Return the minute of day the clock shows."""
        return self.wall(self._timeline.now) % DAY // 60

    def pump_seconds(self, second: int | None = None) -> int:
        """Return the clock in seconds since 2008, as egvTimeStamp has it."""
        return self.wall(self._timeline.now if second is None else second) - PUMP_EPOCH

    def shown(self, second: int | None = None) -> datetime:
        """Return the clock's reading, without a zone."""
        wall = self.wall(self._timeline.now if second is None else second)
        return datetime.fromtimestamp(wall, UTC).replace(tzinfo=None)

    def at_next(self, minute_of_day: int) -> int:
        """Return the second of UTC at which the clock will next show a minute of day."""
        wall = self.wall(self._timeline.now)
        today = wall - wall % DAY + minute_of_day * 60
        return (today if today > wall else today + DAY) - self.offset

    def daily(self, minute_of_day: int, action: Callable[[], object]) -> None:
        """Run a function whenever the clock reaches a minute of the day, even if it is set to it."""
        planned: list[Appointment] = []

        def plan() -> None:
            for appointment in planned:
                appointment.cancel()
            planned[:] = [self._timeline.at(self.at_next(minute_of_day), happen)]

        def happen() -> None:
            action()
            plan()

        plan()
        self.when_moved.append(plan)

    def move(self, seconds: int) -> None:
        """Set the clock forward or back and log it as 13, and 14 when the date changes too."""
        now = self._timeline.now
        before, after = self.wall(now), self.wall(now) + seconds
        if self.stamped_by == "old":
            self._log_move(before, after)
        self.offset += seconds
        self.moves.append((now, self.offset))
        if self.stamped_by == "new":
            self._log_move(before, after)
        for moved in list(self.when_moved):
            moved()

    def _log_move(self, before: int, after: int) -> None:
        ticks = (self._timeline.now * 1000) % 2**32
        self._log.write(
            13,
            timePrior=before % DAY * 1000,
            timeAfter=after % DAY * 1000,
            rawRtcTime=ticks,
        )
        if before // DAY != after // DAY and self.logs_dates:
            days = [(wall - PUMP_EPOCH) // DAY for wall in (before, after)]
            self._log.write(14, datePrior=days[0], dateAfter=days[1], rawRtcTime=ticks)

    def follow_daylight_saving(self, lateness: timedelta = timedelta()) -> None:
        """Have the person set the clock at every change of the zone, late or (negative) early."""
        now = self._timeline.now
        late = int(lateness.total_seconds())
        switch = next_switch(self.zone, max(now - late, now))
        if switch is None:
            return
        change = offset_of(self.zone, switch) - offset_of(self.zone, switch - 1)

        def set_right() -> None:
            self.move(change)
            self._timeline.at(max(switch, self._timeline.now) + 3600, again)

        def again() -> None:
            self.follow_daylight_saving(lateness)

        self._timeline.at(switch + late, set_right)
