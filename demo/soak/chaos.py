"""Let services fail and be killed around a sync, Home Assistant too, and damage its files."""

import asyncio
from random import Random

from .mishaps import Mishaps
from .trio import Trio

LONGEST_BEFORE_KILL = 2
"""Seconds after the request of a sync."""


async def disturb(trio: Trio, chance: Random, mishaps: Mishaps) -> bool:
    """Have it read and send, with these mishaps; return whether it did."""
    for service, wish in mishaps.faults.items():
        await trio.services[service].ask("fail", **wish)
    asking = asyncio.create_task(trio.ask_home_assistant())
    if mishaps.locked_seconds:
        await trio.lock_database(mishaps.locked_seconds)
    for service in mishaps.killed:
        await asyncio.sleep(chance.uniform(0, LONGEST_BEFORE_KILL))
        await trio.kill(service)
    if mishaps.kill_home_assistant:
        await asyncio.sleep(chance.uniform(0, LONGEST_BEFORE_KILL))
        await trio.kill_home_assistant(mishaps.damage, chance)
    synced = await asking
    await trio.heal()
    return synced
