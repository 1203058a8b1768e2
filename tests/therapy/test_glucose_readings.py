"""CGM readings: displayable values and their true times."""

from datetime import datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.therapy.glucose_readings import trend
from custom_components.tconnectsync.therapy.records import (
    CgmReading,
    GlucosePrediction,
    GlucoseState,
    SensorCondition,
    Trend,
)
from custom_components.tconnectsync.therapy.state import derive_state

from .pump_days import PumpDay, at

# Readings.


def test_every_field() -> None:
    """A reading is dated by the time of its measurement."""
    log = PumpDay().reading("10:00:04", 120, rate=-12, read_at="10:00:01")
    assert log.history(zone="Europe/Berlin").readings == (
        CgmReading(
            key=(0, 1000),
            start=at("08:00:01"),
            pump_time=datetime.fromisoformat("2026-05-14T10:00:01"),
            glucose=120,
            state=GlucoseState.NORMAL,
            rate=-1.2,
            trend=Trend.FORTY_FIVE_DOWN,
            signal=-60,
            backfilled=False,
        ),
    )


@pytest.mark.parametrize("code", [256, 372, 399, 480])
@pytest.mark.parametrize(
    ("status", "raw", "glucose", "state"),
    [
        (0, 120, 120, GlucoseState.NORMAL),
        (0, 40, 40, GlucoseState.NORMAL),
        (0, 400, 400, GlucoseState.NORMAL),
        (0, 39, 39, GlucoseState.LOW),
        (0, 12, 39, GlucoseState.LOW),
        (0, 401, 401, GlucoseState.HIGH),
        (0, 900, 401, GlucoseState.HIGH),
        (0, 0, None, GlucoseState.NO_READING),
        (0, 65535, None, GlucoseState.NO_READING),
        (1, 0, 401, GlucoseState.HIGH),
        (1, 612, 401, GlucoseState.HIGH),
        (1, 100, 401, GlucoseState.HIGH),
        (1, 65535, 401, GlucoseState.HIGH),
        (2, 0, 39, GlucoseState.LOW),
        (2, 500, 39, GlucoseState.LOW),
        (6, 120, None, GlucoseState.NO_READING),
        (6, 0, None, GlucoseState.NO_READING),
    ],
)
def test_what_may_be_shown(
    code: int, status: int, raw: int, glucose: int | None, state: GlucoseState
) -> None:
    """A raw number beyond the range of any sensor is never shown."""
    (reading,) = (
        PumpDay()
        .reading("10:00:00", raw, status=status, code=code, rate=20)
        .history()
        .readings
    )
    assert (reading.glucose, reading.state) == (glucose, state)
    assert (reading.rate is None) is (state is GlucoseState.NO_READING)
    assert (reading.trend is None) is (state is GlucoseState.NO_READING)


@pytest.mark.parametrize(
    ("rate", "arrow"),
    [
        (None, None),
        (0.0, Trend.FLAT),
        (0.9, Trend.FLAT),
        (-0.9, Trend.FLAT),
        (1.0, Trend.FORTY_FIVE_UP),
        (1.9, Trend.FORTY_FIVE_UP),
        (2.0, Trend.SINGLE_UP),
        (2.9, Trend.SINGLE_UP),
        (3.0, Trend.DOUBLE_UP),
        (10.0, Trend.DOUBLE_UP),
        (-1.0, Trend.FORTY_FIVE_DOWN),
        (-2.0, Trend.SINGLE_DOWN),
        (-3.0, Trend.DOUBLE_DOWN),
    ],
)
def test_trends(rate: float | None, arrow: Trend | None) -> None:
    """Trends follow from mg/dL per minute."""
    assert trend(rate) is arrow


def test_what_is_filled_in_later() -> None:
    """A back-filled reading keeps its place in the log and its own time."""
    log = PumpDay().reading("10:30:00", 140)
    log.reading("10:30:01", 130, read_at="10:25:00", backfilled=True)
    first, second = log.history().readings
    assert (first.start, first.backfilled) == (at("10:30:00"), False)
    assert (second.start, second.backfilled, second.key) == (
        at("10:25:00"),
        True,
        (0, 1001),
    )


def test_the_same_reading_twice() -> None:
    """A reading logged live and back-filled counts once, and the first copy wins."""
    log = PumpDay().reading("10:30:02", 140, read_at="10:30:00")
    log.reading("10:40:00", 140, read_at="10:30:00", backfilled=True)
    (reading,) = log.history().readings
    assert (reading.key, reading.backfilled) == ((0, 1000), False)


@pytest.mark.parametrize(
    ("read_at", "value", "minutely", "count"),
    [
        ("10:30:30", 140, False, 1),
        ("10:32:00", 140, False, 1),
        ("10:28:00", 140, False, 1),
        ("10:32:01", 140, False, 2),
        ("10:30:30", 141, False, 2),
        ("10:31:00", 140, True, 2),
        ("10:30:30", 140, True, 1),
    ],
)
def test_the_same_value_within_two_minutes(
    read_at: str, value: int, minutely: bool, count: int
) -> None:
    """The time of a reading is only known to some seconds, so both are one, except for a sensor with a reading a minute."""
    log = PumpDay().reading("10:30:00", 140, minutely=minutely)
    log.reading("10:40:00", value, read_at=read_at, minutely=minutely, backfilled=True)
    first, *others = log.history().readings
    assert (first.key, len(others)) == ((0, 1000), count - 1)


def test_a_value_that_is_filled_in_again_is_not_another_reading() -> None:
    """The first copy wins, even if the sensor corrected its value since."""
    log = PumpDay().reading("10:30:00", 140)
    log.reading("10:40:00", 138, read_at="10:30:00", backfilled=True)
    assert [one.glucose for one in log.history().readings] == [140]


@given(
    minutely=st.booleans(),
    back=st.integers(1, 14),
    values=st.permutations(range(50, 80)),
    read_before=st.integers(3, 15),
)
def test_a_clock_that_is_put_back_hides_no_reading(
    minutely: bool, back: int, values: list[int], read_before: int
) -> None:
    """The clock shows the same second twice, once before the correction and once after."""
    interval = timedelta(minutes=1 if minutely else 5)
    code = 480 if minutely else 399
    shown, log = datetime.fromisoformat("2026-05-14T10:00:02"), PumpDay()
    for place, value in enumerate(values):
        if place == read_before:
            before, shown = shown, shown - timedelta(minutes=back)
            log.time_moved(shown.isoformat(), f"{before:%H:%M:%S}", f"{shown:%H:%M:%S}")
        log.reading(shown.isoformat(), value, code=code, minutely=minutely)
        shown += interval
    happened = log.history()
    assert [one.glucose for one in happened.readings] == values
    newest = derive_state([happened]).reading
    assert newest
    assert newest.glucose == values[-1]


@pytest.mark.parametrize(
    ("code", "state", "condition"),
    [
        (256, 1, SensorCondition.ENDED),
        (256, 2, SensorCondition.WARMING_UP),
        (256, 8, None),
        (256, 11, SensorCondition.FAILED),
        (256, 18, None),
        (372, 2, SensorCondition.WARMING_UP),
        (372, 102, None),
        (372, 107, None),
        (480, 105, None),
        (399, 2, SensorCondition.WARMING_UP),
        (399, 30, SensorCondition.WARMING_UP),
        (399, 31, SensorCondition.WARMING_UP),
        (399, 33, None),
        (399, 34, SensorCondition.EXPIRED),
        (399, 35, SensorCondition.FAILED),
        (399, 36, SensorCondition.ENDED),
        (399, 37, SensorCondition.FAILED),
        (399, 38, SensorCondition.FAILED),
        (399, 39, SensorCondition.FAILED),
    ],
)
def test_a_sensor_that_has_no_value_to_tell(
    code: int, state: int, condition: SensorCondition | None
) -> None:
    """With no value, the number beside it is ignored."""
    for status in (0, 1, 2):
        log = PumpDay().reading(
            "10:00:00", 120, status=status, code=code, algorithm=state
        )
        (reading,) = log.history().readings
        assert (reading.glucose, reading.state, reading.rate) == (
            None,
            GlucoseState.NO_READING,
            None,
        )
        assert reading.condition is condition


@pytest.mark.parametrize(
    ("code", "state"), [(256, 6), (256, 7), (256, 14), (372, 100), (399, 32), (399, 99)]
)
def test_a_sensor_that_is_well(code: int, state: int) -> None:
    """A new state of the algorithm does not hide a value that the pump calls valid."""
    log = PumpDay().reading("10:00:00", 120, code=code, algorithm=state)
    (reading,) = log.history().readings
    assert (reading.value, reading.condition) == (120, None)


def test_what_the_pump_does_not_call_a_value() -> None:
    """No number is shown, although the event contains one."""
    log = PumpDay().reading("10:00:00", 120, info=[0, 5, 7, 8])
    (reading,) = log.history().readings
    assert (reading.glucose, reading.state) == (None, GlucoseState.NO_READING)


def test_a_reading_dated_past_the_upload_waits() -> None:
    """The reading waits, but its event counts."""
    log = (
        PumpDay().reading("10:00:00", 120).reading("10:05:00", 125, read_at="10:45:00")
    )
    assert len(log.history(last_upload=at("10:10:00")).readings) == 1
    assert len(log.history(last_upload=at("10:40:00")).readings) == 2


def test_a_reading_is_dated_by_the_clock_of_the_event_that_brings_it() -> None:
    """This holds for a measurement before the clock was moved too."""
    log = (
        PumpDay("2026-03-29")
        .reading("01:55:00", 120)
        .time_moved("03:00:00", "02:00:00", "03:00:00")
    )
    log.reading("03:05:00", 125).reading(
        "03:06:00", 122, read_at="02:58:00", backfilled=True
    )
    readings = log.history(zone="Europe/Berlin").readings
    assert [one.start for one in readings] == [
        at(time, "2026-03-29") for time in ("00:55:00", "01:05:00", "00:58:00")
    ]


# Predictions.


def test_predictions() -> None:
    """A reading without a prediction by the pump has none."""
    log = (
        PumpDay()
        .write("10:00:00", 140, pgv=85, pgvValid=1)
        .write("10:05:00", 140, pgv=85, pgvValid=0)
    )
    first, second = log.history().predictions
    assert first == GlucosePrediction(
        key=(0, 1000),
        start=at("10:00:00"),
        pump_time=datetime.fromisoformat("2026-05-14T10:00:00"),
        glucose=85,
    )
    assert second.glucose is None


def test_a_prediction_is_over_after_half_an_hour() -> None:
    """After half an hour the predicted time has passed."""
    log = PumpDay().write("10:00:00", 140, pgv=85, pgvValid=1)
    assert log.seen("10:30:00").history().predictions
    assert not log.seen("10:31:00").history().predictions
