"""Eat, and bolus for it: well counted, late, forgotten, changed, cut short."""

from random import Random

from .actions import Pump
from .bolus_messages import Asker
from .control_loop import ControlLoop

MEALS = (
    (7.4, 45, 12, 0.95),
    (12.6, 60, 18, 0.97),
    (15.8, 22, 8, 0.45),
    (18.9, 70, 22, 0.98),
    (21.6, 18, 6, 0.3),
)
"""Hour of day, grams, their spread, how often."""


class Meals:
    """Eating and bolusing by the numbers that the pump shows."""

    def __init__(
        self, pump: Pump, loop: ControlLoop, chance: Random, *, careful: bool
    ) -> None:
        """Begin without having eaten; who is careful forgets no bolus and cuts none short."""
        self._pump = pump
        self._loop = loop
        self._random = chance
        self._careful = careful
        self._treated = 0

    @property
    def _reading(self) -> int:
        """The glucose that the person reads on the pump, 0 if it shows none."""
        reading = self._pump.sensor.last
        if reading is None or not self._loop.fresh:
            return 0
        return reading.value if 40 <= reading.value <= 400 else 0

    @property
    def _lacking(self) -> float:
        """Units that would bring the glucose read to the target, less those on board."""
        pump = self._pump
        segment = pump.setup.active.segment(pump.clock.minute_of_day())
        above = (self._reading - segment.target) / segment.correction_factor
        return above - pump.boluses.bolus_on_board()

    def eat(self, grams: int) -> None:
        """Eat, with a bolus before, late or forgotten, and carbs counted more or less well."""
        pump, chance = self._pump, self._random
        eaten = grams * min(1.5, max(0.6, chance.gauss(1.0, 0.15)))

        def swallow() -> None:
            self._loop.eaten += eaten

        memory = 1.0 if self._careful else chance.random()
        if memory < 0.05:
            swallow()
        elif memory < 0.15:
            swallow()
            late = chance.randrange(900, 2700)
            pump.timeline.after(late, lambda: self._bolus_for(grams))
        else:
            self._bolus_for(grams)
            pump.timeline.after(chance.randrange(120, 1200), swallow)

    def _bolus_for(self, grams: int) -> None:
        """Enter carbs and usually take the bolus that the calculator proposes."""
        pump, chance = self._pump, self._random
        glucose = self._reading if chance.random() < 0.85 else 0
        segment = pump.setup.active.segment(pump.clock.minute_of_day())
        food = grams / segment.carb_ratio
        correction = self._correction(food) if glucose else 0.0
        declined = correction > 0.2 and chance.random() < 0.1
        if declined:
            correction = 0.0
        total = food + correction
        override = chance.random() < 0.08
        if override:
            total *= chance.choice((0.8, 0.9, 1.15))
        kind = chance.random()
        extended = 0 if kind > 0.11 else chance.choice((60, 90, 120, 180))
        if glucose:
            pump.enter_glucose(glucose, by_hand=False)
        given = pump.give_bolus(
            max(0.05, round(total, 2)),
            grams,
            correction=round(correction, 2),
            glucose=glucose,
            extended_minutes=extended,
            now_percent=0 if kind < 0.02 else chance.choice((40, 50, 60, 70)),
            by=self._where(),
            override=override,
            declined_correction=declined,
            rejected=chance.random() < 0.008,
        )
        regret = 1.0 if self._careful else chance.random()
        if given is not None and regret < 0.03:
            pump.timeline.after(chance.randrange(18, 80), self._stop_bolus)
        elif given is not None and extended and regret < 0.18:
            pump.timeline.after(extended * 30, self._stop_bolus)

    def _correction(self, food: float) -> float:
        """Return the calculator's correction, negative below the target but never half the food."""
        pump = self._pump
        segment = pump.setup.active.segment(pump.clock.minute_of_day())
        if self._reading < segment.target:
            return max(self._lacking, -food / 2)
        return max(0.0, self._lacking)

    def _where(self) -> Asker:
        return "phone" if self._random.random() < 0.45 else "pump"

    def _stop_bolus(self) -> None:
        """Cut a bolus short; the pump nags about an incomplete one now and then."""
        pump = self._pump
        pump.stop_bolus()
        if self._random.random() < 0.3:
            pump.provoke_alert(11)
            pump.timeline.after(300, lambda: pump.clear_alert(11))

    def check(self) -> None:
        """Look at the pump, do a fingerstick at times, and correct high glucose."""
        pump, chance, glucose = self._pump, self._random, self._reading
        if chance.random() < 0.3 and glucose:
            pump.enter_glucose(max(40, round(glucose * chance.gauss(1, 0.06))))
        units = round(self._lacking, 2)
        if glucose > 200 and units > 0.4:
            pump.give_bolus(units, correction=units, glucose=glucose, by=self._where())

    def snack(self, units: float) -> None:
        """Give a quick bolus for a snack that is not counted."""
        if self._reading > 130 and self._pump.give_bolus(units, by="quick"):
            self._loop.eaten += units * 8

    def look_after_lows(self) -> None:
        """Eat some sugar when low, without telling the pump."""
        pump, now = self._pump, self._pump.timeline.now
        pump.timeline.after(600, self.look_after_lows)
        if not 0 < self._reading < 72 or now - self._treated < 1200:
            return
        if self._random.random() < 0.8:
            self._treated = now
            self._loop.eaten += self._random.choice((12, 15, 18))
