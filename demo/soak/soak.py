"""Run a month with killings and faults, and once undisturbed; then compare both."""

from datetime import UTC, datetime
from pathlib import Path
from random import Random
import time

from .chaos import disturb
from .month import Month
from .trio import Trio

FIRST_PORT = 20100


class Soak:
    """One month, lived through twice."""

    def __init__(
        self,
        folder: Path,
        *,
        seed: int,
        days: float,
        minutes: float,
        version: str,
        everything: bool,
    ) -> None:
        """Prepare; the disturbed life takes about so many minutes."""
        self._seconds = minutes * 60
        self._everything = everything
        self.days = days
        end = datetime.now(UTC).replace(microsecond=0)
        self.month = Month(seed=seed, end=end, days=days)
        about = {"seed": seed, "end": end.isoformat(), "days": days}
        self.disturbed = Trio(folder / "disturbed", FIRST_PORT, about, version)
        self.undisturbed = Trio(
            folder / "undisturbed", FIRST_PORT + 100, about, version
        )
        self._chance = Random(f"{seed}:soak")
        self.first_days = min(30, max(1, int(days)))

    async def run(self) -> None:
        """Live through both, until everything rests."""
        last = len(self.month.uploads) - 1
        print(f"{len(self.month.pump.events)} events in {last + 1} uploads", flush=True)
        await self.disturbed.start(self.first_days, everything=self._everything)
        await self._live(last)
        print("Letting everything settle", flush=True)
        await self.disturbed.upload(last)
        await self.disturbed.settle()
        print("Living through the same undisturbed", flush=True)
        await self.undisturbed.start(self.first_days, last, everything=self._everything)
        await self.undisturbed.settle()

    async def _live(self, last: int) -> None:
        """Deliver upload after upload, as many at once as the time asks for."""
        trio, number = self.disturbed, 0
        begun = time.monotonic()
        rounds = 0
        while number < last - 1:
            spent = time.monotonic() - begun
            left = max(1.0, self._seconds - spent)
            each = spent / rounds if rounds else 3.0
            number = min(
                last - 1, number + max(1, round((last - number) * each / left))
            )
            await trio.upload(number)
            await disturb(trio, self._chance)
            rounds += 1
            if rounds % 20 == 0:
                print(f"  {number}/{last} uploads, {spent / 60:.1f} min", flush=True)
        trio.counts.uploads = last + 1
