"""Faults of the simulated Tandem Source: all known and possible kinds of failure."""

from collections.abc import AsyncIterator
import json
import time

import aiohttp
import pytest

from demo.tandem import Fault, SimulatedTandem
from demo.tandem.faults import padded, with_field, without_field

from .conftest import EMAIL, PASSWORD
from .pump_days import quiet_pump
from .web_application import WebApplication


@pytest.fixture
async def tandem() -> AsyncIterator[SimulatedTandem]:
    """A service with one uploaded pump."""
    service = SimulatedTandem()
    service.add_account(EMAIL, PASSWORD).add_pump(quiet_pump()).upload()
    await service.start()
    yield service
    await service.stop()


@pytest.fixture
def pumper(tandem: SimulatedTandem) -> str:
    """Return the path of the list of pumps."""
    return f"pumper/{tandem.accounts[EMAIL].pumper_id}"


async def test_a_fault_comes_as_often_as_asked(
    tandem: SimulatedTandem, browser: WebApplication, pumper: str
) -> None:
    """After the skipped requests it occurs this many times, on its path only."""
    tandem.faults.add(Fault(path="/pumper/", status=503, skip=1, times=2))
    statuses = [(await browser.get(pumper))[0] for _ in range(4)]
    assert statuses == [200, 503, 503, 200]
    assert tandem.count("/pumper/") == 4
    assert [
        seen.status for seen in tandem.requests if "/pumper/" in seen.path
    ] == statuses


async def test_a_fault_can_last_until_healed(
    tandem: SimulatedTandem, browser: WebApplication, pumper: str
) -> None:
    """Without a number of times it stays; status, body, type and headers can be set."""
    tandem.faults.add(
        Fault(
            status=429,
            body="{}",
            content_type="application/json",
            headers={"Retry-After": "7"},
            times=None,
        )
    )
    for _ in range(3):
        assert await browser.get(pumper) == (429, {})
    url = f"{tandem.url}/api/reports/bff/{pumper}"
    async with browser.session.get(url, headers=browser.headers()) as response:
        assert response.headers["Retry-After"] == "7"
    tandem.faults.clear()
    assert (await browser.get(pumper))[0] == 200


async def test_an_answer_can_be_changed(
    tandem: SimulatedTandem, browser: WebApplication, pumper: str
) -> None:
    """A field can be null or missing, and an answer very large."""
    tandem.faults.add(Fault(change=with_field("pumps", 0, "serialNumber", value=None)))
    assert (await browser.get(pumper))[1]["pumps"][0]["serialNumber"] is None
    tandem.faults.add(Fault(change=without_field("pumps")))
    assert "pumps" not in (await browser.get(pumper))[1]
    tandem.faults.add(Fault(change=padded(20_000_000)))
    assert len((await browser.get(pumper))[1]["padding"]) == 20_000_000


async def test_an_answer_can_end_early(
    tandem: SimulatedTandem, browser: WebApplication, pumper: str
) -> None:
    """A truncated answer is not JSON; a cut one breaks the connection."""
    tandem.faults.add(Fault(truncate=100))
    with pytest.raises(json.JSONDecodeError):
        await browser.get(pumper)
    tandem.faults.add(Fault(cut=100))
    with pytest.raises(aiohttp.ClientPayloadError):
        await browser.get(pumper)
    assert (await browser.get(pumper))[0] == 200


async def test_an_answer_can_come_late_or_slowly(
    tandem: SimulatedTandem, browser: WebApplication, pumper: str
) -> None:
    """The complete answer, or each piece of it, can be delayed."""
    for fault in (Fault(delay=0.2), Fault(trickle=0.01)):
        tandem.faults.add(fault)
        started = time.monotonic()
        assert (await browser.get(pumper))[0] == 200
        assert time.monotonic() - started > 0.19


async def test_an_answer_can_lead_elsewhere(
    tandem: SimulatedTandem, browser: WebApplication, pumper: str
) -> None:
    """A redirect is a status and a header like any other."""
    tandem.faults.add(Fault(status=302, headers={"Location": "/elsewhere"}))
    url = f"{tandem.url}/api/reports/bff/{pumper}"
    async with browser.session.get(
        url, headers=browser.headers(), allow_redirects=False
    ) as response:
        assert (response.status, response.headers["Location"]) == (302, "/elsewhere")


async def test_a_stopped_service_comes_back_where_it_was(
    tandem: SimulatedTandem, browser: WebApplication, pumper: str
) -> None:
    """Address, tokens and uploads are the same."""
    url = tandem.url
    await tandem.stop()
    with pytest.raises(aiohttp.ClientConnectionError):
        await browser.get(pumper)
    await tandem.start()
    assert tandem.url == url
    assert (await browser.get(pumper))[0] == 200
