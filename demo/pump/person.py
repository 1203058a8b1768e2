"""The person who wears the simulated pump: meals, corrections, sleep, exercise, new sites."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from .bolus_messages import Asker
from .control_iq import Mode

if TYPE_CHECKING:
    from .simulated import SimulatedPump

MEALS = (
    (7.4, 45, 12, 0.95),
    (12.6, 60, 18, 0.97),
    (15.8, 22, 8, 0.45),
    (18.9, 70, 22, 0.98),
    (21.6, 18, 6, 0.3),
)
"""Hour of day, grams, their spread, how often."""
SITE_DAYS = 3


class Person:
    """Plans each day at its midnight, in the zone the person lives in."""

    def __init__(self, pump: SimulatedPump) -> None:
        """Begin with what is left of the first day."""
        self._pump = pump
        self._random = pump.chance("person")
        self._treated = 0
        self._site_age = self._random.randrange(SITE_DAYS)
        pump.clock.daily(
            pump.setup.sleep_start,
            lambda: pump.modes.start(Mode.SLEEP, by_schedule=True),
        )
        pump.clock.daily(pump.setup.sleep_end, pump.modes.stop_schedule)
        minute, start, end = (
            pump.clock.minute_of_day(),
            pump.setup.sleep_start,
            pump.setup.sleep_end,
        )
        if minute >= start or minute < end:
            pump.modes.start(Mode.SLEEP, by_schedule=True)
        today = pump.now.astimezone(pump.clock.zone).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        self._plan_day(today)
        pump.timeline.after(self._random.randrange(300, 900), self._look_after_lows)

    def _plan_day(self, midnight: datetime) -> None:
        """Plan the day that begins at a local midnight, and the planning of the next."""
        pump, chance = self._pump, self._random

        def at(hour: float, action: Callable[[], object]) -> None:
            local = midnight + timedelta(minutes=hour * 60)
            second = int(local.astimezone(UTC).timestamp())
            if second > pump.timeline.now:
                pump.timeline.at(second, action)

        pump.loop.sensitivity = chance.uniform(0.92, 1.08)
        for hour, grams, spread, often in MEALS:
            if chance.random() < often:
                size = max(8, round(chance.gauss(grams, spread)))
                at(hour + chance.uniform(-0.6, 0.6), partial(self._eat, size))
        for _ in range(3):
            at(chance.uniform(8, 23), self._check)
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
            percent, minutes_long = (
                chance.choice((50, 70, 80, 120, 130)),
                chance.choice((60, 90, 120)),
            )
            at(chance.uniform(9, 20), lambda: pump.set_temp_rate(percent, minutes_long))
        if chance.random() < 0.25:
            at(
                chance.uniform(9, 22),
                lambda: self._quick(chance.choice((0.5, 1.0, 1.5))),
            )
        if midnight.day % 2:
            at(21.2, pump.battery.plug_in)
            at(22.1, pump.battery.unplug)
        self._site_age += 1
        if self._site_age >= SITE_DAYS:
            at(chance.uniform(18, 20), self._change_site)
        at(8.0, lambda: pump.activate_profile(2 if midnight.weekday() >= 5 else 0))
        tomorrow = (midnight + timedelta(days=1, hours=3)).replace(hour=0)
        pump.timeline.at(int(tomorrow.timestamp()), lambda: self._plan_day(tomorrow))

    def _reading(self) -> int:
        """Return the glucose the person reads off the pump, 0 when there is none."""
        reading = self._pump.sensor.last
        return (
            reading.value
            if reading is not None
            and self._pump.loop.fresh
            and 40 <= reading.value <= 400
            else 0
        )

    def _eat(self, grams: int) -> None:
        """Eat, with a bolus before, late or forgotten, and carbs counted more or less well."""
        pump, chance = self._pump, self._random
        eaten = grams * min(1.5, max(0.6, chance.gauss(1.0, 0.15)))

        def swallow() -> None:
            pump.loop.eaten += eaten

        memory = chance.random()
        if memory < 0.05:
            swallow()
        elif memory < 0.15:
            swallow()
            pump.timeline.after(
                chance.randrange(900, 2700), lambda: self._meal_bolus(grams)
            )
        else:
            self._meal_bolus(grams)
            pump.timeline.after(chance.randrange(120, 1200), swallow)

    def _meal_bolus(self, grams: int) -> None:
        """Enter carbs and take what the calculator proposes, mostly."""
        pump, chance = self._pump, self._random
        segment = pump.setup.active.segment(pump.clock.minute_of_day())
        glucose = self._reading() if chance.random() < 0.85 else 0
        food = grams / segment.carb_ratio
        correction = 0.0
        if glucose:
            correction = (
                glucose - segment.target
            ) / segment.correction_factor - pump.boluses.on_board()
            correction = (
                max(correction, -food * 0.5)
                if glucose < segment.target
                else max(0.0, correction)
            )
        declined = correction > 0.2 and chance.random() < 0.1
        if declined:
            correction = 0.0
        total = food + correction
        override = chance.random() < 0.08
        if override:
            total *= chance.choice((0.8, 0.9, 1.15))
        by: Asker = "phone" if chance.random() < 0.45 else "pump"
        kind = chance.random()
        extended = 0 if kind > 0.11 else chance.choice((60, 90, 120, 180))
        if glucose:
            pump.enter_glucose(glucose, by_hand=False)
        pump.give_bolus(
            max(0.05, round(total, 2)),
            grams,
            correction=round(correction, 2),
            glucose=glucose,
            extended_minutes=extended,
            now_percent=0 if kind < 0.02 else chance.choice((40, 50, 60, 70)),
            by=by,
            override=override,
            declined_correction=declined,
            rejected=chance.random() < 0.008,
        )
        if chance.random() < 0.03:
            pump.timeline.after(chance.randrange(18, 80), self._stop_bolus)
        elif extended and chance.random() < 0.15:
            pump.timeline.after(extended * 30, self._stop_bolus)

    def _stop_bolus(self) -> None:
        """Cut a bolus short; a pump nags about an incomplete one now and then."""
        self._pump.stop_bolus()
        if self._random.random() < 0.3:
            self._pump.provoke_alert(11)
            self._pump.timeline.after(300, lambda: self._pump.clear_alert(11))

    def _check(self) -> None:
        """Look at the pump, and correct what is high."""
        pump, chance, glucose = self._pump, self._random, self._reading()
        if chance.random() < 0.3 and glucose:
            pump.enter_glucose(max(40, round(glucose * chance.gauss(1, 0.06))))
        segment = pump.setup.active.segment(pump.clock.minute_of_day())
        lacking = (
            glucose - segment.target
        ) / segment.correction_factor - pump.boluses.on_board()
        if glucose > 200 and lacking > 0.4:
            by: Asker = "phone" if chance.random() < 0.4 else "pump"
            pump.give_bolus(
                round(lacking, 2), correction=round(lacking, 2), glucose=glucose, by=by
            )

    def _quick(self, units: float) -> None:
        """Give a quick bolus for a snack that is not counted."""
        if self._reading() > 130 and self._pump.give_bolus(units, by="quick"):
            self._pump.loop.eaten += units * 8

    def _exercise(self, minutes: int | None) -> None:
        """Exercise, for a time set on the pump or until stopped."""
        pump = self._pump
        pump.start_mode(Mode.EXERCISE, minutes)
        if minutes is None:
            pump.timeline.after(
                self._random.randrange(2400, 5400), self._stop(Mode.EXERCISE)
            )

    def _nap(self) -> None:
        """Sleep in the afternoon, started by hand."""
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
        units = float(chance.choice((160, 180, 200, 220)))
        self._pump.change_site(
            units,
            tubing=round(chance.uniform(11, 18), 2),
            recorded=chance.random() > 0.1,
        )
        for alert in list(self._pump.alarms.alerts):
            if alert in (0, 17):
                self._pump.clear_alert(alert)

    def _look_after_lows(self) -> None:
        """Eat some sugar when low, without telling the pump."""
        pump = self._pump
        pump.timeline.after(600, self._look_after_lows)
        if (
            0 < self._reading() < 72
            and pump.timeline.now - self._treated > 1200
            and self._random.random() < 0.8
        ):
            self._treated = pump.timeline.now
            pump.loop.eaten += self._random.choice((12, 15, 18))
