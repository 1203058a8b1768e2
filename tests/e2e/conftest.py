"""One Home Assistant for all browser tests, because starting it takes longer than the tests."""

from collections.abc import AsyncIterator, Generator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import expect
import pytest

from .camera import Camera
from .console import complaints
from .harness import Harness, Wearer
from .lives import live_a_full_day

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / ".cache" / "pictures"
PICTURES_TO_KEEP = ROOT / "docs" / "images"
PATIENCE_MS = 30_000
"""Timeout of every wait; slow machines need it only when a test fails."""
FIRST = "test_journey"
OF_THE_CARD = {"test_card", "test_card_life", "test_card_start", "test_dashboard"}
"""Files of the card, which take as long as all others together."""
FORTNIGHT = timedelta(days=16)
UPLOADED_AGO = timedelta(minutes=52)


expect.set_options(timeout=PATIENCE_MS)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that takes the pictures of the documentation again."""
    parser.addoption(
        "--pictures", action="store_true", help="write pictures into docs/images"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the tests that need an empty Home Assistant; two may run in parallel."""
    items.sort(key=lambda item: item.path.stem != FIRST)
    for item in items:
        group = "card" if item.path.stem in OF_THE_CARD else "others"
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Function) -> Generator[None, Any, Any]:
    """Report the console's messages when a test fails."""
    report = yield
    if report.when == "call" and report.failed:
        for harness in item.funcargs.values():
            if isinstance(harness, Harness):
                report.sections.append(("Console", "\n".join(harness.said[-30:])))
    return report


@pytest.fixture(scope="session")
def camera(pytestconfig: pytest.Config) -> Camera:
    """The camera for the pictures of the documentation, which are only replaced on request."""
    kept = pytestconfig.getoption("pictures")
    return Camera(PICTURES_TO_KEEP if kept else PICTURES, patient=kept)


@pytest.fixture(scope="session")
async def harness(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Harness]:
    """A Home Assistant without accounts."""
    async with Harness(tmp_path_factory.mktemp("home-assistant")) as harness:
        yield harness


@pytest.fixture(scope="session")
async def wearer(harness: Harness) -> Wearer:
    """A person whose last day had a bit of everything, and whose phone uploaded 52 minutes ago."""
    now = datetime.now(UTC)
    wearer = harness.add("everyday@example.org", FORTNIGHT, seed=9)
    live_a_full_day(wearer.pump, now)
    wearer.live(now - UPLOADED_AGO)
    await harness.set_up(wearer)
    card = {"type": "custom:tconnectsync-card", "device_id": wearer.device_id}
    await harness.dashboard("the-day", card)
    await harness.dashboard("the-wall", card, type="panel")
    return wearer


@pytest.fixture(scope="session")
async def silent(harness: Harness) -> Wearer:
    """A person whose phone has not uploaded for five hours, since an alarm was raised."""
    silent = harness.add("silent@example.org", timedelta(days=3), seed=2)
    uploaded = datetime.now(UTC) - timedelta(hours=5)
    silent.pump.run_until(uploaded - timedelta(minutes=2))
    silent.pump.provoke_alarm(8)
    silent.live(uploaded)
    await harness.set_up(silent)
    card = {"type": "custom:tconnectsync-card", "device_id": silent.device_id}
    await harness.dashboard("the-silence", card)
    return silent


@pytest.fixture(scope="session")
async def low(harness: Harness) -> Wearer:
    """A person whose glucose is below the sensor's range."""
    low = harness.add("low@example.org", timedelta(days=3), seed=5)
    low.pump.run_until(datetime.now(UTC))
    low.pump.read_glucose(30)
    low.listed.upload()
    await harness.set_up(low)
    badge = {"type": "custom:tconnectsync-badge", "device_id": low.device_id}
    await harness.dashboard("the-low", badges=[badge])
    return low


@pytest.fixture(scope="session")
async def mistimed(harness: Harness) -> Wearer:
    """A person whose pump's clock is three hours ahead of its zone."""
    mistimed = harness.add("mistimed@example.org", timedelta(days=3), seed=4)
    mistimed.pump.clock.offset += 3 * 3600
    mistimed.live()
    await harness.set_up(mistimed)
    card = {"type": "custom:tconnectsync-card", "device_id": mistimed.device_id}
    await harness.dashboard("the-wrong-clock", card)
    return mistimed


@pytest.fixture(scope="session")
async def newcomer(harness: Harness) -> Wearer:
    """A person whose pump never uploaded."""
    newcomer = harness.add("newcomer@example.org", timedelta(days=1), seed=3)
    await harness.set_up(newcomer)
    card = {"type": "custom:tconnectsync-card", "device_id": newcomer.device_id}
    await harness.dashboard("the-beginning", card)
    return newcomer


@pytest.fixture(autouse=True)
def quiet_console(request: pytest.FixtureRequest) -> Iterator[None]:
    """Check that the console has no message about the integration."""
    yield
    for name in {"harness", "home"} & set(request.fixturenames):
        harness: Harness = request.getfixturevalue(name)
        noted = complaints(harness.said)
        harness.said.clear()
        assert noted == []


@pytest.fixture(scope="session")
def pictures() -> Path:
    """The folder for screenshots."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    return PICTURES
