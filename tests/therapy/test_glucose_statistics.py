"""Seven days of readings in the figures that clinics use."""

from datetime import timedelta
from statistics import fmean, stdev

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.therapy.glucose_statistics import (
    GlucoseStatistics,
    glucose_statistics,
)
from custom_components.tconnectsync.therapy.history import History

from .pump_days import PumpDay, at

LOW, HIGH = 70, 180


def day_of(*values: int) -> PumpDay:
    """A log with these values five minutes apart from midnight on."""
    log = PumpDay()
    for place, value in enumerate(values):
        hour, minute = divmod(5 * place, 60)
        log.reading(f"{hour:02}:{minute:02}:00", value)
    return log


def figures(log: PumpDay, low: float = LOW, high: float = HIGH) -> GlucoseStatistics:
    """The figures of a log that has readings."""
    found = glucose_statistics(log.history(), low, high)
    assert found is not None
    return found


@given(values=st.lists(st.integers(40, 400), min_size=2, max_size=100))
def test_figures_are_those_of_the_readings(values: list[int]) -> None:
    """Shares add up, limits belong to the range, and average and deviation are the usual ones."""
    found = figures(day_of(*values))
    count = len(values)
    assert found.readings == count
    assert found.below_range == pytest.approx(
        100 * sum(value < LOW for value in values) / count
    )
    assert found.above_range == pytest.approx(
        100 * sum(value > HIGH for value in values) / count
    )
    assert found.in_range + found.below_range + found.above_range == pytest.approx(100)
    assert found.average == pytest.approx(fmean(values))
    assert found.standard_deviation == pytest.approx(stdev(values))
    assert found.coefficient_of_variation == pytest.approx(
        100 * stdev(values) / fmean(values)
    )


def test_the_limits_are_in_range() -> None:
    """From the low limit to the high one, both included."""
    found = figures(day_of(69, 70, 180, 181))
    assert (found.below_range, found.in_range, found.above_range) == (25, 50, 25)


def test_limits_can_be_ones_own() -> None:
    """Tighter limits leave less in range."""
    found = figures(day_of(69, 70, 140, 141), 70, 140)
    assert (found.below_range, found.in_range, found.above_range) == (25, 50, 25)


@pytest.mark.parametrize(("average", "gmi"), [(100, 5.7), (150, 6.9), (200, 8.1)])
def test_glucose_management_indicator(average: int, gmi: float) -> None:
    """As the published table has it."""
    found = figures(day_of(average))
    assert found.glucose_management_indicator == pytest.approx(gmi, abs=0.05)


def test_one_reading_has_no_deviation() -> None:
    """Deviation needs two."""
    found = figures(day_of(120))
    assert found.standard_deviation is None
    assert found.coefficient_of_variation is None


def test_beyond_the_range_of_the_sensor() -> None:
    """Too low and too high count as below and above even where a limit lies further out."""
    log = (
        day_of(120).reading("00:05:00", 0, status=2).reading("00:10:00", 999, status=1)
    )
    log.reading("00:15:00", 0, status=6)
    found = figures(log, 30, 450)
    assert found.readings == 3
    assert found.below_range == found.above_range == pytest.approx(100 / 3)
    assert found.average == pytest.approx((120 + 39 + 401) / 3)


def test_the_week_ends_with_the_newest_event() -> None:
    """What is older than seven days no longer counts."""
    log = day_of(300)
    log.day = "2026-05-21"
    log.reading("00:00:00", 100)
    found = figures(log)
    assert found.average == 100
    assert (found.start, found.end) == (at("00:00"), at("00:00") + timedelta(days=7))


def test_a_reading_that_comes_again_counts_once() -> None:
    """What is filled in later may be known already."""
    log = day_of(100, 200).reading("00:10:00", 100, read_at="00:00:00", backfilled=True)
    assert figures(log).readings == 2


def test_usage_is_the_time_that_readings_cover() -> None:
    """Five minutes for each, less where the next comes sooner."""
    half = day_of(*[100] * 144).seen("23:59:59")
    assert figures(half).usage == pytest.approx(100 / 14)
    often = PumpDay()
    for minute in range(60):
        often.reading(f"10:{minute:02}:00", 100)
    assert figures(often.seen("11:00:00")).usage == pytest.approx(100 / 168)


def test_nothing_without_readings() -> None:
    """A pump without a sensor has no figures."""
    assert glucose_statistics(History(), LOW, HIGH) is None
    assert glucose_statistics(PumpDay().seen("10:00:00").history(), LOW, HIGH) is None
