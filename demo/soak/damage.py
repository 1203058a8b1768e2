"""Change Home Assistant's files while it is down, and lock its recorder's database."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
import re
import sqlite3
from zlib import compress, crc32, decompress

import orjson

EVENTS = "*/events/*/????-??-??.json"
LEDGER = "*/ledger/*/????-??-??.json"
DIGIT = re.compile(rb"[\[:,](\d)")
"""The first digit of a number."""
DATABASE = "home-assistant_v2.db"


def lose(file: Path, chance: Random) -> None:
    """Take a file away."""
    file.unlink()


def cut(file: Path, chance: Random) -> None:
    """Leave a file without anything in it, as a power cut may."""
    file.write_bytes(b"")


def cut_the_end(file: Path, chance: Random) -> None:
    """Remove the last bytes of a file, as a crash during an append does."""
    file.write_bytes(file.read_bytes()[: -chance.randint(1, 8)])


def empty(file: Path, chance: Random) -> None:
    """Replace a file by a valid one without events."""
    content = orjson.loads(decompress(file.read_bytes()))
    content |= {"data": [], "checksum": crc32(b"[]")}
    file.write_bytes(compress(orjson.dumps(content)))


def digits(content: bytes) -> list[int]:
    """Return where the data has numbers, by the first digit of each."""
    data = content.index(b'"data"')
    return [found.start(1) for found in DIGIT.finditer(content, data)]


def change_a_digit(file: Path, chance: Random) -> None:
    """Make one digit of the data another, so that the file is JSON all the same."""
    content = decompress(file.read_bytes())
    place = chance.choice(digits(content))
    other = chance.choice(b"123456789".replace(content[place : place + 1], b""))
    changed = content[:place] + bytes([other]) + content[place + 1 :]
    file.write_bytes(compress(changed))


KINDS: dict[str, tuple[str, Callable[[Path, Random], None]]] = {
    "events lost": (EVENTS, lose),
    "events cut": (EVENTS, cut),
    "events, the end cut": (EVENTS, cut_the_end),
    "events emptied": (EVENTS, empty),
    "events, a digit changed": (EVENTS, change_a_digit),
    "ledger lost": (LEDGER, lose),
    "ledger cut": (LEDGER, cut),
    "ledger, the end cut": (LEDGER, cut_the_end),
    "ledger, a digit changed": (LEDGER, change_a_digit),
}
"""The kind of files, one of which is damaged, and the kind of damage."""


def damage_a_file(store: Path, kind: str, chance: Random) -> bool:
    """Damage the file of one day with events; return whether there was one."""
    pattern, change = KINDS[kind]
    files = [
        file
        for file in sorted(store.glob(pattern))
        if (found := file.read_bytes()) and digits(decompress(found))
    ]
    if files:
        change(chance.choice(files), chance)
    return bool(files)


def date_back(account: Path, by: timedelta) -> None:
    """Let the last look for late data be longer ago, in an account's file that stays sound."""
    content = orjson.loads(account.read_bytes())
    if (kept := content["data"].get("reading")) is None:
        return
    for reading in kept["state"].values():
        if swept := reading.get("swept"):
            reading["swept"] = (datetime.fromisoformat(swept) - by).isoformat()
    kept["checksum"] = crc32(orjson.dumps(kept["state"]))
    account.write_bytes(orjson.dumps(content))


async def lock_database(folder: Path, seconds: float) -> None:
    """Lock the recorder's database for some seconds, longer than the recorder waits by itself."""
    database = sqlite3.connect(folder / DATABASE, timeout=seconds, autocommit=True)
    try:
        database.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(seconds)
        database.execute("ROLLBACK")
    finally:
        database.close()
