"""Days of a simulated pump are plausible, repeatable, and consistent with the true delivery."""

from datetime import datetime, timedelta
from itertools import pairwise
import json
from pathlib import Path

import pytest

from demo.pump import SimulatedPump
from demo.pump.sensor_families import FAMILIES, SensorName

from .pump_days import (
    BERLIN,
    START,
    basal_by_events,
    bolus_by_events,
    lively_pump,
    of,
    properties,
)

CAPTURED = Path(__file__).parent.parent / "fixtures" / "tandem" / "samples.json"


@pytest.mark.parametrize("seed", range(4))
def test_the_events_tell_all_the_insulin(seed: int) -> None:
    """The sums of basal by 279 and 11 and of boluses by 20 and 21 equal the pump's own."""
    pump = lively_pump(10, seed=seed)
    while pump.boluses.under_way:
        pump.run_for(minutes=10)
    assert basal_by_events(pump) == pytest.approx(
        pump.basal_delivered(START, pump.now), abs=0.01
    )
    assert bolus_by_events(pump) == pytest.approx(
        pump.bolus_delivered(START, pump.now), abs=0.01
    )
    carbs = sum(asked["carbAmount"] for asked in properties(pump.events, 64))
    assert carbs == pump.carbs(START, pump.now)
    assert pump.delivered() == pytest.approx(
        pump.basal_delivered(START, pump.now) + pump.bolus_delivered(START, pump.now)
    )


def test_equal_seeds_live_equal_lives_in_steps_of_any_size() -> None:
    """The life depends on the seed, not on the number of steps."""
    at_once, in_steps = lively_pump(2, seed=5), lively_pump(0, seed=5)
    while in_steps.now < at_once.now:
        in_steps.run_for(minutes=7)
    in_steps.run_until(at_once.now)
    length = len(at_once.events)
    assert in_steps.events[:length] == at_once.events
    assert lively_pump(2, seed=6).events != at_once.events


def test_the_log_is_in_order() -> None:
    """Sequence and true time never go back, and event times are those of the wall clock."""
    pump = lively_pump(5, seed=1)
    numbers = [event["sequenceNumber"] for event in pump.events]
    assert all(before < after for before, after in pairwise(numbers))
    assert pump.instants == sorted(pump.instants)
    for event, instant in zip(pump.events, pump.instants, strict=True):
        wall = instant.astimezone(BERLIN).replace(tzinfo=None)
        assert datetime.fromisoformat(event["pumpDateTime"]) == wall
        assert event["estimatedDateTime"] == f"{event['pumpDateTime']}Z"


def test_two_months_hold_everything_a_pump_tells() -> None:
    """A life of two months has every event that the integration reads."""
    pump = lively_pump(60, seed=2)
    present = {event["eventCode"] for event in pump.events}
    expected = {3, 4, 5, 8, 9, 11, 12, 16, 20, 21, 26, 27, 28, 33, 34, 35, 36, 37}
    expected |= {55, 57, 59, 61, 63, 64, 65, 66, 69, 90, 140, 229, 230, 279, 280, 313}
    expected |= {369, 370, 371, 394, 399, 447}
    assert expected <= present
    sources = {basal["commandedRateSource"] for basal in properties(pump.events, 279)}
    assert sources == {0, 1, 2, 3, 4}
    modes = {change["currentUserMode"] for change in properties(pump.events, 229)}
    assert modes == {0, 1, 2, 3}
    options = {asked["options"] for asked in properties(pump.events, 65)}
    assert {0, 1, 2, 3, 4} <= options
    endings = {ended["completionStatus"] for ended in properties(pump.events, 20)}
    assert {0, 3} <= endings
    assert any(asked["userOverride"] for asked in properties(pump.events, 65))
    assert any(asked["declinedCorrection"] for asked in properties(pump.events, 65))
    assert any(
        asked["standardPercent"] == 0 and asked["duration"]
        for asked in properties(pump.events, 65)
    )
    raised = [alarm["alarmId"] for alarm in properties(pump.events, 5)]
    cleared = [alarm["alarmId"] for alarm in properties(pump.events, 28)]
    assert len(raised) > len(cleared) > 0
    reasons = {
        suspension["suspendReason"] for suspension in properties(pump.events, 11)
    }
    assert {0, 1} <= reasons


def test_shapes_are_those_of_captured_events() -> None:
    """A simulated event has the same keys as a captured one."""
    capture = json.loads(CAPTURED.read_text(encoding="utf-8"))
    shapes = {
        (event["eventCode"], frozenset(event["eventProperties"]))
        for group in capture["groups"]
        for event in group["events"]
    }
    pump = lively_pump(30, seed=2)
    simulated = {
        (event["eventCode"], frozenset(event["eventProperties"]))
        for event in pump.events
    }
    assert shapes <= simulated


def test_basal_is_logged_about_every_five_minutes() -> None:
    """The longest time without a 279 stays below ten minutes."""
    pump = lively_pump(5, seed=3)
    stamps = [
        datetime.fromisoformat(event["pumpDateTime"]) for event in of(pump.events, 279)
    ]
    gaps = [after - before for before, after in pairwise(stamps)]
    assert max(gaps) < timedelta(minutes=10)
    assert len({gap for gap in gaps if gap > timedelta(minutes=4)}) > 10


def test_automatic_corrections_keep_an_hour_between_them() -> None:
    """They are of type 2, options 3, source 7, without carbs, at most one an hour."""
    pump = lively_pump(20, seed=3)
    asked = [
        (datetime.fromisoformat(event["pumpDateTime"]), event["eventProperties"])
        for event in of(pump.events, 64)
        if event["eventProperties"]["bolusType"] == 2
    ]
    assert len(asked) > 10
    assert all(details["carbAmount"] == 0 for _, details in asked)
    hour = timedelta(hours=1)
    assert all(after - before >= hour for (before, _), (after, _) in pairwise(asked))
    ids = {details["bolusId"] for _, details in asked}
    options = {
        details["options"]
        for details in properties(pump.events, 65)
        if details["bolusId"] in ids
    }
    sources = {
        details["bolusSource"]
        for details in properties(pump.events, 280)
        if details["bolusId"] in ids
    }
    assert (options, sources) == ({3}, {7})


def test_glucose_is_plausible() -> None:
    """Most readings are in range, few are low, and some months reach the ends of the scale."""
    pump = lively_pump(60, seed=1)
    readings = properties(pump.events, 399)
    values = [
        reading["currentGlucoseDisplayValue"]
        for reading in readings
        if reading["glucoseValueStatus"] == 0
    ]
    in_range = sum(70 <= value <= 180 for value in values) / len(values)
    low = sum(value < 70 for value in values) / len(values)
    assert 0.55 < in_range < 0.95
    assert low < 0.1
    assert {reading["glucoseValueStatus"] for reading in readings} == {0, 1, 2, 6}
    assert any(reading["cgmDataType"] == [1] for reading in readings)


@pytest.mark.parametrize("sensor", FAMILIES)
def test_each_sensor_speaks_its_own_codes(sensor: SensorName) -> None:
    """Readings, sessions and alerts have the codes of the sensor in use."""
    family = FAMILIES[sensor]
    pump = lively_pump(35, sensor=sensor, seed=1)
    present = {event["eventCode"] for event in pump.events}
    own = {family.reading, family.stop, family.join, family.alert, family.alert_cleared}
    own |= {code for code in (family.start, family.alert_acknowledged) if code}
    others = {
        code
        for other in FAMILIES.values()
        for code in (other.reading, other.stop, other.join)
        if code not in own
    }
    assert own <= present
    assert not others & present
    types = {status["sensorType"] for status in properties(pump.events, 313)}
    assert types == {family.type}


def test_basal_iq_suspends_for_low_glucose_instead_of_steering() -> None:
    """Suspensions with reason 6 start and end on their own; no algorithm sets a rate."""
    pump = SimulatedPump(start=START, time_zone=BERLIN, algorithm="Basal-IQ", seed=1)
    pump.run_for(days=20)
    reasons = [stop["suspendReason"] for stop in properties(pump.events, 11)]
    assert reasons.count(6) > 3
    sources = {basal["commandedRateSource"] for basal in properties(pump.events, 279)}
    assert sources <= {0, 1, 2}
    assert len(of(pump.events, 11)) - len(of(pump.events, 12)) in {0, 1}


def test_reservoir_is_the_fill_less_what_left_it() -> None:
    """When delivery resumes, the pump logs the fill less primes and all delivery since."""
    pump = lively_pump(12, seed=4)
    before = pump.reservoir.left
    now = pump.now
    pump.run_for(minutes=20)
    gone = pump.basal_delivered(now, pump.now) + pump.bolus_delivered(now, pump.now)
    assert pump.reservoir.left == pytest.approx(before - gone, abs=0.001)
    fills = of(pump.events, 33, 63, 61, 12)
    place = next(i for i, fill in enumerate(fills) if fill["eventCode"] == 33)
    cartridge, tubing, cannula, resumed = fills[place : place + 4]
    assert [e["eventCode"] for e in (tubing, cannula, resumed)] == [63, 61, 12]
    volume = cartridge["eventProperties"]["insulinVolume"]
    primed = tubing["eventProperties"]["primeSize"] + 0.3
    assert resumed["eventProperties"]["insulinAmount"] == int(volume - primed)


@pytest.mark.parametrize("seed", range(3))
def test_a_lucky_life_has_no_cliffs(seed: int) -> None:
    """Glucose changes plausibly, readings are complete, and no alarm stops delivery."""
    pump = lively_pump(12, seed=seed, lucky=True)
    read = [
        (instant, event["eventProperties"])
        for instant, event in zip(pump.instants, pump.events, strict=True)
        if event["eventCode"] == 399
    ]
    steps = [
        after["currentGlucoseDisplayValue"] - before["currentGlucoseDisplayValue"]
        for (_, before), (_, after) in pairwise(read)
        if before["glucoseValueStatus"] == after["glucoseValueStatus"] == 0
    ]
    assert len(steps) > 3000
    assert max(map(abs, steps)) < 35
    silences = [after - before for (before, _), (after, _) in pairwise(read)]
    assert sum(gap > timedelta(minutes=6) for gap in silences) <= 2, "new sensors"
    alarms = {raised["alarmId"] for raised in properties(pump.events, 5)}
    assert alarms <= {18}, "a reminder to resume"


def test_insulin_on_board_is_logged_as_it_was() -> None:
    """Every event with insulin on board agrees with the pump's own count of doses."""
    pump = lively_pump(5, seed=2)
    reported = [
        (instant, event["eventProperties"]["iob"])
        for instant, event in zip(pump.instants, pump.events, strict=True)
        if event["eventCode"] in (16, 20, 21, 55, 59, 64)
    ]
    assert len(reported) > 50
    for instant, units in reported:
        assert units == pytest.approx(pump.insulin_on_board(instant), abs=0.01)


def test_what_is_eaten_raises_glucose() -> None:
    """Of two equal lives only one has a meal; a quiet pump has none."""
    pumps = [
        SimulatedPump(start=START, time_zone=BERLIN, seed=4, lucky=True)
        for _ in range(2)
    ]
    pumps[0].eat(50)
    for pump in pumps:
        pump.run_for(minutes=50)
    fed, hungry = (
        properties(pump.events, 399)[-1]["currentGlucoseDisplayValue"] for pump in pumps
    )
    assert fed > hungry + 30
    SimulatedPump(start=START, time_zone=BERLIN, quiet=True).eat(50)
