"""Find ports for the demo's servers, and the zone of this machine."""

import json
import os
from pathlib import Path
import socket
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

TRIED = 50


class NoPortError(Exception):
    """A server must listen where it did before, and something else does."""


def free(port: int) -> bool:
    """Return whether nothing listens here, in either family of addresses."""
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.settimeout(1)
                if probe.connect_ex((address, port)) == 0:
                    return False
        except OSError:
            continue
    return True


def next_free(port: int) -> int:
    """Return the first port from this one on that nothing uses."""
    for tried in range(port, port + TRIED):
        if free(tried):
            return tried
    raise NoPortError(f"All ports from {port} to {port + TRIED - 1} are in use.")


def lasting_ports(file: Path, wanted: dict[str, int]) -> dict[str, int]:
    """Return a port for each server, the same at every start, since other programs store its address."""
    if not file.exists():
        file.write_text(
            json.dumps({name: next_free(port) for name, port in wanted.items()})
        )
    ports: dict[str, int] = json.loads(file.read_text())
    for name, port in ports.items():
        if not free(port):
            raise NoPortError(
                f"Port {port} of the simulated {name} is in use. Is the demo running already?"
            )
    return ports


def local_time_zone() -> str:
    """Return the name of this machine's zone, UTC if it has none."""
    linked = Path("/etc/localtime").resolve().as_posix().partition("zoneinfo/")[2]
    for name in filter(None, (os.environ.get("TZ"), linked)):
        try:
            return ZoneInfo(name).key
        except ZoneInfoNotFoundError, ValueError:
            continue
    return "UTC"
