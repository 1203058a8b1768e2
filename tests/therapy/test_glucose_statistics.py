"""Glucose statistics as clinics use them, with each reading weighted by its time."""

from datetime import timedelta
from math import sqrt
from random import Random

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.therapy.glucose_statistics import (
    FORTNIGHT,
    WEEK,
    GlucoseStatistics,
    glucose_statistics,
)
from custom_components.tconnectsync.therapy.records import CgmReading, GlucoseState

from .pump_days import PumpDay, at

LOW, HIGH = 70, 180
END = at("12:00:00")


def reading(
    seconds_ago: float,
    glucose: int | None,
    state: GlucoseState = GlucoseState.NORMAL,
    number: int = 1,
) -> CgmReading:
    """Return a reading this long before the newest event."""
    start = END - timedelta(seconds=seconds_ago)
    return CgmReading(
        key=(0, number),
        start=start,
        pump_time=start.replace(tzinfo=None),
        glucose=glucose,
        state=GlucoseState.NO_READING if glucose is None else state,
        rate=None,
        trend=None,
        signal=None,
        backfilled=False,
    )


def every_five_minutes(*values: int) -> list[CgmReading]:
    """Return readings of these values, the last of them five minutes before the newest event."""
    return [
        reading(300 * (len(values) - place), value)
        for place, value in enumerate(values)
    ]


def figures(
    readings: list[CgmReading],
    low: float = LOW,
    high: float = HIGH,
    span: timedelta = WEEK,
) -> GlucoseStatistics:
    """Return the figures of one or more readings."""
    found = glucose_statistics(readings, END, low, high, span)
    assert found is not None
    return found


# Against a clock that goes on by one second and asks which reading is on the display.

HOUR = 3600
courses = st.lists(
    st.tuples(
        st.integers(1, 1500),
        st.one_of(st.none(), st.integers(39, 401)),
    ),
    min_size=1,
    max_size=30,
)


def on_display(shown: dict[int, int | None], span: int) -> list[int]:
    """Return the displayed reading of each second of a span."""
    seconds: list[int | None] = [None] * span
    for measured in sorted(shown, reverse=True):
        for ago in range(measured - 300, measured):
            if 0 <= ago < span:
                seconds[ago] = shown[measured]
    return [value for value in seconds if value is not None]


@given(
    course=courses,
    limits=st.sampled_from([(70, 180), (80, 140), (50, 300)]),
    span=st.sampled_from([HOUR, 3 * HOUR]),
    random=st.randoms(use_true_random=False),
)
def test_second_by_second(
    course: list[tuple[int, int | None]],
    limits: tuple[int, int],
    span: int,
    random: Random,
) -> None:
    """The figures equal a count by the second, for any spacing, gaps, repeats and order."""
    low, high = limits
    ago, shown = 0, dict[int, int | None]()
    for apart, value in course:
        ago += apart
        shown[ago] = value
    readings = [
        reading(
            ago,
            value,
            GlucoseState.LOW
            if value == 39
            else GlucoseState.HIGH
            if value == 401
            else GlucoseState.NORMAL,
            number=place,
        )
        for place, (ago, value) in enumerate(shown.items())
    ]
    repeated = [
        reading(ago, 200, number=1000 + ago) for ago in shown if random.random() < 0.3
    ]
    readings += repeated
    random.shuffle(readings)
    found = glucose_statistics(readings, END, low, high, timedelta(seconds=span))

    seconds = on_display(shown, span)
    if not seconds:
        assert found is None
        return
    assert found is not None
    count = len(seconds)
    average = sum(seconds) / count
    deviation = sqrt(sum((value - average) ** 2 for value in seconds) / count)
    percent = 100 / count
    assert found.covered == timedelta(seconds=count)
    assert found.usage == pytest.approx(100 * count / span)
    assert found.average == pytest.approx(average)
    assert found.standard_deviation == pytest.approx(deviation, abs=1e-6)
    assert found.below_range == pytest.approx(
        percent * sum(value < low for value in seconds)
    )
    assert found.above_range == pytest.approx(
        percent * sum(value > high for value in seconds)
    )
    assert found.very_low == pytest.approx(
        percent * sum(value < min(low, 54) for value in seconds)
    )
    assert found.very_high == pytest.approx(
        percent * sum(value > max(high, 250) for value in seconds)
    )
    assert found.in_tight_range == pytest.approx(
        percent * sum(70 <= value <= 140 for value in seconds)
    )
    bands = (
        found.very_low,
        found.low,
        found.in_range,
        found.high,
        found.very_high,
    )
    assert sum(bands) == pytest.approx(100)
    assert min(bands) > -1e-9


def test_minutes_of_one_sensor_and_five_minutes_of_the_next_weigh_alike() -> None:
    """Half the time below range is half, although five of six readings are."""
    minutely = [reading(7200 - 60 * minute, 60) for minute in range(60)]
    slowly = [reading(3600 - 300 * place, 120) for place in range(12)]
    found = figures(minutely + slowly)
    assert (found.below_range, found.in_range, found.average) == (50, 50, 90)


def test_the_limits_are_in_range() -> None:
    """Both limits are in range."""
    found = figures(every_five_minutes(69, 70, 180, 181))
    assert (found.below_range, found.in_range, found.above_range) == (25, 50, 25)


def test_limits_can_be_chosen() -> None:
    """Tighter limits leave less in range and do not change very low and very high."""
    found = figures(every_five_minutes(53, 54, 69, 70, 140, 141, 250, 251), 70, 140)
    assert (found.below_range, found.in_range, found.above_range) == (37.5, 25, 37.5)
    assert (found.very_low, found.low) == (12.5, 25)
    assert (found.very_high, found.high) == (12.5, 25)


@pytest.mark.parametrize(("average", "gmi"), [(100, 5.7), (150, 6.9), (200, 8.1)])
def test_glucose_management_indicator(average: int, gmi: float) -> None:
    """The indicator follows the published table."""
    found = figures(every_five_minutes(average))
    assert found.glucose_management_indicator == pytest.approx(gmi, abs=0.05)


def test_beyond_the_range_of_the_sensor() -> None:
    """Values beyond the sensor's range count as below or above range, even with wider limits."""
    readings = [
        reading(900, 120),
        reading(600, 39, GlucoseState.LOW),
        reading(300, 401, GlucoseState.HIGH),
    ]
    found = figures(readings, 30, 450)
    assert found.below_range == found.above_range == pytest.approx(100 / 3)
    assert found.very_low == found.very_high == pytest.approx(100 / 3)
    assert found.average == pytest.approx((120 + 39 + 401) / 3)


@pytest.mark.parametrize("span", [WEEK, FORTNIGHT])
def test_the_span_ends_with_the_newest_event(span: timedelta) -> None:
    """Older readings do not count; one that overlaps the start counts in part."""
    days = span.total_seconds()
    found = figures([reading(days + 200, 300), reading(300, 100)], span=span)
    assert (found.start, found.end) == (END - span, END)
    assert found.covered == timedelta(seconds=100 + 300)
    assert found.average == 150


@pytest.mark.parametrize(
    ("days", "sufficient", "says_something"),
    [(0.99, False, False), (1, False, True), (4.89, False, True), (4.91, True, True)],
)
def test_figures_say_how_much_they_rest_on(
    days: float, sufficient: bool, says_something: bool
) -> None:
    """70 percent of seven days is enough; less than a day gives no figures."""
    found = figures(every_five_minutes(*[100] * round(days * 288)))
    assert (found.sufficient, found.says_something) == (sufficient, says_something)


def test_nothing_without_readings() -> None:
    """A pump without a sensor, or without values, has no figures."""
    assert glucose_statistics([], END, LOW, HIGH) is None
    assert glucose_statistics([reading(300, None)], END, LOW, HIGH) is None
    assert glucose_statistics([reading(300, 100)], None, LOW, HIGH) is None


def test_what_the_pump_logged() -> None:
    """A repeated reading counts once, and a reading without a value ends the one before it."""
    log = PumpDay().reading("10:00:00", 100).reading("10:02:00", 0, status=6)
    log.reading("10:10:00", 200)
    log.reading("10:12:00", 100, read_at="10:00:20", backfilled=True).seen("10:15:00")
    history = log.history()
    found = glucose_statistics(history.readings, history.newest, LOW, HIGH)
    assert found is not None
    assert found.covered == timedelta(minutes=7)
    assert found.average == pytest.approx((2 * 100 + 5 * 200) / 7)


# Low events.


def lows(*runs: tuple[int, float], every: int = 300) -> int:
    """Return the number of low events in runs of mg/dL and minutes; 0 means no readings."""
    ago = 60 * sum(minutes for _, minutes in runs)
    readings = []
    for glucose, minutes in runs:
        if glucose:
            readings += [
                reading(ago - later, glucose)
                for later in range(0, round(60 * minutes), every)
            ]
        ago -= 60 * minutes
    return figures(readings).low_events


@pytest.mark.parametrize("every", [60, 300])
@pytest.mark.parametrize(
    ("runs", "count"),
    [
        (((100, 60), (69, 10), (100, 60)), 0),
        (((100, 60), (69, 15), (100, 60)), 1),
        (((100, 60), (70, 60), (100, 60)), 0),
        (((69, 15), (100, 10), (69, 15), (100, 60)), 1),
        (((69, 15), (100, 15), (69, 15), (100, 60)), 2),
        (((69, 15), (100, 15), (69, 10), (100, 60)), 1),
        (((69, 10), (100, 5), (69, 10), (100, 60)), 0),
        (((69, 10), (0, 30), (69, 10), (100, 60)), 0),
        (((69, 20), (0, 10), (69, 20), (100, 60)), 1),
        (((69, 20), (0, 300), (69, 20), (100, 60)), 1),
        (((69, 20), (100, 10), (0, 300), (100, 10), (69, 20)), 1),
        (((69, 20), (0, 300), (100, 15), (69, 20), (100, 60)), 2),
        (((69, 60),), 1),
    ],
)
def test_low_events(runs: tuple[tuple[int, int], ...], count: int, every: int) -> None:
    """A low event starts after 15 minutes below 70 mg/dL and ends after 15 minutes at or above 70."""
    assert lows(*runs, every=every) == count


def test_three_readings_are_a_quarter_of_an_hour() -> None:
    """Three readings count as 15 minutes, even if the sensor is some seconds early."""
    readings = [reading(3000, 100)]
    readings += [reading(2400 - 297 * place, 60) for place in range(3)]
    readings += [reading(2400 - 297 * place, 100) for place in range(3, 8)]
    assert figures(readings).low_events == 1
