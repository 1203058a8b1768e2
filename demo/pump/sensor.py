"""Read glucose with the simulated pump's sensor: readings, gaps and back-fill."""

from dataclasses import dataclass
from random import Random
from typing import Any

from .clock import WallClock
from .event_log import EventLog
from .sensor_session import SensorSession
from .timeline import Timeline

EVERY = 300
TRAVEL = 3
REMEMBERED = 36
UNKNOWN_RATE = 127


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A value in mg/dL the sensor measured at a second of UTC, its rate in tenths of mg/dL/min."""

    second: int
    value: int
    rate: int


class Sensor:
    """Measures every five minutes; readings that do not reach the pump at once are back-filled."""

    def __init__(
        self,
        timeline: Timeline,
        clock: WallClock,
        log: EventLog,
        random: Random,
        session: SensorSession,
    ) -> None:
        """Measure in a session."""
        self._timeline = timeline
        self._clock = clock
        self._log = log
        self._random = random
        self.session = session
        self.family = session.family
        self.heard = True
        """Whether the pump hears the sensor."""
        self.last: Reading | None = None
        """The newest reading the pump has had."""
        self._waiting: list[Reading] = []
        self._before: Reading | None = None

    def measure(self, glucose: float) -> None:
        """Measure now, and hand it to the pump if it hears the sensor."""
        if not self.session.in_use:
            self._waiting.clear()
            return
        second = self._timeline.now - TRAVEL
        if self.session.warming_up:
            if self.family.name == "g7" and self.heard:
                nothing = Reading(second=second, value=0, rate=UNKNOWN_RATE)
                self._write(nothing, status=6, state=2)
            return
        value, before = round(glucose), self._before
        rate = UNKNOWN_RATE
        if before is not None and second - before.second <= 2 * EVERY:
            change = (value - before.value) * 600 / (second - before.second)
            rate = max(-80, min(80, round(change)))
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
        """Return the properties that readings of this sensor have."""
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
