"""The simulated pump's clock: set by hand, logged when moved, without summer time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from demo.pump import SimulatedPump

from .pump_days import of, properties, quiet_pump

SPRING, AUTUMN = (
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
)
DAY_MS = 86_400_000


def offsets(pump: SimulatedPump) -> list[timedelta]:
    """Return each event's offset from UTC, without repetition."""
    distances = [
        datetime.fromisoformat(event["pumpDateTime"]).replace(tzinfo=UTC) - instant
        for event, instant in zip(pump.events, pump.instants, strict=True)
    ]
    return [
        distance
        for place, distance in enumerate(distances)
        if place == 0 or distance != distances[place - 1]
    ]


def test_a_clock_left_alone_knows_no_daylight_saving() -> None:
    """The clock keeps its offset from when it was set."""
    pump = quiet_pump(start=SPRING - timedelta(days=1))
    pump.run_for(days=3)
    assert offsets(pump) == [timedelta(hours=1)]
    assert pump.clock_changes == []


@pytest.mark.parametrize("lateness", [-5, 0, 0.5, 49])
@pytest.mark.parametrize(("switch", "change"), [(SPRING, 1), (AUTUMN, -1)])
def test_the_person_sets_it_early_or_late(
    switch: datetime, change: int, lateness: float
) -> None:
    """One 13 is logged, this many hours from the change of the zone."""
    pump = quiet_pump(start=switch - timedelta(days=1))
    pump.follow_daylight_saving(timedelta(hours=lateness))
    pump.run_for(days=4)
    before = timedelta(hours=1 if change > 0 else 2)
    assert offsets(pump) == [before, before + timedelta(hours=change)]
    (move,) = of(pump.clock_changes, 13)
    when = pump.instants[pump.events.index(move)]
    assert when == switch + timedelta(hours=lateness)
    change_logged = move["eventProperties"]
    assert (
        change_logged["timeAfter"] - change_logged["timePrior"]
    ) % DAY_MS == change * 3_600_000 % DAY_MS


def test_it_is_set_at_every_change_of_the_zone() -> None:
    """The clock moves twice a year for years."""
    pump = quiet_pump(start=SPRING - timedelta(days=1))
    pump.follow_daylight_saving()
    pump.run_for(days=740)
    assert len(of(pump.clock_changes, 13)) == 5
    assert len(pump.clock.moves) == 6


def test_half_hours_exist() -> None:
    """Lord Howe Island changes by thirty minutes."""
    zone = ZoneInfo("Australia/Lord_Howe")
    pump = quiet_pump(start=datetime(2026, 4, 1, tzinfo=UTC), time_zone=zone)
    pump.follow_daylight_saving()
    pump.run_for(days=10)
    assert offsets(pump) == [timedelta(hours=11), timedelta(hours=10, minutes=30)]


def test_a_move_over_midnight_logs_the_date_too() -> None:
    """13 has the time and 14 the days since 2008, in the same second."""
    pump = quiet_pump(start=datetime(2026, 5, 1, 20, 30, tzinfo=UTC))
    pump.move_clock(timedelta(hours=9))
    time, date = pump.clock_changes
    assert (time["eventCode"], date["eventCode"]) == (13, 14)
    assert time["eventProperties"]["timePrior"] == 22.5 * 3_600_000
    assert time["eventProperties"]["timeAfter"] == 7.5 * 3_600_000
    first = (datetime(2026, 5, 1) - datetime(2008, 1, 1)).days  # noqa: DTZ001  the pump knows no zone
    assert date["eventProperties"]["datePrior"] == first
    assert date["eventProperties"]["dateAfter"] == first + 1
    assert time["pumpDateTime"] == date["pumpDateTime"] == "2026-05-02T07:30:00"


def test_the_unknown_about_moves_can_be_chosen() -> None:
    """A move can have the old time, and a move over midnight can lack its 14."""
    pump = quiet_pump(start=datetime(2026, 5, 1, 20, 30, tzinfo=UTC))
    pump.clock.stamped_by, pump.clock.logs_dates = "old", False
    pump.move_clock(timedelta(hours=9))
    (time,) = pump.clock_changes
    assert time["pumpDateTime"] == "2026-05-01T22:30:00"


def test_what_hangs_on_the_clock_moves_with_it() -> None:
    """The profile's segments follow the clock."""
    pump = quiet_pump(start=datetime(2026, 5, 1, 1, 30, tzinfo=UTC))
    assert pump.basal.rates.rate == 750
    pump.move_clock(timedelta(hours=3))
    assert pump.basal.rates.rate == 950
    assert properties(pump.events, 3)[-1]["changeType"] == [0]


def test_readings_are_timed_by_the_same_clock() -> None:
    """After a move a back-filled reading has the time of the new clock."""
    pump = quiet_pump(start=datetime(2026, 5, 1, 12, tzinfo=UTC))
    pump.move_clock(timedelta(hours=-2))
    pump.read_glucose(120, ago=timedelta(minutes=30))
    (reading,) = properties(pump.events, 399)
    measured = datetime(2008, 1, 1, tzinfo=UTC) + timedelta(
        seconds=reading["egvTimeStamp"]
    )
    assert measured == datetime(2026, 5, 1, 11, 30, tzinfo=UTC)
    assert reading["cgmDataType"] == [1]
