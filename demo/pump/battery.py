"""Discharge and charge the simulated pump's battery, and log the codes that carry its charge."""

from collections.abc import Callable
from random import Random

from .event_log import EventLog
from .timeline import Timeline
from .wire import float32

EMPTIES_PER_HOUR = 0.9
FILLS_PER_HOUR = 38.0
CAPACITY = 236


class Battery:
    """Charge in percent."""

    def __init__(
        self,
        timeline: Timeline,
        log: EventLog,
        random: Random,
        on_board: Callable[[], float],
    ) -> None:
        """Begin well charged."""
        self._timeline = timeline
        self._log = log
        self._on_board = on_board
        self.charge = random.uniform(60, 95)
        self.charging = False
        self._since = timeline.now

    def settle(self) -> int:
        """Update the charge to now and return it in full percent."""
        hours = (self._timeline.now - self._since) / 3600
        self._since = self._timeline.now
        self.charge += hours * (FILLS_PER_HOUR if self.charging else -EMPTIES_PER_HOUR)
        self.charge = min(100.0, max(1.0, self.charge))
        return round(self.charge)

    def report(self, code: int = 9) -> None:
        """Log the charge, by code 9 in full or by 34 and 35 in short."""
        charge = self.settle()
        if code != 9:
            self._log.write(code, abc=charge)
            return
        minutes = round(min(5.0, self._on_board()) * 60)
        self._log.write(
            9,
            abc=charge,
            ibc=min(100, charge + 2),
            remainingChargeCapacity=CAPACITY * charge // 100,
            fullChargeCapacity=CAPACITY,
            iobHours=minutes // 60,
            iobMinutes=minutes % 60,
        )

    def plug_in(self) -> None:
        """Begin to charge."""
        self.settle()
        self.charging = True
        self._log.write(36, negotiatedCurrent=float32(487.5))

    def unplug(self) -> None:
        """End charging."""
        self.settle()
        self.charging = False
        self._log.write(37, negotiatedCurrent=0)
