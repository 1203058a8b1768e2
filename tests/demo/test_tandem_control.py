"""The controls of the demo: alarms, uploads and faults on request."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from demo.pump import SimulatedPump
from demo.tandem import SimulatedTandem

from .pump_days import START, of, quiet_pump


@pytest.fixture
def pump() -> SimulatedPump:
    """A pump at the beginning of its life."""
    return quiet_pump()


@pytest.fixture
async def tandem(pump: SimulatedPump) -> AsyncIterator[SimulatedTandem]:
    """A service one hour later."""
    service = SimulatedTandem(now=lambda: START + timedelta(hours=1))
    service.add_account("wearer@example.com", "secret").add_pump(pump).upload()
    await service.start()
    yield service
    await service.stop()


async def pull(tandem: SimulatedTandem, name: str, **wish: Any) -> tuple[int, Any]:
    """Use one of the controls."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{tandem.url}/demo/{name}", json=wish) as response,
    ):
        return response.status, await response.json()


async def state(tandem: SimulatedTandem) -> Any:
    """Return the status of the service."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{tandem.url}/demo/state") as response,
    ):
        return await response.json()


@pytest.mark.parametrize("alarm", ["occlusion", 2, "2"])
async def test_an_alarm_is_raised_now_and_uploaded(
    tandem: SimulatedTandem, pump: SimulatedPump, alarm: str | int
) -> None:
    """The pump first runs until now, and the alarm is visible at once."""
    assert await pull(tandem, "alarm", alarm=alarm) == (200, {"done": True})
    (event,) = of(pump.events, 5)
    assert event["pumpDateTime"] == "2026-05-01T09:00:00"
    listed = (await state(tandem))["pumps"][0]
    assert (listed["alarms"], listed["suspended"]) == ([2], True)
    assert listed["maxDateOfEvents"] == event["pumpDateTime"]
    await pull(tandem, "clear-alarm", alarm=alarm)
    await pull(tandem, "resume")
    assert not (await state(tandem))["pumps"][0]["suspended"]


async def test_an_upload_can_wait(tandem: SimulatedTandem) -> None:
    """Without an upload the event is logged but not visible."""
    await pull(tandem, "alert", alert="insulin_low", upload=False)
    assert (await state(tandem))["pumps"][0]["maxDateOfEvents"] == "2026-05-01T08:00:00"
    await pull(tandem, "upload")
    assert (await state(tandem))["pumps"][0]["maxDateOfEvents"] == "2026-05-01T09:00:00"


@pytest.mark.parametrize(
    ("name", "wish", "code"),
    [
        ("alert", {"alert": "insulin_low"}, 4),
        ("cgm-alert", {"alert": "high"}, 369),
        ("malfunction", {}, 6),
        ("bolus", {"units": 1.5, "carbs": 12}, 64),
        ("suspend", {}, 11),
        ("clock", {"minutes": 60}, 13),
    ],
)
async def test_every_string_moves_something(
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    name: str,
    wish: dict[str, Any],
    code: int,
) -> None:
    """Each control causes its event."""
    assert (await pull(tandem, name, **wish))[0] == 200
    assert len(of(pump.events, code)) == 1


async def test_failures_come_and_go(tandem: SimulatedTandem) -> None:
    """The service fails until healed; the controls never fail."""
    assert (await pull(tandem, "fail", mode="down"))[0] == 200
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{tandem.url}/") as response:
            assert response.status == 503
        assert (await state(tandem))["failing"] == 1
        await pull(tandem, "heal")
        async with session.get(f"{tandem.url}/") as response:
            assert response.status == 200


async def test_a_password_can_change(tandem: SimulatedTandem) -> None:
    """The account gets the new password."""
    await pull(tandem, "password", password="new")
    assert tandem.accounts["wearer@example.com"].password == "new"


@pytest.mark.parametrize(
    ("name", "wish", "error"),
    [
        ("alarm", {"alarm": "boredom"}, "unknown: boredom"),
        ("alarm", {}, "alarm is missing"),
        ("fail", {"mode": "laughing"}, "unknown: laughing"),
        ("suspend", {"serial": "1"}, "no such pump"),
    ],
)
async def test_a_wish_that_makes_no_sense_is_refused(
    tandem: SimulatedTandem, name: str, wish: dict[str, Any], error: str
) -> None:
    """The request is refused with a sentence."""
    status, answer = await pull(tandem, name, **wish)
    assert status == 400
    assert error in answer["error"]


async def test_a_page_elsewhere_cannot_pull_strings(tandem: SimulatedTandem) -> None:
    """Only JSON is accepted, which a browser does not send to another site without permission."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{tandem.url}/demo/suspend", data="{}") as response,
    ):
        assert response.status == 415
