"""Run the demo's pump in sync with the clock, and repeat the same life after a restart."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from zoneinfo import ZoneInfo

from .commands import carry_out
from .pump import SimulatedPump

SEEDS = (18, 2)
"""Seeds of lives whose glucose stays below 340 mg/dL for weeks, one for each account."""
SNACK = "2.4"
SNACK_AGO = timedelta(minutes=25)
"""The bolus (U) given before a new life starts, so that some insulin is on board."""


class Life:
    """A pump with some history, whose start and later commands are stored in a file.

    The simulated pump lives the same life from the same beginning, so nothing else need be kept:
    it has lived on while the demo was not running.
    """

    def __init__(
        self,
        file: Path,
        *,
        history: timedelta,
        time_zone: str,
        seed: int = SEEDS[0],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Live until now; `history` and the pump's zone count for a new life only."""
        self._file = file
        self._now = now
        if file.exists():
            kept = json.loads(file.read_text())
        else:
            start = (now() - history).replace(microsecond=0)
            snack = ((now() - SNACK_AGO).isoformat(), "bolus", SNACK)
            kept = {
                "start": start.isoformat(),
                "time_zone": time_zone,
                "asked": [snack],
            }
        self.start = datetime.fromisoformat(kept["start"])
        self.time_zone: str = kept["time_zone"]
        self.pump = SimulatedPump(
            start=self.start,
            time_zone=ZoneInfo(self.time_zone),
            seed=seed,
            lucky=True,
        )
        self._asked: list[tuple[str, str, str]] = []
        for instant, command, argument in kept["asked"]:
            self.pump.run_until(datetime.fromisoformat(instant))
            self._carry_out(command, argument)
        self.live()
        self._keep()

    def live(self) -> None:
        """Live on until now."""
        self.pump.run_until(self._now())

    def ask(self, command: str, argument: str) -> str:
        """Run an action of the pump now, and again in every later life."""
        self.live()
        answer = self._carry_out(command, argument)
        self._keep()
        return answer

    def _carry_out(self, command: str, argument: str) -> str:
        answer = carry_out(self.pump, command, argument)
        self._asked.append((self.pump.now.isoformat(), command, argument))
        return answer

    def _keep(self) -> None:
        kept = {
            "start": self.start.isoformat(),
            "time_zone": self.time_zone,
            "asked": self._asked,
        }
        written = self._file.with_suffix(".new")
        written.write_text(json.dumps(kept))
        written.replace(self._file)
