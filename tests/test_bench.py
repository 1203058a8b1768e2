"""The tables of the benchmark report its measurements correctly."""

import tracemalloc

import pytest

from bench.allocations import OTHERS, by_part
from bench.table import comparison, exponent, seconds, spread


def test_a_spread_tells_middle_and_ends() -> None:
    """A spread shows the median, minimum and maximum; a single value is shown alone."""
    assert spread([3.0, 1.0, 2.0], seconds) == "2.00 s (1.00 s–3.00 s)"
    assert spread([0.05], seconds) == "50.0 ms"


@pytest.mark.parametrize("power", [0.0, 1.0, 2.0])
def test_the_exponent_is_that_of_the_power_law(power: float) -> None:
    """An exponent of 1 means that twice the days cost twice as much."""
    costs = {days: 3 * days**power for days in (1, 7, 28, 365)}
    assert exponent(costs) == pytest.approx(power)


def test_a_ratio_says_how_many_times_more_the_peer_takes() -> None:
    """A ratio leaves out work that only one of the two did."""
    work = "first sync, 1 day"
    ours = [{work: {"wall": 2.0}}, {work: {"wall": 4.0}}]
    table = comparison(ours, [{work: {"wall": 60.0, "processor": 1.0}}])
    assert table.splitlines()[2:] == [
        f"| {work}: wall time | 60 s | 3.00 s (2.00 s–4.00 s) | 20.0 |"
    ]


def test_memory_counts_for_the_part_that_asked_for_it() -> None:
    """Memory is attributed to a folder or module of the integration, or to everything else."""
    held: dict[str, bytearray] = {}
    tracemalloc.start()
    try:
        for path, size in (
            ("/config/custom_components/tconnectsync/therapy/basal.py", 300_000),
            ("/config/custom_components/tconnectsync/therapy/boluses.py", 400_000),
            ("/config/custom_components/tconnectsync/http_request.py", 100_000),
            ("/usr/lib/python/site-packages/homeassistant/core.py", 500_000),
        ):
            code = compile(f"held[{path!r}] = bytearray({size})", path, "exec")
            exec(code, {"held": held})  # noqa: S102 - as if that file had asked for it
        found = by_part(tracemalloc.take_snapshot())
    finally:
        tracemalloc.stop()
    assert found["therapy"] == pytest.approx(700_000, rel=0.01)
    assert found["http_request.py"] == pytest.approx(100_000, rel=0.01)
    assert found[OTHERS] == pytest.approx(500_000, rel=0.2)
    assert held
