"""Fill cartridge, tubing and cannula of the simulated pump, and count the insulin left."""

from collections.abc import Callable

from .event_log import EventLog
from .wire import float32

CANNULA = 0.3


class Reservoir:
    """Units left in the cartridge: the filled amount less the delivered and primed ones."""

    def __init__(
        self,
        log: EventLog,
        delivered: Callable[[], float],
        *,
        counts_in_units: bool,
        left: float,
    ) -> None:
        """Start with a cartridge of some units; `delivered` is the pump's total so far."""
        self._log = log
        self._delivered = delivered
        self._counts_in_units = counts_in_units
        self._full = left + delivered()

    @property
    def left(self) -> float:
        """Units left."""
        return max(0.0, self._full - self._delivered())

    @property
    def shown(self) -> int:
        """Units left as codes 11 and 12 carry them."""
        return int(self.left)

    def fill_cartridge(self, units: float) -> None:
        """Insert a new cartridge: t:slim counts full units, Mobi logs its volume as a float."""
        self._full = units + self._delivered()
        if self._counts_in_units:
            self._log.write(33, insulinVolume=round(units), v2Volume=0)
        else:
            self._log.write(33, insulinVolume=0, v2Volume=float32(units))

    def fill_tubing(self, units: float, *, recorded: bool = True) -> None:
        """Prime the tubing; an amount that is not recorded reads -1."""
        self._full -= units
        self._log.write(
            63,
            primeSize=float32(units) if recorded else -1,
            completionStatus=3,
            position=24110,
        )

    def fill_cannula(self) -> None:
        """Prime the cannula."""
        self._full -= CANNULA
        self._log.write(
            61, primeSize=float32(CANNULA), completionStatus=3, infusionSetType=0
        )
