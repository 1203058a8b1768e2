"""Totals between two instants agree with the pump's true delivery."""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.therapy.delivered_insulin import basal_deliveries
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.totals import Totals, compute_totals
from demo.pump import SimulatedPump

from .pump_days import PumpDay, at, history
from .pump_swaps import BEGIN, DURATION, Life, lives

ZONE = "America/New_York"
START = datetime(2026, 5, 11, 15, tzinfo=UTC)
MIDNIGHT = at("00:00")
TOMORROW = MIDNIGHT + timedelta(days=1)


@cache
def lived(seed: int) -> tuple[SimulatedPump, History]:
    """Return a pump that ran for four busy days, and its history."""
    pump = SimulatedPump(start=START, time_zone=ZoneInfo(ZONE), seed=seed)
    pump.run_for(days=4)
    return pump, history(pump.events, zone=ZONE)


def known(of: History, start: datetime, end: datetime) -> Totals:
    """Return the totals, which must be known."""
    found = compute_totals([of], start, end)
    assert found is not None
    return found


def today(log: PumpDay) -> Totals | None:
    """Return the totals of the test day."""
    return compute_totals([log.history()], MIDNIGHT, TOMORROW)


@pytest.mark.parametrize("seed", range(6))
def test_days_agree_with_what_was_delivered(seed: int) -> None:
    """Basal, boluses and carbs of each day agree to a hundredth of a unit."""
    pump, of = lived(seed)
    newest = of.newest or START
    for days in range(5):
        start = datetime(2026, 5, 11 + days, tzinfo=ZoneInfo(ZONE))
        end = start + timedelta(days=1)
        day, until = known(of, start, end), min(end, newest)
        assert day.basal == pytest.approx(pump.basal_delivered(start, until), abs=0.01)
        assert day.bolus == pytest.approx(pump.bolus_delivered(start, until), abs=0.01)
        assert day.carbs == pump.carbs(start, until)


@given(minute=st.integers(0, 4 * 24 * 60), seed=st.integers(0, 5))
def test_basal_that_ended_before_adds_nothing(minute: int, seed: int) -> None:
    """Leaving out earlier basal changes no digit of the totals."""
    _, of = lived(seed)
    instant = START + timedelta(minutes=minute)
    since = sum(part.since(instant) for part in basal_deliveries(of))
    assert since == sum(part.since(instant) for part in basal_deliveries(of, instant))


@given(
    instants=st.lists(
        st.integers(0, 4 * 86400).map(lambda second: START + timedelta(seconds=second)),
        min_size=3,
        max_size=3,
    ).map(sorted)
)
def test_parts_of_a_time_add_up(instants: list[datetime]) -> None:
    """Adjacent spans neither double nor lose insulin."""
    _, of = lived(0)
    first, middle, last = instants
    whole = known(of, first, last)
    parts = [known(of, first, middle), known(of, middle, last)]
    assert whole.basal == pytest.approx(sum(part.basal for part in parts))
    assert whole.bolus == pytest.approx(sum(part.bolus for part in parts))
    assert whole.carbs == sum(part.carbs or 0 for part in parts)
    assert whole.bolus_count == sum(part.bolus_count or 0 for part in parts)


@given(life=lives(), after=st.integers(0, 2 * DURATION))
def test_they_are_of_every_pump_that_was_in_use(life: Life, after: int) -> None:
    """With any swaps all delivery counts once."""
    newest, histories = life.ending(after)
    found = compute_totals(histories, BEGIN, BEGIN + timedelta(days=2))
    assert found is not None
    assert found.basal == pytest.approx(life.basal_delivered(newest), abs=0.001)
    assert found.bolus == pytest.approx(
        life.bolus_delivered(newest), abs=0.1 if life.running(newest) else 0.001
    )


def test_nothing_is_known_of_a_day_without_an_event() -> None:
    """Before the first event of the day the totals are unknown, not zero."""
    log = PumpDay("2026-05-13").rate_change("12:00:00", 1.0).seen("23:59:59")
    assert today(log) is None
    assert compute_totals([History()], MIDNIGHT, TOMORROW) is None
    assert today(log.next_day().seen("00:00:00")) is not None


def test_basal_counts_up_to_the_newest_event() -> None:
    """Future delivery of a running rate does not count."""
    log = PumpDay().rate_change("10:00:00", 1.2).seen("10:30:00")
    day = today(log)
    assert day is not None
    assert day.basal == pytest.approx(0.6)
    assert day.basal_share == 100


def test_nothing_is_delivered_while_suspended() -> None:
    """Basal stops with a suspension and continues after it."""
    log = PumpDay().rate_change("10:00:00", 1.0).suspend("10:30:00")
    log.resume("11:30:00").rate_change("11:30:00", 1.0).seen("12:00:00")
    day = today(log)
    assert day is not None
    assert day.basal == pytest.approx(1.0)


def test_an_extended_part_is_spread_over_its_time() -> None:
    """An extended part over midnight counts for each day in proportion."""
    log = PumpDay("2026-05-13")
    log.ask("22:59:30", 1, 4.0, option=1, percent=25, minutes=120)
    log.start("23:00:00", 1, 1.0, 3.0, minutes=120).end("23:00:00", 1, 1.0)
    log.start_extended("23:00:00", 1, 3.0).next_day()
    running = today(log.seen("00:20:00"))
    assert running is not None
    assert running.bolus == pytest.approx(3.0 * 20 / 120)
    log.end("01:00:00", 1, 3.0, extended=True).summary(
        "01:00:00", 1, 1.0, 3.0, delivered=4.0, minutes=120
    )
    ended = today(log)
    assert ended is not None
    assert ended.bolus == pytest.approx(1.5)
    assert ended.bolus_count == 0
    before = known(log.history(), MIDNIGHT - timedelta(days=1), MIDNIGHT)
    assert before.bolus == pytest.approx(2.5)
    assert before.bolus_count == 1


def test_a_bolus_in_progress_counts_as_far_as_it_flowed() -> None:
    """Until its end is logged the bolus counts as far as it had time to flow."""
    log = PumpDay().ask("10:00:00", 1, 2.0).start("10:00:15", 1, 2.0)
    for seen, flowed in (("10:00:15", 0.0), ("10:00:44", 1.0), ("10:09:00", 2.0)):
        day = today(log.seen(seen))
        assert day is not None
        assert day.bolus == pytest.approx(flowed)


def test_boluses_are_counted_by_who_gave_them() -> None:
    """The pump's own corrections are counted separately; a bolus without delivery does not count."""
    log = PumpDay().ask("09:00:00", 1, 2.0, carbs=20).start("09:00:15", 1, 2.0)
    log.end("09:01:00", 1, 2.0)
    log.ask("10:00:00", 2, 1.0, kind=2, option=3).start("10:00:15", 2, 1.0, source=7)
    log.end("10:01:00", 2, 1.0)
    log.ask("11:00:00", 3, 3.0).end("11:00:15", 3, 0.0, status=5, asked=3.0)
    day = today(log)
    assert day is not None
    assert (day.bolus_count, day.automatic_count, day.carbs) == (2, 1, 20)
    assert day.insulin == pytest.approx(3.0)
    assert day.basal_share == 0


def test_there_is_no_share_of_nothing() -> None:
    """Without insulin the share of basal is unknown."""
    day = today(PumpDay().seen("08:00:00"))
    assert day is not None
    assert day.basal_share is None


def test_how_much_of_a_day_is_not_known() -> None:
    """Time without a known rate is unknown, before the first pump and between two; time off is known."""
    first = PumpDay().basal("06:00:00", 1.0).basal("06:05:00", 1.0)
    first.basal("07:05:00", 1.0).write("07:10:00", 53).seen("08:10:00")
    second = PumpDay(first=9000).basal("09:00:00", 1.0).seen("09:05:00")
    histories = [second.history(), first.history()]
    found = compute_totals(histories, MIDNIGHT, TOMORROW)
    assert found is not None
    assert found.not_known == timedelta(hours=6, minutes=55 + 50)
    morning = compute_totals(histories, at("06:00:00"), at("06:30:00"))
    assert morning is not None
    assert morning.not_known == timedelta(minutes=20)


@given(life=lives(), after=st.integers(0, 2 * DURATION))
def test_a_day_without_gaps_is_known(life: Life, after: int) -> None:
    """Only the minutes between two pumps are unknown."""
    _, histories = life.ending(after)
    found = compute_totals(histories, BEGIN, BEGIN + timedelta(days=2))
    off, on = life.swapped or (0, 0)
    swapped = len(histories) > 1
    assert found is not None
    assert found.not_known <= timedelta(minutes=on - off if swapped else 0)
