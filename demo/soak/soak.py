"""Run a month with killings and faults, and once undisturbed; then compare both."""

from datetime import UTC, datetime
from pathlib import Path
from random import Random

from .chaos import disturb
from .mishaps import planned
from .month import Month
from .trio import Trio

MOST_FAILED = 2
"""After this many failed syncs in a row, no more mishaps happen until one sync succeeds."""


class Soak:
    """One month that is run twice."""

    def __init__(
        self,
        folder: Path,
        *,
        seed: int,
        days: float,
        syncs: int,
        first_port: int,
        version: str,
        everything: bool,
    ) -> None:
        """Prepare the month; the disturbed life has `syncs` syncs a day."""
        self._everything = everything
        self.days = days
        end = datetime.now(UTC).replace(microsecond=0)
        self.month = Month(seed=seed, end=end, days=days)
        about = {"seed": seed, "end": end.isoformat(), "days": days}
        self.disturbed = Trio(folder / "disturbed", first_port, about, version)
        self.undisturbed = Trio(
            folder / "undisturbed", first_port + 100, about, version
        )
        self._chance = Random(f"{seed}:soak")
        self._rounds = self.month.rounds(syncs)
        self.plan = planned(self._chance, sum(map(len, self._rounds)))
        self.first_days = min(30, max(1, int(days)))

    async def run(self) -> None:
        """Live through both, until everything rests."""
        last = len(self.month.uploads) - 1
        print(f"{len(self.month.pump.events)} events in {last + 1} uploads", flush=True)
        await self.disturbed.start(self.first_days, everything=self._everything)
        await self._live()
        self.disturbed.counts.uploads = last + 1
        print("Letting everything settle", flush=True)
        await self.disturbed.upload(last)
        await self.disturbed.settle()
        print("Living through the same undisturbed", flush=True)
        await self.undisturbed.start(self.first_days, last, everything=self._everything)
        await self.undisturbed.settle()

    async def _live(self) -> None:
        """Deliver day after day and sync, with all that goes wrong; each day ends with a sync that goes well."""
        trio, mishaps = self.disturbed, iter(self.plan)
        for day, numbers in enumerate(self._rounds, start=1):
            synced, failed = 0, 0
            for number in numbers:
                await trio.upload(number)
                well = await disturb(trio, self._chance, next(mishaps))
                failed = 0 if well else failed + 1
                if failed == MOST_FAILED or number == numbers[-1]:
                    await trio.recover()
                    well, failed = True, 0
                synced += well
            trio.counts.synced.append(synced)
            print(f"  day {day} of {len(self._rounds)}, {synced} syncs", flush=True)
