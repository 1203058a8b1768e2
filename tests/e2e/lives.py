"""Lives of people with a pump before a test looks at them."""

from datetime import datetime, timedelta
from typing import Any

from demo.pump import SimulatedPump
from demo.pump.control_iq import Mode


def live_a_full_day(pump: SimulatedPump, now: datetime) -> None:
    """Let the last day have a bit of everything, with a meal an hour and 40 minutes before its end."""

    def live(**ago: float) -> None:
        pump.run_until(now - timedelta(**ago))

    def bolus(units: float, carbs: int, **details: Any) -> None:
        while pump.give_bolus(units, carbs, **details) is None:
            pump.run_until(pump.now + timedelta(minutes=5))
        pump.eat(carbs)

    live(hours=40)
    pump.sensor.session.end()
    live(hours=39.5)
    pump.sensor.session.begin()
    live(hours=22)
    pump.change_site(180.0)
    live(hours=21)
    bolus(6.5, 58, extended_minutes=120, now_percent=60, glucose=141)
    live(hours=15)
    pump.provoke_alert(0)
    live(hours=14.5)
    pump.clear_alert(0)
    pump.start_mode(Mode.EXERCISE, 45)
    live(hours=11)
    pump.provoke_alarm(2)
    live(hours=10.75)
    pump.clear_alarm(2)
    pump.resume()
    live(hours=4)
    pump.battery.charge = 83.0
    live(minutes=100)
    bolus(4.35, 47, correction=0.6, glucose=168)
