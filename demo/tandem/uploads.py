"""Upload as phones do: about once an hour, sometimes not for hours."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from demo.pump import SimulatedPump

from .account import ListedPump


def upload_instants(
    start: datetime, end: datetime, *, seed: int = 0, stalls: float = 0.02
) -> Iterator[datetime]:
    """Return the instants of uploads 60 to 80 minutes apart, now and then after hours without one."""
    chance = Random(f"{seed}:uploads")
    instant = start
    while True:
        minutes = chance.uniform(60, 80)
        if chance.random() < stalls:
            minutes += chance.uniform(120, 480)
        instant += timedelta(seconds=round(minutes * 60))
        if instant > end:
            return
        yield instant


def live_through_uploads(
    pump: SimulatedPump,
    listed: ListedPump,
    end: datetime,
    *,
    seed: int = 0,
    stalls: float = 0.02,
) -> None:
    """Run a pump up to an instant, with uploads of its phone on the way at their true times."""
    for instant in upload_instants(pump.now, end, seed=seed, stalls=stalls):
        pump.run_until(instant)
        listed.upload(at=instant)
    pump.run_until(end)


async def keep_uploading(
    pump: SimulatedPump,
    listed: ListedPump,
    every: timedelta,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Run a pump in sync with a clock, with uploads at intervals, until cancelled."""
    while True:
        pump.run_until(now())
        listed.upload()
        await asyncio.sleep(every.total_seconds())
