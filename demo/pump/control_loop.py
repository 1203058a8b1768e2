"""Move glucose along, measure it and decide on insulin, every five minutes."""

from functools import partial

from .actions import Pump
from .body import Glucose, dawn
from .control_iq import Mode, Outlook, automatic_correction, basal_rate
from .modes import Control
from .sensor import EVERY

FRESH = 1200
HOUR = 3600
FIXED_LOW = 55


class ControlLoop:
    """Ties the body to the sensor, and the sensor to basal rate and automatic corrections."""

    def __init__(self, pump: Pump) -> None:
        """Begin to measure and to decide."""
        self._pump = pump
        self._random = pump.chance("loop")
        segment = pump.setup.active.segment(0)
        basal = pump.basal.profile_rate / 1000
        self.glucose = Glucose(
            pump.chance("glucose"), basal, segment.correction_factor, segment.carb_ratio
        )
        self.eaten = 0.0
        """Grams eaten since glucose was last moved along."""
        self.effort = 0.0
        self.artefact = 0.0
        """What the sensor reads too much, in mg/dL."""
        self.sensitivity = 1.0
        self._moved = pump.timeline.now
        self._delivered = pump.delivered()
        self._corrected = 0
        self._stopped_for_low = False
        pump.sensor.session.join()
        pump.timeline.after(self._random.randrange(20, EVERY), self._measure)

    def _measure(self) -> None:
        """Move glucose along, read it, and decide some seconds later."""
        pump, now = self._pump, self._pump.timeline.now
        pump.timeline.after(EVERY, self._measure)
        pump.boluses.count()
        delivered = pump.delivered()
        need = (
            pump.basal.profile_rate
            / 1000
            * dawn(pump.clock.minute_of_day())
            * self.sensitivity
        )
        glucose = self.glucose.advance(
            (now - self._moved) / 60,
            insulin=delivered - self._delivered,
            carbs=self.eaten,
            need=need,
            effort=self.effort + (0.6 if pump.modes.mode == Mode.EXERCISE else 0.0),
        )
        self._moved, self._delivered, self.eaten = now, delivered, 0.0
        pump.sensor.measure(
            max(20.0, glucose + self.artefact + self._random.gauss(0, 2.2))
        )
        self._judge_alerts()
        pump.timeline.after(2 + self._random.randrange(18), self._decide)

    @property
    def fresh(self) -> bool:
        """Whether the newest reading is young enough to act on."""
        reading = self._pump.sensor.last
        return reading is not None and self._pump.timeline.now - reading.second < FRESH

    def _decide(self) -> None:
        """Choose the rate, give an automatic correction where one is due, and log the rate."""
        pump, reading = self._pump, self._pump.sensor.last
        pump.settle_control()
        outlook = None
        if reading is not None and self.fresh:
            outlook = Outlook(
                glucose=reading.value,
                trend=reading.rate / 10 if abs(reading.rate) <= 100 else 0.0,
                on_board=pump.boluses.bolus_on_board(),
                correction_factor=pump.setup.active.segment(
                    pump.clock.minute_of_day()
                ).correction_factor,
                profile_rate=pump.basal.profile_rate,
                mode=pump.modes.mode,
            )
        if outlook is not None:
            self._predict(outlook)
        pump.basal.algorithm_rate = None
        if outlook is not None and pump.control.state == Control.CLOSED_LOOP:
            rate = basal_rate(outlook, pump.setup.basal_limit)
            pump.basal.algorithm_rate = rate * (pump.basal.temp_percent or 100) // 100
            self._correct(outlook)
        elif outlook is not None and pump.algorithm == "Basal-IQ":
            self._suspend_for_low(outlook)
        pump.basal.command()

    def _correct(self, outlook: Outlook) -> None:
        """Ask for an automatic correction, at most one within an hour of any bolus."""
        pump, now = self._pump, self._pump.timeline.now
        if now - max(self._corrected, pump.boluses.newest) < HOUR or pump.boluses.busy:
            return
        if size := automatic_correction(outlook):
            self._corrected = now
            units = size / 1000
            pump.give_bolus(
                units, correction=units, glucose=round(outlook.glucose), by="algorithm"
            )

    def _suspend_for_low(self, outlook: Outlook) -> None:
        """Suspend when low glucose is ahead and resume when it rises, as Basal-IQ does."""
        pump = self._pump
        rising = outlook.trend > 0 or outlook.in_half_an_hour > 100
        if not pump.basal.suspended and outlook.in_half_an_hour < 80:
            pump.suspend(6)
            self._stopped_for_low = True
        elif self._stopped_for_low and rising:
            self._stopped_for_low = False
            pump.resume()

    def _predict(self, outlook: Outlook) -> None:
        """Log the glucose that the pump reads and predicts (140)."""
        pump = self._pump
        predicted = min(400, max(40, round(outlook.in_half_an_hour)))
        pump.log.write(
            140,
            timestamp=pump.clock.pump_seconds(),
            fmr=round(outlook.glucose),
            pgv=predicted,
            fmrStatus=1,
            pgvValid=1,
            ruleState=[0] if predicted < 80 else [],
            hoMinState=0 if pump.algorithm == "Basal-IQ" else 2,
            status=[0] if predicted < 80 else [],
        )

    def _judge_alerts(self) -> None:
        """Raise and clear the CGM alerts that depend on readings."""
        pump, alerts, reading = (
            self._pump,
            self._pump.cgm_alerts,
            self._pump.sensor.last,
        )
        if reading is None or pump.sensor.session.warming_up:
            return
        silent = pump.timeline.now - reading.second
        if silent > FRESH:
            alerts.raise_alert(14, param1=silent // 60)
            return
        alerts.clear(14)
        value, low, high = reading.value, pump.setup.low_alert, pump.setup.high_alert
        fall = -reading.rate / 10 if abs(reading.rate) <= 100 else 0.0
        for alert, on, off, limit in (
            (1, value < FIXED_LOW, value > FIXED_LOW + 10, FIXED_LOW),
            (3, value < low, value > low + 10, low),
            (2, value > high, value < high - 10, high),
            (7, fall >= 3, fall < 2, 3),
        ):
            if on and alert not in alerts.raised:
                alerts.raise_alert(alert, param1=value, param2=limit)
                pump.timeline.after(
                    self._random.randrange(60, 900),
                    partial(alerts.acknowledge, alert),
                )
            elif off:
                alerts.clear(alert)
