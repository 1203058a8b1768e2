"""Start and stop sensor sessions, and log them as each family does."""

from random import Random

from .clock import WallClock
from .event_log import EventLog
from .sensor_families import Family
from .timeline import Timeline

DAY = 86400
TRANSMITTER_DAYS = 90


class SensorSession:
    """The time from putting a sensor on to taking it off; G6 dates it by its transmitter's clock."""

    def __init__(
        self,
        timeline: Timeline,
        clock: WallClock,
        log: EventLog,
        random: Random,
        family: Family,
        *,
        age: int,
    ) -> None:
        """Use a sensor that was put on `age` seconds ago."""
        self._timeline = timeline
        self._clock = clock
        self._log = log
        self.family = family
        self.in_use = True
        self._started = timeline.now - age
        before = family.days * DAY * random.randrange(8)
        self._transmitter_started = self._started - before

    @property
    def age_seconds(self) -> int:
        """Seconds since the sensor was put on."""
        return self._timeline.now - self._started

    @property
    def warming_up(self) -> bool:
        """Whether the sensor is still warming up."""
        return self.age_seconds < self.family.warm_up * 60

    def end(self) -> None:
        """Take the sensor off."""
        self.in_use = False
        days = self.family.days
        match self.family.name:
            case "g6":
                self._log.write(
                    214,
                    **self._transmitter(),
                    sessionStopTime=self._timeline.now - self._transmitter_started,
                    sessionDuration=days,
                    sessionStopReason=5,
                )
            case "g7":
                self._log.write(
                    447,
                    currentTransmitterTime=self.age_seconds,
                    sessionStartTime=0,
                    sessionStopTime=self.age_seconds,
                    sessionDuration=days,
                    sessionStopReason=34,
                    stopSessionCode=0,
                )
            case "libre2" | "libre3":
                self._log.write(
                    self.family.stop,
                    **self._beginning(),
                    sessionStopTime=self._seconds(self._timeline.now),
                    sessionDuration=days,
                    sessionStopReason=0,
                )

    def begin(self) -> None:
        """Put a new sensor on; every 90 days G6 gets a new transmitter with it."""
        now = self._timeline.now
        self._started, self.in_use = now, True
        if now - self._transmitter_started > TRANSMITTER_DAYS * DAY:
            self._transmitter_started = now
        if self.family.start is not None:
            self._log.write(
                self.family.start, **self._beginning(), sessionDuration=self.family.days
            )
        self.join()

    def join(self) -> None:
        """Have the pump join the session."""
        days = self.family.days
        match self.family.name:
            case "g6":
                self._log.write(
                    213,
                    **self._transmitter(),
                    sessionDuration=days,
                    sessionJoinReason=8,
                )
            case "g7":
                signature = 0x5A000000 + self._started % 2**20
                self._log.write(
                    394, cgmTimestamp=self.age_seconds, sessionSignature=signature
                )
            case "libre2" | "libre3":
                self._log.write(
                    self.family.join,
                    **self._beginning(),
                    sessionJoinTime=self._seconds(self._timeline.now),
                    sessionDuration=days,
                    sessionJoinReason=0,
                )

    def _transmitter(self) -> dict[str, int]:
        """Return the transmitter's clock, and the session's start by it."""
        return {
            "currentTransmitterTime": self._timeline.now - self._transmitter_started,
            "sessionStartTime": self._started - self._transmitter_started,
        }

    def _beginning(self) -> dict[str, int]:
        """Return the session's start, by the clock the family uses."""
        if self.family.name == "g6":
            return self._transmitter()
        return {"sessionStartTime": self._seconds(self._started)}

    def _seconds(self, second: int) -> int:
        """Return the pump's clock, which Libre 3 counts from 1970."""
        if self.family.name == "libre3":
            return self._clock.wall(second)
        return self._clock.pump_seconds(second)
