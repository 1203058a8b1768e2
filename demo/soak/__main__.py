"""Read the soak's command line: python -m demo.soak, started by scripts/soak."""

import argparse
import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
import shutil
import signal
import sys
import time

from . import judging
from .soak import Soak

FOLDER = Path(".demo") / "soak"
SHOWN = 10


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="scripts/soak", description=Soak.__doc__)
    parser.add_argument("--days", type=float, default=30, help="days lived (30)")
    parser.add_argument("--syncs", type=int, default=6, help="syncs a day (6)")
    parser.add_argument(
        "--first-port", type=int, default=20100, help="for two at a time (20100)"
    )
    parser.add_argument("--seed", type=int, default=None, help="for the same again")
    parser.add_argument("--version", choices=("15.0.7", "15.0.6"), default="15.0.7")
    parser.add_argument(
        "--everything",
        action="store_true",
        help="forward what is off at first as well: glucose, CGM alerts, device status",
    )
    return parser.parse_args()


async def soak(given: argparse.Namespace) -> bool:
    """Run it, print the summary, and return whether all is well."""
    seed = given.seed if given.seed is not None else int(time.time()) % 100_000
    forwarded = "everything" if given.everything else "what is on at first"
    print(f"Seed {seed}, Nightscout {given.version}, {forwarded} forwarded", flush=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    run = Soak(
        FOLDER.absolute(),
        seed=seed,
        days=given.days,
        syncs=given.syncs,
        first_port=given.first_port,
        version=given.version,
        everything=given.everything,
    )
    trios = (run.disturbed, run.undisturbed)
    try:
        await run.run()
        return await judge(run)
    finally:
        for trio in trios:
            await trio.home_assistant.kill()
            await trio.tandem.kill()
            await trio.nightscout.kill()


async def judge(run: Soak) -> bool:
    """Compare both lives and print the result."""
    mine, right = run.disturbed, run.undisturbed
    first_day = datetime.now(UTC) - timedelta(days=run.first_days - 1)
    first_day = first_day.replace(hour=0, minute=0, second=0, microsecond=0)
    held, wanted = [(await one.nightscout.ask("ask")) for one in (mine, right)]
    documents = judging.documents(
        held["documents"], wanted["documents"], first_day.isoformat()[:10]
    )
    async with mine.home_assistant.api() as ours, right.home_assistant.api() as theirs:
        shown = [await judging.states(api) for api in (ours, theirs)]
        hours = [
            await judging.statistics(api, first_day.isoformat())
            for api in (ours, theirs)
        ]
    for trio in (mine, right):
        await trio.stop()
    counts = mine.counts
    logs = [log for trio in (mine, right) for log in trio.logs.values()]
    kept = [log for trio in (mine, right) for log in trio.home_assistant.logs]
    addresses = [*mine.addresses, *right.addresses]
    secrets = judging.never_logged(counts.secrets | right.counts.secrets)
    wrong = {
        "lost": documents.lost,
        "doubled": documents.doubled,
        "of other content": documents.other,
        "states that differ": judging.unequal(*shown),
        "hours that differ": judging.unequal(*hours),
        "secrets in logs": leaks_in([*logs, *kept], secrets),
        "addresses in logs": leaks_in([*logs, *kept], addresses),
        "secrets in addresses": ["!"] * held["with_secret_in_address"],
        "faults that nothing met": counts.missing(run.plan),
        "tracebacks": ["!"] * sum(judging.tracebacks(log) for log in logs),
    }
    size = sum(path.stat().st_size for path in mine.home_assistant.store.rglob("*.*"))
    logged = sum(log.read_bytes().count(b"\n") for log in logs)
    print(f"""
Events                {len(run.month.pump.events)} in {counts.uploads} uploads of {run.days:g} days
Asked to sync         {counts.asked} times, of which {counts.failed} failed
Synced on             {len(counts.synced)} days, {min(counts.synced)} to {max(counts.synced)} times each
Recorder's errors     {sum(map(judging.recorder_errors, logs))}
Killed, started again {listed(counts.killed)}
Faults met{lines(counts.faults)}
Requests              {listed(counts.requests)}
Documents compared    {documents.compared}
States compared       {len(shown[1])}
Hours compared        {len(hours[1])}
Lines of log searched {logged} for {len(secrets)} secrets
Kept on disk          {size / 1e6:.1f} MB""")
    for name, found in wrong.items():
        print(f"{name.capitalize():<22}{len(found)}")
    for name, found in wrong.items():
        for one in found[:SHOWN]:
            print(f"  {name}: {one[:300]}")
    return not any(wrong.values())


def leaks_in(logs: list[Path], words: list[str]) -> list[str]:
    """Return the secrets that were found in logs, and how often."""
    return [f"{found} {times}" for found, times in judging.leaks(logs, words).items()]


def listed(counted: dict[str, int]) -> str:
    """Say counts in words."""
    said = [f"{name} {number}" for name, number in sorted(counted.items())]
    return ", ".join(said) or "none"


def lines(counted: dict[str, int]) -> str:
    """Say counts in a line each."""
    return "".join(
        f"\n  {number:>4} {name}" for name, number in sorted(counted.items())
    )


def main() -> None:
    """Run the soak; the exit status says whether all is well."""
    given = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(not asyncio.run(soak(given)))


if __name__ == "__main__":
    main()
