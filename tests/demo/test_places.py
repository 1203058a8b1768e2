"""The demo finds free ports and uses the same ones next time."""

from collections.abc import Iterator
from pathlib import Path
import socket

import pytest

from demo.places import NoPortError, free, lasting_ports, local_time_zone, next_free


def loopback_addresses() -> Iterator[str]:
    """Return the loopback addresses; IPv6 is not available everywhere."""
    yield "127.0.0.1"
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return
    yield "::1"


@pytest.fixture(params=loopback_addresses())
def busy(request: pytest.FixtureRequest) -> Iterator[int]:
    """A port with a listener in one address family only."""
    address: str = request.param
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, 0), family=family) as server:
        yield server.getsockname()[1]


def test_the_next_free_port_is_taken(busy: int) -> None:
    """A port in use at any address is skipped."""
    assert not free(busy)
    found = next_free(busy)
    assert found > busy
    assert free(found)


def test_ports_last(tmp_path: Path, busy: int) -> None:
    """A port of the first start is used again, even if another one is free."""
    file = tmp_path / "ports.json"
    first = lasting_ports(file, {"Nightscout": busy})
    assert first["Nightscout"] > busy
    assert lasting_ports(file, {"Nightscout": next_free(20000)}) == first


def test_a_lasting_port_in_use_is_an_error(tmp_path: Path, busy: int) -> None:
    """Another port would be unknown to clients of the old one."""
    file = tmp_path / "ports.json"
    file.write_text(f'{{"Nightscout": {busy}}}')
    with pytest.raises(NoPortError, match=f"Port {busy} of the simulated Nightscout"):
        lasting_ports(file, {"Nightscout": 1})


@pytest.mark.parametrize(
    ("named", "zone"),
    [("Asia/Tokyo", "Asia/Tokyo"), ("Europe/Berlin", "Europe/Berlin")],
)
def test_the_zone_of_the_environment_counts(
    monkeypatch: pytest.MonkeyPatch, named: str, zone: str
) -> None:
    """The TZ variable sets the zone."""
    monkeypatch.setenv("TZ", named)
    assert local_time_zone() == zone


def test_a_zone_nobody_knows_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """With an unknown TZ the computer's own zone is used."""
    monkeypatch.delenv("TZ", raising=False)
    own = local_time_zone()
    monkeypatch.setenv("TZ", "Middle/Earth")
    assert local_time_zone() == own
