"""Compares both programs, life by life, then the move from one to the other."""

import argparse
import asyncio
from collections.abc import Callable
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
from time import perf_counter

from demo.tandem.certificate import Certificate, make_certificate

from . import lives, moves
from .comparing import Compared, compare
from .differences import PAGE, Found, page, wrong_in_list
from .here import KeptLedger
from .lives import Life
from .moves import Move
from .moving import compare_move
from .sites import serving, world

AT_ONCE = 2
MOST_SHOWN = 40


async def sync_both(life: Life, certificate: Certificate) -> Compared:
    """Let both programs sync a life into a site of their own, and compare the sites."""
    async with (
        world(life, certificate) as programs,
        serving(programs.site(), programs.site()) as (there, here),
    ):
        programs.upload()
        await programs.sync_there(there)
        await programs.sync_here(here, KeptLedger())
        await programs.push_profiles(here)
        return compare(life, there, here)


async def compare_all(
    all_lives: tuple[Callable[[], Life], ...], moves: tuple[Callable[[], Move], ...]
) -> Found:
    """Compare some lives and moves, a few at once, and print each result."""
    gate = asyncio.Semaphore(AT_ONCE)
    total = Found()

    async def one(make: Callable[[], Life], certificate: Certificate) -> None:
        async with gate:
            compared = await sync_both(make(), certificate)
        print(
            f"\n{compared.name}: {compared.documents[0]} documents there, {compared.documents[1]} here"
        )
        for line in compared.lines:
            print(f"  {line}")
        total.add(compared.found)

    async def move(make: Callable[[], Move], certificate: Certificate) -> None:
        async with gate:
            lines, found = await compare_move(make(), certificate)
        print("", *lines, sep="\n")
        total.add(found)

    with TemporaryDirectory() as folder:
        certificate = make_certificate(Path(folder))
        await asyncio.gather(
            *(one(make, certificate) for make in all_lives),
            *(move(make, certificate) for make in moves),
        )
    return total


def main() -> int:
    """Compare, print the result, and return whether anything is unexplained."""
    parser = argparse.ArgumentParser(prog="scripts/compare", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="some days only")
    parser.add_argument(
        "--write-page", action="store_true", help="make docs/differences.md anew"
    )
    options = parser.parse_args()
    if options.write_page:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    before = perf_counter()
    quick = lives.QUICK, moves.QUICK
    found = asyncio.run(
        compare_all(*(quick if options.quick else (lives.ALL, moves.ALL)))
    )
    print("\nDifferences by what explains them")
    for name, times in found.explained.most_common():
        print(f"  {times:6} {name}")
    wrong = found.unexplained[:MOST_SHOWN]
    if more := len(found.unexplained) - len(wrong):
        wrong.append(f"and {more} more without an explanation")
    wrong += wrong_in_list(found, complete=not options.quick)
    print(f"\n{perf_counter() - before:.0f} s")
    print("\n".join(wrong) or "Every difference is explained")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
