"""The demo's pump continues where it stopped."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo.commands import UnknownCommandError
from demo.life import Life

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Clock:
    """A clock set by hand."""

    def __init__(self) -> None:
        """Start at noon."""
        self.now = NOON

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The time for the pump."""
    return Clock()


def life(folder: Path, clock: Clock, zone: str = "Europe/Berlin") -> Life:
    """Start a life of three days, or continue the one stored in the folder."""
    return Life(
        folder / "pump.json", history=timedelta(days=3), time_zone=zone, now=clock
    )


def test_a_new_pump_has_a_history(tmp_path: Path, clock: Clock) -> None:
    """Its log covers the three days until now."""
    instants = life(tmp_path, clock).pump.instants
    assert instants[0] - NOON < timedelta(days=-2.9)
    assert timedelta() <= NOON - instants[-1] < timedelta(minutes=15)


def test_it_lives_in_step_with_the_clock(tmp_path: Path, clock: Clock) -> None:
    """An hour later it has logged an hour more, and earlier events are unchanged."""
    pump = life(tmp_path, clock)
    before = list(pump.pump.events)
    clock.now += timedelta(hours=1)
    pump.live()
    assert pump.pump.now == clock.now
    assert pump.pump.events[: len(before)] == before
    assert len(pump.pump.events) > len(before)


def test_a_restart_changes_nothing(tmp_path: Path, clock: Clock) -> None:
    """The same events are returned again, with those of the time in between."""
    first = life(tmp_path, clock)
    clock.now += timedelta(minutes=7)
    first.ask("alarm", "occlusion")
    clock.now += timedelta(minutes=3, seconds=20)
    first.ask("bolus", "1.5")
    clock.now += timedelta(hours=9)
    again = life(tmp_path, clock)
    first.live()
    assert again.pump.events == first.pump.events


def test_a_restart_keeps_the_pumps_zone(tmp_path: Path, clock: Clock) -> None:
    """The clock of a pump does not follow the computer to another zone."""
    life(tmp_path, clock)
    assert life(tmp_path, clock, "Asia/Tokyo").time_zone == "Europe/Berlin"


def test_an_alarm_is_seen_to_after_a_while(tmp_path: Path, clock: Clock) -> None:
    """An alarm stops delivery at once, and is cleared and resumed later."""
    wearer = life(tmp_path, clock)
    wearer.pump.resume()
    before = len(wearer.pump.events)
    wearer.ask("alarm", "occlusion")
    raised = wearer.pump.events[before]
    assert (raised["eventCode"], raised["eventProperties"]["alarmId"]) == (5, 2)
    assert wearer.pump.basal.suspended
    clock.now += timedelta(minutes=16)
    wearer.live()
    codes = [event["eventCode"] for event in wearer.pump.events[before:]]
    assert codes.index(28) < codes.index(12)
    assert not wearer.pump.basal.suspended


@pytest.mark.parametrize(
    ("command", "argument", "code"),
    [("alert", "insulin-low", 4), ("suspend", "", 11), ("bolus", "2", 64)],
)
def test_the_pump_logs_what_it_is_asked_to_do(
    tmp_path: Path, clock: Clock, command: str, argument: str, code: int
) -> None:
    """Every command causes its event."""
    wearer = life(tmp_path, clock)
    wearer.pump.resume()
    before = len(wearer.pump.events)
    wearer.ask(command, argument)
    assert code in [event["eventCode"] for event in wearer.pump.events[before:]]


@pytest.mark.parametrize(
    ("command", "argument"),
    [("alarm", "boredom"), ("bolus", "much"), ("dance", "")],
)
def test_what_cannot_be_asked_is_not_kept(
    tmp_path: Path, clock: Clock, command: str, argument: str
) -> None:
    """A mistyped command is refused and not repeated after a restart."""
    wearer = life(tmp_path, clock)
    with pytest.raises(UnknownCommandError):
        wearer.ask(command, argument)
    assert life(tmp_path, clock).pump.events == wearer.pump.events
