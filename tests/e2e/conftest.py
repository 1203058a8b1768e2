"""One Home Assistant for all of them: starting it takes longer than looking at it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.pump.control_iq import Mode

from .house import House, Wearer

PICTURES = Path(__file__).parents[2] / ".cache" / "pictures"
FORTNIGHT = timedelta(days=16)
UPLOADED_AGO = timedelta(minutes=52)


@pytest.fixture(scope="session")
async def house(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[House]:
    """A Home Assistant that nobody has added an account to."""
    async with House(tmp_path_factory.mktemp("home-assistant")) as house:
        yield house


@pytest.fixture(scope="session")
async def wearer(house: House) -> Wearer:
    """Somebody whose last day had a bit of everything, and whose phone uploaded 52 minutes ago."""
    now = datetime.now(UTC)
    wearer = house.add("everyday@example.org", FORTNIGHT, seed=4)
    pump = wearer.pump

    def live(**ago: float) -> None:
        pump.run_until(now - timedelta(**ago))

    def bolus(units: float, carbs: int, **details: Any) -> None:
        while pump.give_bolus(units, carbs, **details) is None:
            pump.run_until(pump.now + timedelta(minutes=5))

    live(hours=22)
    pump.change_site(180.0)
    live(hours=19)
    bolus(6.5, 58, extended_minutes=120, now_percent=60, glucose=141)
    live(hours=15)
    pump.provoke_alert(0)
    live(hours=14.5)
    pump.clear_alert(0)
    pump.start_mode(Mode.EXERCISE, 45)
    live(hours=11)
    pump.provoke_alarm(2)
    live(hours=10.75)
    pump.clear_alarm(2)
    pump.resume()
    live(minutes=100)
    bolus(4.35, 47, correction=0.6, glucose=168)
    wearer.live(now - UPLOADED_AGO)
    await house.set_up(wearer)
    card = {"type": "custom:tconnectsync-card", "device_id": wearer.device_id}
    await house.dashboard("the-day", card)
    await house.dashboard("the-wall", card, type="panel")
    return wearer


@pytest.fixture(scope="session")
async def silent(house: House) -> Wearer:
    """Somebody whose phone has not uploaded for five hours, since an alarm was raised."""
    silent = house.add("silent@example.org", timedelta(days=3), seed=2)
    uploaded = datetime.now(UTC) - timedelta(hours=5)
    silent.pump.run_until(uploaded - timedelta(minutes=2))
    silent.pump.provoke_alarm(8)
    silent.live(uploaded)
    await house.set_up(silent)
    card = {"type": "custom:tconnectsync-card", "device_id": silent.device_id}
    await house.dashboard("the-silence", card)
    return silent


@pytest.fixture(scope="session")
async def newcomer(house: House) -> Wearer:
    """Somebody who has a pump that never uploaded anything."""
    newcomer = house.add("newcomer@example.org", timedelta(days=1), seed=3)
    await house.set_up(newcomer)
    card = {"type": "custom:tconnectsync-card", "device_id": newcomer.device_id}
    await house.dashboard("the-beginning", card)
    return newcomer


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where pictures of what was seen are put."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    return PICTURES
