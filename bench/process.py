"""Read what the system knows of a running process."""

from pathlib import Path


def memory(process: int | str = "self") -> int:
    """Return the resident memory of a process in bytes."""
    return _status(process, "VmRSS")


def peak_memory(process: int | str = "self") -> int:
    """Return the most resident memory of a process, in bytes, since its start or `forget_peak`."""
    return _status(process, "VmHWM")


def forget_peak() -> None:
    """Let this process's peak begin anew."""
    Path("/proc/self/clear_refs").write_text("5")


def written(process: int | str = "self") -> int:
    """Return how many bytes a process has caused to be written to disk."""
    lines = Path(f"/proc/{process}/io").read_text().splitlines()
    return int(dict(line.split(": ") for line in lines)["write_bytes"])


def processor_seconds(process: int) -> float:
    """Return the processor time of a process of one thread."""
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9


def _status(process: int | str, key: str) -> int:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) * 1024
    raise KeyError(key)
