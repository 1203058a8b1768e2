"""Pumps on the day on which their person moves from tconnectsync to this integration."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from demo.pump import Mode, SimulatedPump

from .lives import BERLIN, Life


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A pump up to the move, and its life after it."""

    life: Life
    go_on: Callable[[], None]


def move_in_the_afternoon() -> Move:
    """Move while an extended bolus and exercise go on, the day after a bolus over midnight."""
    pump = _before()
    pump.run_for(hours=5)
    pump.start_mode(Mode.EXERCISE)
    pump.give_bolus(5.0, 42, extended_minutes=90, now_percent=60)
    pump.run_for(minutes=21)
    return Move(
        life=Life(name="a move in the afternoon", region="eu", zone=BERLIN, pump=pump),
        go_on=lambda: _after(pump),
    )


def move_while_suspended() -> Move:
    """Move while delivery is off and the person sleeps."""
    pump = _before()
    pump.start_mode(Mode.SLEEP)
    pump.suspend()
    pump.run_for(minutes=16)
    return Move(
        life=Life(name="a move while suspended", region="us", zone=BERLIN, pump=pump),
        go_on=lambda: _after(pump),
    )


def move_after_summer_time() -> Move:
    """Move on the day on which the person set the clock back, nine hours late."""
    pump = SimulatedPump(
        start=datetime(2025, 10, 25, 6, 10, tzinfo=BERLIN),
        time_zone=BERLIN,
        sensor="libre2",
        seed=7,
    )
    pump.follow_daylight_saving(timedelta(hours=9))
    pump.run_for(days=1, hours=14)
    return Move(
        life=Life(name="a move after summer time", region="eu", zone=BERLIN, pump=pump),
        go_on=lambda: pump.run_for(days=1),
    )


def _before() -> SimulatedPump:
    """Live through a day and a morning."""
    pump = SimulatedPump(
        start=datetime(2026, 3, 10, 13, 2, tzinfo=BERLIN),
        time_zone=BERLIN,
        seed=6,
        quiet=True,
    )
    pump.sensor.session.join()
    _some_hours(pump)
    minutes_left = 1440 - pump.clock.minute_of_day()
    pump.run_for(minutes=minutes_left - 1)
    pump.give_bolus(4.4, 44)
    pump.run_for(minutes=20)
    _some_hours(pump)
    return pump


def _after(pump: SimulatedPump) -> None:
    """Live on until the next evening."""
    pump.run_for(hours=3)
    pump.stop_mode()
    pump.resume()
    _some_hours(pump)
    pump.run_for(hours=9)
    _some_hours(pump)


def _some_hours(pump: SimulatedPump) -> None:
    for units, carbs in ((3.2, 30), (0.7, 0)):
        pump.give_bolus(units, carbs)
        pump.run_for(minutes=25)
        pump.read_glucose(130 + carbs)
    pump.provoke_alert(26)
    pump.run_for(minutes=5)
    pump.clear_alert(26)
    pump.provoke_cgm_alert(2)
    pump.run_for(minutes=5)
    pump.clear_cgm_alert(2)
    pump.provoke_alarm(2)
    pump.run_for(minutes=7)
    pump.resume()
    pump.change_site(200.0)
    pump.run_for(minutes=30)
    pump.set_temp_rate(60, 30)
    pump.start_mode(Mode.EXERCISE, 30)
    pump.run_for(minutes=50)
    pump.give_bolus(4.0, 36, extended_minutes=30, now_percent=50)
    pump.run_for(minutes=45)


QUICK = (move_in_the_afternoon, move_while_suspended)
ALL = (*QUICK, move_after_summer_time)
