"""Work that follows new data: one run at a time, none lost, none outliving its entry."""

import asyncio

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tconnectsync.const import DOMAIN
from custom_components.tconnectsync.following import FollowUp
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError


class Work:
    """Counts its runs, each of which waits until it is let go."""

    def __init__(self) -> None:
        """Not run yet."""
        self.begun = 0
        self.ended = 0
        self.let_go = asyncio.Event()
        self.trouble: Exception | None = None

    async def __call__(self) -> None:
        """Run once."""
        self.begun += 1
        await self.let_go.wait()
        if self.trouble:
            raise self.trouble
        self.ended += 1


@pytest.fixture
async def work() -> Work:
    """Something to do."""
    return Work()


@pytest.fixture
def follow_up(hass: HomeAssistant, work: Work) -> FollowUp:
    """The work of an account."""
    entry = MockConfigEntry(domain=DOMAIN)
    return FollowUp(hass, entry, "do something", work)


async def through(hass: HomeAssistant, work: Work) -> None:
    """Let the work go and wait for it."""
    work.let_go.set()
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_it_runs_once_for_each_request(
    hass: HomeAssistant, work: Work, follow_up: FollowUp
) -> None:
    """One after the other."""
    for times in (1, 2):
        follow_up.request()
        await through(hass, work)
        assert work.ended == times


async def test_requests_in_between_are_one(
    hass: HomeAssistant, work: Work, follow_up: FollowUp
) -> None:
    """However often it is asked for while it runs, it runs once more, and not at the same time."""
    follow_up.request()
    await asyncio.sleep(0)
    for _ in range(5):
        follow_up.request()
        await asyncio.sleep(0)
    assert work.begun == 1
    await through(hass, work)
    assert work.begun == work.ended == 2


async def test_waiting_for_it(
    hass: HomeAssistant, work: Work, follow_up: FollowUp
) -> None:
    """Who waits is told when everything is done."""
    work.let_go.set()
    await follow_up.finish()
    assert work.ended == 1


@pytest.mark.parametrize("trouble", [HomeAssistantError("no"), OSError("no")])
async def test_trouble_is_logged_and_over(
    hass: HomeAssistant,
    work: Work,
    follow_up: FollowUp,
    caplog: pytest.LogCaptureFixture,
    trouble: Exception,
) -> None:
    """The next request runs as if nothing had happened."""
    work.trouble = trouble
    follow_up.request()
    await through(hass, work)
    assert "Could not do something: no" in caplog.messages
    work.trouble = None
    follow_up.request()
    await through(hass, work)
    assert work.ended == 1
