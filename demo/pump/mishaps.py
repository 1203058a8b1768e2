"""Make things go wrong with the simulated pump: alarms, alerts, lost sensors, odd entries."""

from collections.abc import Callable
from random import Random

from .actions import Pump
from .control_loop import ControlLoop

HOUR = 3600
DAY = 24 * HOUR


class Mishaps:
    """What happens by chance to a pump in use day and night."""

    def __init__(self, pump: Pump, loop: ControlLoop, chance: Random) -> None:
        """Draw when everything will first happen."""
        self._pump = pump
        self._loop = loop
        self._random = chance
        self._now_and_then(11 * HOUR, self._lose_sensor)
        self._now_and_then(9 * DAY, self._occlude)
        self._now_and_then(40 * DAY, self._reset)
        self._now_and_then(75 * DAY, self._malfunction)
        self._now_and_then(4 * DAY, self._lie_on_sensor)
        self._now_and_then(6 * DAY, self._alert)
        self._now_and_then(
            7 * HOUR,
            lambda: pump.log.write(8, alarmId=18, detail=None, samples=[12, 7, 0]),
        )
        self._now_and_then(
            15 * HOUR, lambda: pump.log.write(27, alertId=0, rawValue="0x1F", note="")
        )

    def _now_and_then(self, mean: float, happen: Callable[[], object]) -> None:
        """Cause random events, on average some seconds apart."""

        def again() -> None:
            happen()
            self._pump.timeline.after(self._random.expovariate(1 / mean) + 60, again)

        self._pump.timeline.after(self._random.expovariate(1 / mean) + 60, again)

    def _lose_sensor(self) -> None:
        """Move out of the sensor's range; most of the missed readings are back-filled on return."""
        sensor, chance = self._pump.sensor, self._random
        sensor.heard = False

        def back() -> None:
            sensor.heard = True
            if chance.random() < 0.2:
                sensor.forget_missed()

        self._pump.timeline.after(chance.randrange(600, 6000), back)

    def _lie_on_sensor(self) -> None:
        """Sleep on the sensor, which then reads far too low, or let it read far too high."""
        loop = self._loop
        loop.artefact = self._random.choice((-75.0, -90.0, 300.0))

        def right_itself() -> None:
            loop.artefact = 0.0

        self._pump.timeline.after(self._random.randrange(900, 2700), right_itself)

    def _occlude(self) -> None:
        """Raise an occlusion; some time later the person sees to it, not always clearing it in words."""
        pump, chance = self._pump, self._random
        if pump.basal.suspended:
            return
        alarm = chance.choice((2, 2, 2, 26))
        pump.provoke_alarm(alarm)
        wait = chance.randrange(120, 2400)
        if chance.random() < 0.7:
            pump.timeline.after(wait, lambda: pump.clear_alarm(alarm))
        pump.timeline.after(wait + 30, pump.resume)

    def _reset(self) -> None:
        """Restart the pump: an alarm that is never cleared in words."""
        self._pump.log.write(
            99, version=7080000, configABits=0, configBBits=0, numLogEntries=412_000
        )
        self._pump.provoke_alarm(3)
        self._pump.timeline.after(self._random.randrange(300, 1500), self._pump.resume)

    def _malfunction(self) -> None:
        """Fail for good, or until support has talked the person through it."""
        self._pump.provoke_malfunction(self._random.choice((3, 9, 12, 24)))
        self._pump.timeline.after(
            self._random.randrange(HOUR, 4 * HOUR), self._pump.resume
        )

    def _alert(self) -> None:
        """Raise some other alert for a while."""
        alert = self._random.choice((26, 39, 44, 50, 52, 54))
        self._pump.provoke_alert(alert)
        self._pump.timeline.after(
            self._random.randrange(300, 7200), lambda: self._pump.clear_alert(alert)
        )
