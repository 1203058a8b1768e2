"""The glucose sensor of the simulated pump: readings, gaps, back-fill and sessions."""

from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from .clock import WallClock
from .event_log import EventLog
from .timeline import Timeline

type SensorName = Literal["g6", "g7", "libre2", "libre3"]

EVERY = 300
TRAVEL = 3
REMEMBERED = 36
UNKNOWN_RATE = 127
DAY = 86400
TRANSMITTER_DAYS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What differs between sensors: codes, days worn, minutes of warm-up, the state that means all is well."""

    name: SensorName
    reading: int
    type: int
    days: int
    warm_up: int
    well: int
    stop: int
    start: int | None
    join: int
    alert: int
    alert_cleared: int
    alert_acknowledged: int | None = None


FAMILIES: dict[SensorName, Family] = {
    family.name: family
    for family in (
        Family(
            name="g6",
            reading=256,
            type=1,
            days=10,
            warm_up=120,
            well=6,
            stop=214,
            start=212,
            join=213,
            alert=171,
            alert_cleared=172,
        ),
        Family(
            name="g7",
            reading=399,
            type=3,
            days=10,
            warm_up=30,
            well=32,
            stop=447,
            start=None,
            join=394,
            alert=369,
            alert_cleared=370,
            alert_acknowledged=371,
        ),
        Family(
            name="libre2",
            reading=372,
            type=2,
            days=14,
            warm_up=60,
            well=100,
            stop=405,
            start=404,
            join=406,
            alert=460,
            alert_cleared=461,
        ),
        Family(
            name="libre3",
            reading=480,
            type=4,
            days=14,
            warm_up=60,
            well=100,
            stop=486,
            start=None,
            join=477,
            alert=460,
            alert_cleared=461,
        ),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A value in mg/dL the sensor measured at a second of UTC, its rate in tenths of mg/dL/min."""

    second: int
    value: int
    rate: int


class Sensor:
    """Measures every five minutes; what does not reach the pump at once is back-filled."""

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
        """Wear a sensor that was put on `age` seconds ago."""
        self._timeline = timeline
        self._clock = clock
        self._log = log
        self._random = random
        self.family = family
        self.started = timeline.now - age
        self.transmitter_started = self.started - family.days * DAY * random.randrange(
            8
        )
        self.worn = True
        self.heard = True
        """Whether the pump hears the sensor."""
        self.last: Reading | None = None
        """The newest reading the pump has had."""
        self._waiting: list[Reading] = []
        self._before: Reading | None = None

    @property
    def warming_up(self) -> bool:
        """Whether the sensor is still warming up."""
        return self._timeline.now - self.started < self.family.warm_up * 60

    @property
    def worn_for(self) -> int:
        """Seconds since the sensor was put on."""
        return self._timeline.now - self.started

    def measure(self, glucose: float) -> None:
        """Measure now, and tell the pump if it hears the sensor."""
        if not self.worn:
            return
        second = self._timeline.now - TRAVEL
        if self.warming_up:
            if self.family.name == "g7" and self.heard:
                self._write(
                    Reading(second=second, value=0, rate=UNKNOWN_RATE),
                    status=6,
                    state=2,
                )
            return
        value, before = round(glucose), self._before
        rate = UNKNOWN_RATE
        if before is not None and second - before.second <= 2 * EVERY:
            rate = max(
                -80,
                min(80, round((value - before.value) * 600 / (second - before.second))),
            )
        reading = self._before = Reading(second=second, value=value, rate=rate)
        if not self.heard:
            self._waiting = [*self._waiting[1 - REMEMBERED :], reading]
            return
        for missed in self._waiting:
            self._write(missed, backfilled=True)
        self._waiting.clear()
        self.last = reading
        self._write(reading)

    def forget_missed(self) -> None:
        """Lose the readings the pump has not heard."""
        self._waiting.clear()

    def take_off(self) -> None:
        """End the session."""
        self.worn = False
        self._waiting.clear()
        stop = self._clock.pump_seconds()
        match self.family.name:
            case "g6":
                self._log.write(
                    214,
                    **self._transmitter(),
                    sessionStopTime=self._timeline.now - self.transmitter_started,
                    sessionDuration=self.family.days,
                    sessionStopReason=5,
                )
            case "g7":
                self._log.write(
                    447,
                    currentTransmitterTime=self.worn_for,
                    sessionStartTime=0,
                    sessionStopTime=self.worn_for,
                    sessionDuration=self.family.days,
                    sessionStopReason=34,
                    stopSessionCode=0,
                )
            case "libre2" | "libre3":
                self._log.write(
                    self.family.stop,
                    sessionStartTime=self._clock.pump_seconds(self.started),
                    sessionStopTime=stop,
                    sessionDuration=self.family.days,
                    sessionStopReason=0,
                )

    def put_on(self) -> None:
        """Begin a session with a new sensor; G6 changes its transmitter every 90 days."""
        now = self._timeline.now
        self.started, self.worn, self._before = now, True, None
        if now - self.transmitter_started > TRANSMITTER_DAYS * DAY:
            self.transmitter_started = now
        if self.family.start is not None:
            self._log.write(
                self.family.start, **self._session(), sessionDuration=self.family.days
            )
        self.join()

    def join(self) -> None:
        """Have the pump join the session."""
        details: dict[str, int]
        match self.family.name:
            case "g6":
                details = {
                    **self._session(),
                    "sessionDuration": self.family.days,
                    "sessionJoinReason": 8,
                }
            case "g7":
                details = {
                    "cgmTimestamp": self.worn_for,
                    "sessionSignature": 0x5A000000 + self.started % 2**20,
                }
            case "libre2" | "libre3":
                details = {
                    **self._session(),
                    "sessionJoinTime": self._clock.pump_seconds(),
                    "sessionDuration": self.family.days,
                    "sessionJoinReason": 0,
                }
        self._log.write(self.family.join, **details)

    def _transmitter(self) -> dict[str, int]:
        """Return transmitter clock and session start on it."""
        return {
            "currentTransmitterTime": self._timeline.now - self.transmitter_started,
            "sessionStartTime": self.started - self.transmitter_started,
        }

    def _session(self) -> dict[str, int]:
        if self.family.name == "g6":
            return self._transmitter()
        return {"sessionStartTime": self._clock.pump_seconds(self.started)}

    def _write(
        self,
        reading: Reading,
        *,
        status: int | None = None,
        state: int | None = None,
        backfilled: bool = False,
    ) -> None:
        value = reading.value
        if status is None:
            status = 1 if value > 400 else 2 if value < 40 else 0
        if status == 1:
            value = 0 if self.family.name == "g6" else self._random.randint(400, 1200)
        elif status == 2:
            value = 0 if self.family.name == "g6" else self._random.randint(0, 39)
        kind = int(backfilled)
        self._log.write(
            self.family.reading,
            **self.reading_properties(reading, value, status, state, kind),
        )

    def reading_properties(
        self, reading: Reading, value: int, status: int, state: int | None, kind: int
    ) -> dict[str, Any]:
        """Return what the code of this sensor's readings carries."""
        types = [11, 12] if self.family.name in ("g7", "libre3") else []
        return {
            "glucoseValueStatus": status,
            "cgmDataType": [kind],
            "rate": reading.rate,
            "algorithmState": self.family.well if state is None else state,
            "rssi": self._random.randint(-88, -48),
            "currentGlucoseDisplayValue": value,
            "egvTimeStamp": self._clock.pump_seconds(reading.second),
            "egvInfoBitmask": [kind, 5, 6, 7, 8, *types],
            "interval": 0,
            "reservedD15": 0,
        }
