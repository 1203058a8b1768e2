"""Write the measurements as tables."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import log
from statistics import median
from typing import Any

type Measured = Mapping[str, Any]
type Runs = Sequence[Mapping[str, Measured]]

WORK = (
    "first sync, 1 day",
    "first sync, 7 days",
    "backfill, 28 days",
    "poll, nothing new",
    "poll, one hour new",
)
OWN_WORK = ("opening the card", "28 days, nothing written")
MB = 1e6


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def of_runs(runs: Runs, work: str, key: str) -> list[float]:
    """Return the measurements of a piece of work by run."""
    return [run[work][key] for run in runs if key in run.get(work, {})]


def spread(values: Sequence[float], show: Callable[[float], str]) -> str:
    """Return a median, with the least and the most where there are several."""
    middle = show(median(values))
    ends = show(min(values)), show(max(values))
    return (
        middle
        if len(values) == 1 or ends[0] == ends[1]
        else f"{middle} ({ends[0]}–{ends[1]})"
    )


def seconds(value: float) -> str:
    """Return a length of time."""
    return (
        f"{value * 1000:.1f} ms"
        if value < 0.1
        else f"{value:.2f} s"
        if value < 10
        else f"{value:.0f} s"
    )


def whole(value: float) -> str:
    """Return a number of things."""
    return f"{value:.0f}"


def megabytes(value: float) -> str:
    """Return a number of bytes."""
    return f"{value / MB:.2f} MB" if value < 10 * MB else f"{value / MB:.0f} MB"


COLUMNS: tuple[tuple[str, str, Callable[[float], str]], ...] = (
    ("wall", "wall time", seconds),
    ("processor", "CPU", seconds),
    ("nightscout", "requests to Nightscout", whole),
    ("tandem", "requests to Tandem", whole),
    ("bytes", "bytes sent", megabytes),
    ("memory", "peak memory", megabytes),
)


def comparison(ours: Runs, theirs: Runs) -> str:
    """Return every piece of work of both, and how many times more the peer takes."""
    rows = []
    for work in WORK:
        for key, name, show in COLUMNS:
            mine, peers = of_runs(ours, work, key), of_runs(theirs, work, key)
            if not mine or not peers:
                continue
            ratio = f"{median(peers) / median(mine):.1f}" if median(mine) > 0 else "–"
            rows.append(
                (f"{work}: {name}", spread(peers, show), spread(mine, show), ratio)
            )
    return markdown(("", "tconnectsync 3.0.3", "this integration", "ratio"), rows)


def buildings(measured: Mapping[str, Mapping[str, Sequence[Measured]]]) -> str:
    """Return the times for decoding and building of both, and how many times longer the peer takes."""
    rows = []
    for name, of_both in measured.items():
        mine, peers = (
            [one["processor"] for one in of_both[program]]
            for program in ("ours", "theirs")
        )
        built = f"{of_both['theirs'][0]['documents']} and {of_both['ours'][0]['documents']} documents"
        ratio = f"{median(peers) / median(mine):.1f}"
        rows.append(
            (
                f"28 days, {name} ({built}): CPU",
                spread(peers, seconds),
                spread(mine, seconds),
                ratio,
            )
        )
    return markdown(("", "tconnectsync 3.0.3", "this integration", "ratio"), rows)


def loop(ours: Runs) -> str:
    """Return how long the event loop was blocked."""
    rows = [
        (
            work,
            spread(of_runs(ours, work, "held"), seconds),
            spread(of_runs(ours, work, "held_own"), seconds),
        )
        for work in (*WORK, *OWN_WORK)
        if of_runs(ours, work, "held")
    ]
    return markdown(("longest hold of the event loop", "by the clock", "CPU"), rows)


def own_work(ours: Runs) -> str:
    """Return the figures of this integration that the peer has no counterpart of."""
    rows = [
        (
            work,
            spread(of_runs(ours, work, "wall"), seconds),
            spread(of_runs(ours, work, "processor"), seconds),
        )
        for work in OWN_WORK
        if of_runs(ours, work, "wall")
    ]
    return markdown(("", "wall time", "CPU"), rows)


def scaling(measured: Mapping[int, Measured], of: str) -> str:
    """Return how costs grow, with the exponent of a power law fitted to them."""
    rows = []
    for key, name, show in (
        ("wall", "wall time", seconds),
        ("processor", "CPU", seconds),
        ("memory", "memory above rest", megabytes),
        ("held", "event loop held", seconds),
        ("held_own", "event loop held, CPU", seconds),
        ("collections", "full collections by Python, apart from that", whole),
    ):
        values = {number: one[key] for number, one in measured.items() if key in one}
        grows = key in ("wall", "processor")
        rows.append(
            (
                name,
                *(show(value) for value in values.values()),
                f"{exponent(values):.2f}" if grows else "",
            )
        )
    head = ("", *(f"{number} {of}" for number in measured), "exponent")
    return markdown(head, rows)


def exponent(values: Mapping[int, float]) -> float:
    """Return the slope of a straight line through the logarithms."""
    points = [(log(number), log(value)) for number, value in values.items()]
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum(
        (x - mean_x) ** 2 for x, _ in points
    )
