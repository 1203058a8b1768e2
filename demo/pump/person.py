"""Plan the days of the person who uses the simulated pump: meals, sleep, exercise, new sites."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from .actions import Pump
from .control_iq import Mode
from .control_loop import ControlLoop
from .meals import MEALS, Meals

SITE_DAYS = 3


class Person:
    """Plans each day at midnight, in the time zone of the person."""

    def __init__(self, pump: Pump, loop: ControlLoop, *, careful: bool = False) -> None:
        """Start with the rest of the first day."""
        self._pump = pump
        self._loop = loop
        self._careful = careful
        self._random = pump.chance("person")
        self._meals = Meals(pump, loop, self._random, careful=careful)
        self._site_age = self._random.randrange(SITE_DAYS)
        pump.clock.daily(
            pump.setup.sleep_start,
            lambda: pump.modes.start(Mode.SLEEP, by_schedule=True),
        )
        pump.clock.daily(pump.setup.sleep_end, pump.modes.stop_schedule)
        minute = pump.clock.minute_of_day()
        if minute >= pump.setup.sleep_start or minute < pump.setup.sleep_end:
            pump.modes.start(Mode.SLEEP, by_schedule=True)
        today = pump.now.astimezone(pump.clock.zone).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        self._plan_day(today)
        pump.timeline.after(
            self._random.randrange(300, 900), self._meals.look_after_lows
        )

    def _plan_day(self, midnight: datetime) -> None:
        """Plan the day that starts at a local midnight, and the planning of the next day."""
        pump, chance = self._pump, self._random

        def at(hour: float, action: Callable[[], object]) -> None:
            local = midnight + timedelta(minutes=hour * 60)
            second = int(local.astimezone(UTC).timestamp())
            if second > pump.timeline.now:
                pump.timeline.at(second, action)

        self._loop.sensitivity = chance.uniform(0.92, 1.08)
        for hour, grams, spread, often in MEALS:
            if chance.random() < often:
                size = max(8, round(chance.gauss(grams, spread)))
                at(hour + chance.uniform(-0.6, 0.6), partial(self._meals.eat, size))
        for _ in range(3):
            at(chance.uniform(8, 23), self._meals.check)
        if chance.random() < 0.4:
            minutes = chance.choice((30, 45, 60)) if chance.random() < 0.6 else None
            at(chance.uniform(16.3, 18), lambda: self._exercise(minutes))
        if chance.random() < 0.15:
            at(17.9, lambda: pump.start_mode(Mode.EATING_SOON, 60))
        if chance.random() < 0.1:
            at(chance.uniform(13.5, 14.5), self._nap)
        if chance.random() < 0.35:
            at(chance.uniform(6.6, 7.1), lambda: self._pause(chance.randrange(8, 40)))
        if chance.random() < 0.2:
            temp = chance.choice(((50, 60), (70, 120), (80, 90), (120, 60), (130, 90)))
            at(chance.uniform(9, 20), lambda: pump.set_temp_rate(*temp))
        if chance.random() < 0.25:
            units = chance.choice((0.5, 1.0, 1.5))
            at(chance.uniform(9, 22), lambda: self._meals.snack(units))
        if midnight.day % 2:
            at(21.2, pump.battery.plug_in)
            at(22.1, pump.battery.unplug)
        self._site_age += 1
        if self._site_age >= SITE_DAYS:
            at(chance.uniform(18, 20), self._change_site)
        profile = pump.setup.profiles[-1 if midnight.weekday() >= 5 else 0]
        at(8.0, lambda: pump.activate_profile(profile.idp))
        tomorrow = (midnight + timedelta(days=1, hours=3)).replace(hour=0)
        pump.timeline.at(int(tomorrow.timestamp()), lambda: self._plan_day(tomorrow))

    def _exercise(self, minutes: int | None) -> None:
        """Exercise, for a time set on the pump or until stopped."""
        pump = self._pump
        pump.start_mode(Mode.EXERCISE, minutes)
        if minutes is None:
            pump.timeline.after(
                self._random.randrange(2400, 5400), self._stop(Mode.EXERCISE)
            )

    def _nap(self) -> None:
        """Sleep in the afternoon, with sleep started by hand."""
        self._pump.start_mode(Mode.SLEEP)
        self._pump.timeline.after(
            self._random.randrange(2400, 6000), self._stop(Mode.SLEEP)
        )

    def _stop(self, mode: Mode) -> Callable[[], None]:
        def stop() -> None:
            if self._pump.modes.mode == mode:
                self._pump.stop_mode()

        return stop

    def _pause(self, minutes: int) -> None:
        """Suspend for a shower; the pump reminds of it after a quarter of an hour."""
        pump = self._pump
        pump.suspend()

        def remind() -> None:
            if pump.basal.suspended:
                pump.alarms.raise_alarm(18)

        if minutes > 15:
            pump.timeline.after(900, remind)
        pump.timeline.after(minutes * 60, pump.resume)

    def _change_site(self) -> None:
        """Put in a new cartridge, tubing and cannula."""
        chance = self._random
        self._site_age = 0
        units = 240.0 if self._careful else float(chance.choice((160, 180, 200, 220)))
        self._pump.change_site(
            units,
            tubing=round(chance.uniform(11, 18), 2),
            recorded=chance.random() > 0.1,
        )
        for alert in list(self._pump.alarms.alerts):
            if alert in (0, 17):
                self._pump.clear_alert(alert)
