"""Read the system's figures of a running process."""

from collections.abc import Iterator
from contextlib import contextmanager
import os
from pathlib import Path

CPU_GROUPS = Path("/sys/fs/cgroup/cpu")
PERIOD_MICROSECONDS = 10_000
"""Short, so that a slowed process pauses no longer than an event loop may be blocked."""


def memory(process: int | str = "self") -> int:
    """Return the resident memory of a process in bytes."""
    return _status(process, "VmRSS")


def peak_memory(process: int | str = "self") -> int:
    """Return the most resident memory of a process, in bytes, since its start or `forget_peak`."""
    return _status(process, "VmHWM")


def forget_peak() -> None:
    """Reset the peak of this process."""
    Path("/proc/self/clear_refs").write_text("5")


def written(process: int | str = "self") -> int:
    """Return how many bytes a process has caused to be written to disk."""
    lines = Path(f"/proc/{process}/io").read_text().splitlines()
    return int(dict(line.split(": ") for line in lines)["write_bytes"])


def processor_seconds(process: int) -> float:
    """Return the processor time of a process of one thread."""
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9


def can_be_slowed() -> bool:
    """Return whether this machine has control groups of version 1 that may be written."""
    return os.access(CPU_GROUPS / "cpu.cfs_quota_us", os.W_OK)


@contextmanager
def slowed(share: float) -> Iterator[None]:
    """Give this process, and all that it starts meanwhile, a share of one core; see can_be_slowed."""
    group = CPU_GROUPS / f"bench-{os.getpid()}"
    group.mkdir()
    try:
        (group / "cpu.cfs_period_us").write_text(f"{PERIOD_MICROSECONDS}")
        quota = int(PERIOD_MICROSECONDS * share)
        (group / "cpu.cfs_quota_us").write_text(f"{quota}")
        _join(group)
        yield
    finally:
        _join(CPU_GROUPS)
        group.rmdir()


def _join(group: Path) -> None:
    (group / "cgroup.procs").write_text(f"{os.getpid()}")


def _status(process: int | str, key: str) -> int:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) * 1024
    raise KeyError(key)
