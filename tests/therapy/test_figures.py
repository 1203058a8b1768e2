"""Figures are computed for the person's own day."""

from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
import pytest

from custom_components.tconnectsync.therapy.cartridge_lasts_until import (
    cartridge_lasts_until,
)
from custom_components.tconnectsync.therapy.day_averages import day_averages
from custom_components.tconnectsync.therapy.figures import Figures, compute_figures
from custom_components.tconnectsync.therapy.glucose_statistics import (
    FORTNIGHT,
    WEEK,
    glucose_statistics,
)
from custom_components.tconnectsync.therapy.history import Derivation, History
from custom_components.tconnectsync.therapy.insulin_decay import remaining
from custom_components.tconnectsync.therapy.reservoir import reservoir
from custom_components.tconnectsync.therapy.result_cache import ResultCache
from custom_components.tconnectsync.therapy.totals import compute_totals
from tests.uploaded_lives import PUMPS, Moment, derived, lives

from .pump_days import PumpDay, at

BERLIN = ZoneInfo("Europe/Berlin")


def of(log: PumpDay, insulin_duration: float | None = 300) -> Figures:
    """Return the figures of a person in Berlin whose pump shows UTC."""
    return compute_figures([log.history()], BERLIN, 70, 180, insulin_duration)


def test_the_day_is_the_persons() -> None:
    """At 22:00 UTC in summer the next day has started in Berlin."""
    log = PumpDay().rate_change("20:00:00", 1.0).seen("21:59:59")
    assert of(log).day == date(2026, 5, 14)
    after = of(log.seen("22:30:00"))
    assert after.day == date(2026, 5, 15)
    assert after.totals is not None
    assert after.totals.basal == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-29", 23), ("2026-05-14", 24), ("2026-10-25", 25)]
)
def test_days_are_as_long_as_they_are(day: str, hours: int) -> None:
    """A day with a change of summer time has an hour more or less."""
    before = date.fromisoformat(day) - timedelta(days=1)
    log = PumpDay(before.isoformat()).rate_change("12:00:00", 1.0).next_day()
    last_second = "22:59:59" if hours == 25 else "21:59:59"
    whole = of(log.seen(last_second)).totals
    assert whole is not None
    assert whole.basal == pytest.approx(hours, abs=0.001)


def test_without_a_duration_nothing_is_said_of_insulin_on_board() -> None:
    """The profile gives the duration of insulin; a usual value would be a guess."""
    log = PumpDay().rate_change("00:00:00", 1.0)
    log.ask("11:00:00", 1, 2.0).start("11:00:00", 1, 2.0).end("11:00:58", 1, 2.0)
    known, unknown = of(log), of(log, None)
    assert known.insulin_on_board_estimate == pytest.approx(2.0, abs=0.01)
    assert known.insulin_on_board_ends is not None
    assert unknown.insulin_on_board_estimate is None
    assert unknown.insulin_on_board_ends is None
    assert unknown.totals == known.totals


def test_nothing_is_known_before_the_first_event() -> None:
    """Without events there are no figures."""
    assert compute_figures([History()], BERLIN, 70, 180, 300) == Figures()


def test_figures_are_of_every_pump_that_was_in_use() -> None:
    """With a swap at noon both halves of the day count; the reservoir is that of the pump in use."""
    old = PumpDay().rate_change("00:00:00", 1.0).reading("11:55:00", 100)
    old.ask("11:00:00", 1, 2.0, carbs=20).start("11:00:00", 1, 2.0)
    old.end("11:00:58", 1, 2.0).suspend("12:00:00", insulin=50)
    new = PumpDay(first=10).resume("12:10:00", insulin=180).rate_change("12:10:00", 1.0)
    new.reading("12:15:00", 200)
    new.ask("12:30:00", 1, 3.0, carbs=30).start("12:30:00", 1, 3.0)
    new.end("12:31:27", 1, 3.0).seen("13:10:00")
    both = compute_figures([new.history(), old.history()], BERLIN, 70, 180, 300)
    assert both.as_of == at("13:10:00")
    assert both.totals is not None
    assert both.totals.basal == pytest.approx(13)
    assert (both.totals.bolus, both.totals.carbs) == (5.0, 50)
    assert both.totals.bolus_count == 2
    assert both.glucose is not None
    assert both.glucose.average == pytest.approx(150)
    assert both.averages is not None
    assert both.averages.carbs is not None
    assert both.averages.carbs > 50
    assert both.reservoir is not None
    assert both.reservoir.left == pytest.approx(180 - 4.0)
    fading = 3.0 * remaining(39, 300) + 2.0 * remaining(129, 300)
    missing = remaining(65, 300) * 10 / 60
    assert both.insulin_on_board_estimate == pytest.approx(fading - missing, abs=0.02)
    assert both.insulin_on_board_ends == at("17:31:27")


def test_what_another_pump_gave_and_nobody_has_read() -> None:
    """The day on which it was in use is unknown, and so is insulin on board while its insulin may act."""
    log = PumpDay().rate_change("00:00:00", 1.0).seen("13:00:00")

    def known(delivery_uncertain_until: str) -> tuple[bool, bool, bool]:
        found = compute_figures(
            [log.history()],
            UTC,
            70,
            180,
            300,
            delivery_uncertain_until=at(delivery_uncertain_until),
        )
        totals = found.totals is not None
        estimate = found.insulin_on_board_estimate is not None
        assert found.glucose is None
        assert found.averages is not None
        return totals, estimate, found.reservoir is None

    assert known("08:00:00") == (False, False, True)
    assert known("07:59:59") == (False, True, True)
    before = at("00:00:00") - timedelta(seconds=1)
    found = compute_figures(
        [log.history()], UTC, 70, 180, 300, delivery_uncertain_until=before
    )
    assert found.totals is not None


def test_a_bolus_that_begins_with_the_newest_event_counts() -> None:
    """Carbs of that bolus count for today."""
    log = PumpDay().rate_change("00:00:00", 1.0)
    log.ask("11:00:00", 1, 2.0, carbs=20).start("11:00:00", 1, 2.0)
    totals = of(log).totals
    assert totals is not None
    assert totals.carbs == 20


def test_a_cartridge_lasts_by_the_use_before_its_pump_was_last_heard_of() -> None:
    """The other pump logged three days more; the three days of use are those of the pump in use."""
    log = PumpDay("2026-05-10").resume("00:00:00", insulin=200)
    for _ in range(3):
        log.rate_change("00:00:00", 1.0).next_day()
    log.rate_change("00:00:00", 1.0).suspend("00:00:01", insulin=36)
    other = PumpDay("2026-05-16", first=10).reading("23:00:00", 100)
    both = compute_figures([log.history(), other.history()], UTC, 70, 180, 300)
    assert both.as_of == at("23:00:00", "2026-05-16")
    lasts_until = both.cartridge_lasts_until
    assert lasts_until is not None
    expected = at("00:00:01", "2026-05-13") + timedelta(hours=36)
    assert abs(lasts_until - expected) < timedelta(minutes=5)


def numbers(found: Any) -> dict[str, Any] | None:
    """Return the numbers of some figures, with spans in seconds."""
    return found and {
        key: value.total_seconds() if isinstance(value, timedelta) else value
        for key, value in asdict(found).items()
    }


def about(found: Any) -> dict[str, Any] | None:
    """Return numbers for comparison with sums in another order."""
    return found and {
        key: pytest.approx(value, abs=1e-6) if isinstance(value, float | int) else value
        for key, value in (numbers(found) or {}).items()
    }


@settings(max_examples=20)
@given(life=lives())
def test_days_that_are_added_up_are_the_whole(life: list[Moment]) -> None:
    """Sums by day equal the total after late events, clock moves, zone changes and forgotten days."""
    cache, duration = ResultCache(), 300
    derivations = [Derivation() for _ in PUMPS]
    for moment in life:
        histories = [*derived(moment, derivations).values()]
        view = histories, moment.zone, 70, 180, duration
        found = compute_figures(*view, cache=cache)
        assert found == compute_figures(*view)
        newest, readings = found.as_of, [one for of in histories for one in of.readings]
        if newest is None or found.day is None:
            continue
        midnight, next_midnight = (
            datetime.combine(day, time(), moment.zone).astimezone(UTC)
            for day in (found.day, found.day + timedelta(days=1))
        )
        for part, whole in (
            (found.glucose, glucose_statistics(readings, newest, 70, 180, WEEK)),
            (
                found.glucose_fortnight,
                glucose_statistics(readings, newest, 70, 180, FORTNIGHT),
            ),
            (found.averages, day_averages(histories, newest, WEEK)),
            (found.averages_fortnight, day_averages(histories, newest, FORTNIGHT)),
            (found.totals, compute_totals(histories, midnight, next_midnight)),
        ):
            assert numbers(part) == about(whole)
        lasts_until = cartridge_lasts_until(histories, reservoir(histories[0]))
        assert (found.cartridge_lasts_until is None) is (lasts_until is None)
        if found.cartridge_lasts_until and lasts_until:
            apart = abs(found.cartridge_lasts_until - lasts_until)
            assert apart < timedelta(seconds=1)
