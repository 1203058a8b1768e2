"""A month of each simulated pump agrees with the pump's true delivery."""

from datetime import UTC, datetime, timedelta
from functools import cache
from statistics import fmean
from zoneinfo import ZoneInfo

import pytest

from custom_components.tconnectsync.instants import HOUR
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.hourly_figures import hours
from custom_components.tconnectsync.therapy.totals import compute_totals
from demo.pump import SimulatedPump
from demo.pump.parts import Algorithm, Model
from demo.pump.sensor_families import SensorName

from .pump_days import history

START = datetime(2026, 5, 2, 15, tzinfo=UTC)
FIRST_HOUR = START + HOUR
ONE_DAY = timedelta(days=1)
DAYS = 30
HUNDREDTH = 0.01

type Kind = tuple[str, Model, Algorithm, SensorName]

KINDS: list[Kind] = [
    ("America/New_York", "t:slim X2", "Control-IQ", "g7"),
    ("Asia/Kolkata", "Mobi", "Control-IQ+", "libre3"),
    ("Australia/Adelaide", "t:slim X2", "Basal-IQ", "g6"),
    ("Europe/Berlin", "t:slim X2", "Control-IQ", "libre2"),
]
every_pump = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind[3])


@cache
def lived(kind: Kind) -> tuple[SimulatedPump, History]:
    """Return a pump that ran for a busy month, and its history."""
    zone, model, algorithm, sensor = kind
    pump = SimulatedPump(
        start=START,
        time_zone=ZoneInfo(zone),
        model=model,
        algorithm=algorithm,
        sensor=sensor,
        seed=KINDS.index(kind),
    )
    pump.run_for(days=DAYS)
    return pump, history(pump.events, zone=zone, last_upload=pump.now)


@every_pump
def test_hours(kind: Kind) -> None:
    """Basal and boluses of each hour agree to a hundredth of a unit, and no hour is missing."""
    pump, of = lived(kind)
    newest, found = pump.instants[-1], hours([of])
    for begin in (FIRST_HOUR + count * HOUR for count in range(DAYS * 24 - 1)):
        until = min(begin + HOUR, newest)
        figures = found[begin]
        basal = pump.basal_delivered(begin, until)
        bolus = pump.bolus_delivered(begin, until)
        assert figures.basal == pytest.approx(basal, abs=HUNDREDTH)
        assert figures.bolus == pytest.approx(bolus, abs=HUNDREDTH)


@every_pump
def test_days(kind: Kind) -> None:
    """Basal, boluses and carbs of each day agree, and nothing is unknown."""
    pump, of = lived(kind)
    newest = pump.instants[-1]
    midnight = datetime(2026, 5, 4, tzinfo=ZoneInfo(kind[0])).astimezone(UTC)
    for count in range(DAYS - 2):
        start = midnight + count * ONE_DAY
        until = min(start + ONE_DAY, newest)
        day = compute_totals([of], start, start + ONE_DAY)
        assert day is not None
        basal = pump.basal_delivered(start, until)
        bolus = pump.bolus_delivered(start, until)
        assert day.basal == pytest.approx(basal, abs=HUNDREDTH)
        assert day.bolus == pytest.approx(bolus, abs=HUNDREDTH)
        assert day.carbs == pump.carbs(start, until)
        assert day.not_known < timedelta(minutes=1)


@every_pump
def test_instants(kind: Kind) -> None:
    """Every start is exact to the second, and sensor readings to a few seconds."""
    pump, of = lived(kind)
    true = set(pump.instants)
    for records in (
        of.basal,
        of.boluses,
        of.suspensions,
        of.alarms,
        of.fills,
        of.insulin_on_board,
        of.activities,
        of.battery,
    ):
        assert records
        assert {record.start for record in records} <= true
    logged = {
        event["sequenceNumber"]: instant
        for event, instant in zip(pump.events, pump.instants, strict=True)
    }
    for reading in of.readings:
        if not reading.backfilled:
            late = logged[reading.key[1]] - reading.start
            assert timedelta() <= late <= timedelta(seconds=10)
    assert of.newest == pump.instants[-1]


@every_pump
def test_insulin_on_board(kind: Kind) -> None:
    """Every hour has a mean that is on average within 0.3 U of the pump's own curve by another model."""
    pump, of = lived(kind)
    found = hours([of], insulin_duration=pump.setup.active.insulin_duration)
    errors = []
    for begin in (FIRST_HOUR + count * HOUR for count in range(8, DAYS * 24 - 1)):
        points = [
            pump.insulin_on_board(begin + timedelta(minutes=minute))
            for minute in range(0, 60, 5)
        ]
        errors.append(abs(found[begin].insulin_on_board.mean - fmean(points)))
    assert fmean(errors) < 0.3
