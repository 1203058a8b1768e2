"""When services fail and are killed during a soak, Home Assistant with them, and what it keeps is damaged."""

import asyncio
from random import Random

from . import faults
from .trio import Trio

KILL_SERVICE, KILL_HOME_ASSISTANT, FAULT = 0.12, 0.1, 0.35
DAMAGE, LOCK = 0.5, 0.05
LOCKED_SECONDS = (2, 12)
"""SQLite waits for five seconds before it is an error."""


async def disturb(trio: Trio, chance: Random) -> None:
    """Have it read and send, with faults, and at times kill one of them meanwhile."""
    for service, kinds in (
        (trio.tandem, faults.TANDEM),
        (trio.nightscout, faults.NIGHTSCOUT),
    ):
        if chance.random() < FAULT:
            await service.ask("fail", **faults.some_fault(chance, kinds))
    asking = asyncio.create_task(trio.ask_home_assistant())
    if chance.random() < LOCK:
        await trio.lock_database(chance.uniform(*LOCKED_SECONDS))
    for name in ("tandem", "nightscout"):
        if chance.random() < KILL_SERVICE:
            await asyncio.sleep(chance.uniform(0, 2))
            await trio.kill(name)
    if chance.random() < KILL_HOME_ASSISTANT:
        await asyncio.sleep(chance.uniform(0, 2))
        await trio.kill_home_assistant(chance if chance.random() < DAMAGE else None)
    await asking
    for service in (trio.tandem, trio.nightscout):
        await service.ask("heal")
