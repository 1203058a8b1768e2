"""When services fail and are killed during a soak, and Home Assistant with them."""

import asyncio
from random import Random

from . import faults
from .trio import Trio

KILL_SERVICE, KILL_HOME_ASSISTANT, FAULT = 0.12, 0.1, 0.35


async def disturb(trio: Trio, chance: Random) -> None:
    """Have it read and send, with faults, and at times kill one of them meanwhile."""
    for service, kinds in (
        (trio.tandem, faults.TANDEM),
        (trio.nightscout, faults.NIGHTSCOUT),
    ):
        if chance.random() < FAULT:
            await service.ask("fail", **faults.some_fault(chance, kinds))
    asking = asyncio.create_task(trio.ask_home_assistant())
    for name, often in (
        ("tandem", KILL_SERVICE),
        ("nightscout", KILL_SERVICE),
        ("Home Assistant", KILL_HOME_ASSISTANT),
    ):
        if chance.random() < often:
            await asyncio.sleep(chance.uniform(0, 2))
            await trio.kill(name)
    await asking
    for service in (trio.tandem, trio.nightscout):
        await service.ask("heal")
