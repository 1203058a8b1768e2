"""Measures this integration beside tconnectsync 3.0.3: python -m bench."""

import argparse
from datetime import UTC, datetime
import json
import os
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from . import benchmarks, process
from .places import KEPT
from .table import (
    buildings,
    comparison,
    loop,
    megabytes,
    of_runs,
    own_work,
    scaling,
    seconds,
    spread,
)

SPANS = (1, 7, 28, 90, 365)
HELD = (1, 7, 27)
PUMPS = (1, 2, 4)
DAYS = benchmarks.KEPT_DAYS + sum(SPANS) + 2 * len(SPANS) + 10
SHORT_DAYS = benchmarks.KEPT_DAYS + 28 + 10
WORTH_A_LINE = 100_000
"""Bytes in use by one part of the integration."""
SLOWED = 0.25
"""Of one core; about a Raspberry Pi 4 beside the machines this is measured on."""
PARTS = (
    "building",
    "side by side",
    "slowed",
    "days",
    "day",
    "pumps",
    "memory",
    "year",
)


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="of everything short (3)")
    parser.add_argument(
        "--long-runs", type=int, default=1, help="of the peer's 28 days (1)"
    )
    parser.add_argument(
        "--latency", type=float, default=20, help="of every request, in ms (20)"
    )
    parser.add_argument(
        "--peer-seconds", type=float, default=300, help="for the peer's 365 days (300)"
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    return parser.parse_args()


class Results:
    """The measured results, saved to a file one by one."""

    def __init__(self) -> None:
        """Begin a file."""
        KEPT.mkdir(parents=True, exist_ok=True)
        began = datetime.now(UTC)
        self._file = KEPT / f"{began:%Y-%m-%d-%H%M%S}.json"
        self._kept: dict[str, Any] = {"began": began.isoformat(), "load": {}}

    def keep(self, name: str, measured: Any) -> Any:
        """Keep one part, and how busy the machine was."""
        self._kept[name] = measured
        self._kept["load"][name] = os.getloadavg()
        self._file.write_text(json.dumps(self._kept, indent=1))
        print(
            f"\n(Load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores)\n",
            flush=True,
        )
        return measured


def building(given: argparse.Namespace, folder: Path, results: Results) -> None:
    """Let both programs decode and build, and do nothing else."""
    bench = benchmarks.Bench(folder, days=SHORT_DAYS, pumps=1, latency=0)
    measured = results.keep("building", benchmarks.building(bench))
    bench.stop()
    print(buildings(measured))


def side_by_side(given: argparse.Namespace, folder: Path, results: Results) -> None:
    """Run both programs in turn."""
    bench = benchmarks.Bench(
        folder, days=SHORT_DAYS, pumps=1, latency=given.latency / 1000
    )
    ours, theirs = [], []
    for run in range(given.runs):
        print(f"Run {run + 1} of {given.runs} …", flush=True)
        ours.append(benchmarks.integration(bench))
        theirs.append(benchmarks.peer(bench, long=run < given.long_runs))
        results.keep("side by side", {"ours": ours, "theirs": theirs})
    bench.stop()
    print(comparison(ours, theirs), own_work(ours), loop(ours), sep="\n\n")
    work = "28 days, nothing written"
    mine, peers = (median(of_runs(runs, work, "processor")) for runs in (ours, theirs))
    print(
        f"\nReading, decoding and building 28 days, CPU: {seconds(peers)} against {seconds(mine)}, {peers / mine:.1f} times\n"
    )


def slowed(given: argparse.Namespace, folder: Path, results: Results) -> None:
    """Run both programs in turn on a quarter of one core."""
    if not process.can_be_slowed():
        print("Not measured: it takes control groups of version 1 that may be written.")
        return
    bench = benchmarks.Bench(
        folder, days=SHORT_DAYS, pumps=1, latency=given.latency / 1000
    )
    ours, theirs = [], []
    with process.slowed(SLOWED):
        for run in range(given.runs):
            print(f"Run {run + 1} of {given.runs} …", flush=True)
            ours.append(benchmarks.a_user(bench, polls=1))
            theirs.append(benchmarks.a_user_of_the_peer(bench))
            results.keep("slowed", {"ours": ours, "theirs": theirs})
    bench.stop()
    print(comparison(ours, theirs), own_work(ours), loop(ours), sep="\n\n")


def days(given: argparse.Namespace, folder: Path, results: Results) -> None:
    """Look how costs grow with days."""
    bench = benchmarks.Bench(folder, days=DAYS, pumps=1, latency=given.latency / 1000)
    measured = results.keep("days", benchmarks.by_days(bench, SPANS))
    print(scaling(measured, "days"), flush=True)
    held = results.keep("held", benchmarks.by_held_days(bench, HELD))
    for what in ("nothing", "hour"):
        print(f"\nPoll, {what} new, by the days sent at first\n")
        print(scaling({days: one[what] for days, one in held.items()}, "days"))
    bench.stop()


def year(given: argparse.Namespace, folder: Path, results: Results) -> None:
    """Look how far the peer gets with a year."""
    bench = benchmarks.Bench(
        folder, days=SHORT_DAYS + 365, pumps=1, latency=given.latency / 1000
    )
    far = results.keep("year", benchmarks.peer_as_far(bench, 365, given.peer_seconds))
    bench.stop()
    print(
        f"The peer wrote {far['treatments']} documents of 365 days in {seconds(far['wall'])}."
    )


def pumps(given: argparse.Namespace, folder: Path, results: Results) -> None:
    """Look how costs grow with pumps."""
    bench = benchmarks.Bench(
        folder, days=SHORT_DAYS, pumps=max(PUMPS), latency=given.latency / 1000
    )
    measured = results.keep("pumps", benchmarks.by_pumps(bench, PUMPS))
    bench.stop()
    print(scaling(measured, "pumps"))


def day(given: argparse.Namespace, folder: Path, results: Results) -> None:
    """Measure the disk, CPU and memory that a day takes."""
    bench = benchmarks.Bench(
        folder, days=SHORT_DAYS, pumps=1, latency=given.latency / 1000
    )
    measured = results.keep("day", benchmarks.a_day(bench))
    bench.stop()
    uploads = measured["uploads"]
    work = [*uploads, measured["sweep"]]
    for how in ("bytes", "blocks"):
        by_kind = {
            kind: sum(one["files"][how].get(kind, 0) for one in work)
            for kind in ("events", "ledger", "state")
        }
        shown = ", ".join(f"{kind} {megabytes(size)}" for kind, size in by_kind.items())
        print(f"Own files a day, {how}: {megabytes(sum(by_kind.values()))} ({shown})")
    for how, what in (("times", "written"), ("syncs", "waited for the disk")):
        times = sum(sum(one["files"][how].values()) for one in work)
        print(f"Own files {what}: {times / len(uploads):.1f} times an upload")
    print(
        f"All that Home Assistant wrote meanwhile: {megabytes(sum(one['disk'] for one in work))}"
    )
    print(f"CPU of a day's uploads: {seconds(sum(one['processor'] for one in work))}")
    each = [one["processor"] for one in uploads]
    print(f"CPU of an upload, every feature on: {spread(each, seconds)}")
    print(f"Rows in the database: {measured['rows']}, of {measured['entities']}")
    print(
        f"Memory at rest with four weeks kept: {megabytes(measured['resident'])}, after the day {megabytes(measured['resident after'])}"
    )


def memory(given: argparse.Namespace, folder: Path, results: Results) -> None:
    """Measure memory by Python's own count."""
    bench = benchmarks.Bench(
        folder, days=SHORT_DAYS, pumps=1, latency=given.latency / 1000
    )
    measured = results.keep("memory", benchmarks.traced(bench))
    bench.stop()
    print(
        f"Memory at rest with four weeks kept, by Python's own count: {megabytes(measured.total())}"
    )
    for part, size in measured.most_common():
        if size >= WORTH_A_LINE:
            print(f"- {part}: {megabytes(size)}")


def main() -> None:
    """Measure all parts, or those named."""
    given = options()
    results = Results()
    parts = (building, side_by_side, slowed, days, day, pumps, memory, year)
    for name, part in zip(PARTS, parts, strict=True):
        if name in given.only:
            print(f"\n## {name}\n", flush=True)
            with TemporaryDirectory() as folder:
                part(given, Path(folder), results)


if __name__ == "__main__":
    main()
