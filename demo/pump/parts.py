"""Put the parts of a simulated pump together: its log, and what truly happened."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Literal
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from .alarms import Alarms, CgmAlerts
from .basal import Basal
from .battery import Battery
from .bolus import Boluses
from .clock import WallClock
from .event_log import EventLog
from .insulin import InsulinOnBoard
from .modes import ControlState, Modes
from .reservoir import Reservoir
from .sensor import Sensor
from .sensor_families import FAMILIES, SensorName
from .sensor_session import SensorSession
from .settings import Settings
from .timeline import Timeline
from .wire import RawEvent

type Model = Literal["t:slim X2", "Mobi"]
type Algorithm = Literal["Control-IQ", "Control-IQ+", "Basal-IQ"]

MODELS: dict[Model, dict[str, Any]] = {
    "t:slim X2": {
        "modelNumber": "1000354",
        "modelName": "t:slim X2™ Insulin Pump",
        "partNumber": "1011979",
    },
    "Mobi": {
        "modelNumber": "1004000",
        "modelName": "Tandem Mobi™ System",
        "partNumber": "1013325",
    },
}


class Parts:
    """Clock, log, basal, boluses, reservoir, sensor and the rest, living through time together."""

    def __init__(
        self,
        *,
        start: datetime,
        time_zone: ZoneInfo,
        serial_number: str = "11223344",
        model: Model = "t:slim X2",
        algorithm: Algorithm = "Control-IQ",
        sensor: SensorName = "g7",
        seed: int = 0,
        quiet: bool = False,
        lucky: bool = False,
        settings: Settings | None = None,
        first_bolus_id: int | None = None,
    ) -> None:
        """Begin at an instant with the clock right for a zone."""
        self.serial_number = serial_number
        self.model: Model = model
        self.algorithm: Algorithm = algorithm
        self.seed = seed
        self.logs_daily_basal = False
        """Whether the pump ends each day with code 81, as the service once showed."""
        self.assignment_id = str(uuid5(NAMESPACE_URL, f"pump {serial_number}"))
        chance = self.chance("pump")
        self.timeline = Timeline(int(start.timestamp()))
        self.setup = settings or Settings()
        self.log = EventLog(
            self.timeline,
            self.assignment_id,
            self.chance("log"),
            chance.randrange(100_000, 500_000),
        )
        self.log.gaps = not quiet
        self.clock = WallClock(self.timeline, self.log, time_zone)
        self.basal = Basal(self.timeline, self.clock, self.log, self.setup)
        self.on_board = InsulinOnBoard(
            self.setup.active.insulin_duration, self.basal.off_profile
        )
        first_id = first_bolus_id or chance.randrange(1000, 9000)
        self.boluses = Boluses(self.timeline, self.log, self.on_board, first_id)
        self.boluses.blocked = lambda: self.basal.suspended
        self.reservoir = Reservoir(
            self.log,
            self.delivered,
            counts_in_units=model == "t:slim X2",
            left=chance.uniform(120, 200),
        )
        family = FAMILIES[sensor]
        age = chance.randrange(1, family.days - 1) * 86400
        session = SensorSession(
            self.timeline, self.clock, self.log, chance, family, age=age
        )
        self.sensor = Sensor(
            self.timeline, self.clock, self.log, self.chance("sensor"), session
        )
        self.alarms = Alarms(self.log)
        self.cgm_alerts = CgmAlerts(self.log, family)
        self.modes = Modes(self.timeline, self.log)
        self.control = ControlState(self.log)
        self.battery = Battery(
            self.timeline, self.log, self.chance("battery"), self.boluses.on_board
        )
        self._begin(quiet=quiet, lucky=lucky)

    def _begin(self, *, quiet: bool, lucky: bool) -> None:
        """Start the pump."""
        raise NotImplementedError

    @property
    def _start(self) -> int:
        return self.clock.moves[0][0]

    def chance(self, part: str) -> Random:
        """Return a source of chance for one part of this pump's life, independent of the others."""
        return Random(f"{self.seed}:{self.serial_number}:{part}")

    @property
    def events(self) -> list[RawEvent]:
        """Everything logged, in order of sequence."""
        return self.log.events

    @property
    def instants(self) -> list[datetime]:
        """True time of each event, in the same order."""
        return self.log.instants

    @property
    def clock_changes(self) -> list[RawEvent]:
        """Every logged clock move, codes 13 and 14."""
        return self.log.clock_changes

    @property
    def settings(self) -> dict[str, Any]:
        """Settings as settings.details carries them."""
        return self.setup.details(self.clock.minute_of_day())

    @property
    def about(self) -> dict[str, Any]:
        """Model, version and algorithm as pumper names them."""
        return {
            **MODELS[self.model],
            "softwareVersion": "7.8.1.0" if self.model == "Mobi" else "7.8.0.0",
            "algorithm": self.algorithm,
            "glucoseUnit": self.setup.glucose_unit,
        }

    @property
    def now(self) -> datetime:
        """The instant that this pump has reached."""
        return datetime.fromtimestamp(self.timeline.now, UTC)

    def run_until(self, instant: datetime) -> None:
        """Live on to an instant."""
        self.timeline.run_until(int(instant.timestamp()))

    def run_for(self, **duration: float) -> None:
        """Live on for a duration, given as for timedelta."""
        self.run_until(self.now + timedelta(**duration))

    def basal_delivered(self, start: datetime, end: datetime) -> float:
        """Return the basal units delivered between two instants."""
        return self.basal.rates.units(int(start.timestamp()), int(end.timestamp()))

    def bolus_delivered(self, start: datetime, end: datetime) -> float:
        """Return the bolus units delivered between two instants."""
        return self.boluses.delivered(int(start.timestamp()), int(end.timestamp()))

    def carbs(self, start: datetime, end: datetime) -> int:
        """Return the grams entered from one instant until before another."""
        return self.boluses.carbs(int(start.timestamp()), int(end.timestamp()))

    def insulin_on_board(self, instant: datetime | None = None) -> float:
        """Return the units on board at an instant, by default now."""
        self.boluses.count()
        return self.on_board.at(
            self.timeline.now if instant is None else int(instant.timestamp())
        )

    def delivered(self) -> float:
        """Return all units delivered in this pump's life, basal and boluses."""
        return (
            self.basal.rates.units(self._start, self.timeline.now)
            + self.boluses.total()
        )
