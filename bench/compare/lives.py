"""The events to compare: of pumps that live the same life every time, and captured ones."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
import json
from typing import Any
from zoneinfo import ZoneInfo

from bench.places import ROOT
from demo.pump import RecordedPump, SimulatedPump
from demo.tandem.server import RegionName

from .everything import everything

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
FIXTURES = ROOT / "tests" / "fixtures" / "tandem"
DAY = timedelta(days=1)
OUT_OF_THE_BOX = timedelta(hours=5, minutes=15)
"""How far a new pump's clock is behind before it is set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """A pump after its life, in a region and a zone."""

    name: str
    region: RegionName
    zone: ZoneInfo
    pump: SimulatedPump | RecordedPump
    lost: frozenset[int] = frozenset()
    """Sequence numbers of events that are never uploaded."""

    @property
    def days(self) -> tuple[date, date]:
        """The first pump day of its log, and the day after the last."""
        shown = [event["pumpDateTime"][:10] for event in self.pump.events]
        return date.fromisoformat(min(shown)), date.fromisoformat(max(shown)) + DAY


def everything_once() -> Life:
    """Return a pump to which everything happens once, in a few days."""
    pump = _pump(datetime(2026, 2, 3, tzinfo=BERLIN), seed=5, quiet=True)
    return _life("everything once, t:slim X2 with G7", pump, everything(pump))


def captured() -> Life:
    """Return a pump with all events captured from real ones, under new numbers in order of time."""
    capture = json.loads((FIXTURES / "samples.json").read_text(encoding="utf-8"))
    settings = (FIXTURES / "settings_details.json").read_text(encoding="utf-8")
    events = [event for group in capture["groups"] for event in group["events"]]
    events += [*capture["misc"]["events"], *capture["misc"]["clockChanges"]]
    events.sort(key=lambda event: (event["pumpDateTime"], event["sequenceNumber"]))
    pump = RecordedPump(serial_number="90556643", settings=json.loads(settings))
    pump.record(
        (
            event | {"sequenceGroup": 0, "sequenceNumber": number}
            for number, event in enumerate(events, 1)
        ),
        NEW_YORK,
    )
    return Life(name="captured from real pumps", region="us", zone=NEW_YORK, pump=pump)


def end_of_summer_time() -> Life:
    """Return a week in which the person sets the clock back nine hours late."""
    pump = _pump(datetime(2025, 10, 23, 5, 40, tzinfo=BERLIN), seed=1)
    pump.follow_daylight_saving(timedelta(hours=9))
    pump.run_for(days=7)
    return _life("a week at the end of summer time, t:slim X2 with G7", pump)


def new_numbers() -> Life:
    """Return a week in which the pump starts a new group of sequence numbers."""
    start = datetime(2026, 1, 10, 8, 15, tzinfo=NEW_YORK)
    pump = _pump(start, model="Mobi", algorithm="Control-IQ+", sensor="g6", seed=2)
    pump.logs_daily_basal = True
    pump.run_for(days=4)
    pump.restart_sequence()
    pump.run_for(days=3)
    return _life("a week with new numbers, Mobi with G6", pump)


def low_glucose_suspensions() -> Life:
    """Return five days with an algorithm that suspends before glucose is low."""
    start = datetime(2026, 4, 14, 11, tzinfo=BERLIN)
    pump = _pump(start, algorithm="Basal-IQ", sensor="libre2", seed=3)
    pump.run_for(days=5)
    return _life("five days of Basal-IQ, t:slim X2 with Libre 2", pump)


def travel() -> Life:
    """Return five days with a new pump, a journey six hours east, and back."""
    start = datetime(2026, 6, 9, 7, 30, tzinfo=NEW_YORK)
    pump = _pump(start, model="Mobi", algorithm="Control-IQ+", sensor="libre3", seed=4)
    pump.move_clock(-OUT_OF_THE_BOX)
    pump.run_for(minutes=4)
    pump.move_clock(OUT_OF_THE_BOX)
    pump.run_for(days=1, hours=13)
    pump.move_clock(timedelta(hours=6))
    pump.run_for(days=2)
    pump.move_clock(timedelta(hours=-6))
    pump.run_for(days=1, hours=11)
    return _life("five days with a journey, Mobi with Libre 3", pump)


def _pump(start: datetime, **details: Any) -> SimulatedPump:
    """Return a new pump, whose clock is right for the zone of the instant."""
    assert isinstance(start.tzinfo, ZoneInfo)
    return SimulatedPump(start=start, time_zone=start.tzinfo, **details)


def _life(name: str, pump: SimulatedPump, lost: Iterable[int] = ()) -> Life:
    """Return a life in the region that its zone is in."""
    zone = pump.clock.zone
    region: RegionName = "us" if zone == NEW_YORK else "eu"
    return Life(name=name, region=region, zone=zone, pump=pump, lost=frozenset(lost))


QUICK: tuple[Callable[[], Life], ...] = (everything_once, captured)
ALL = (*QUICK, end_of_summer_time, new_numbers, low_glucose_suspensions, travel)
