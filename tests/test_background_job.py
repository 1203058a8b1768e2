"""Background jobs after new data: one run at a time, no lost request, no run after unloading."""

import asyncio
import logging

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tconnectsync.background_job import BackgroundJob
from custom_components.tconnectsync.const import DOMAIN
from custom_components.tconnectsync.error_texts import as_action_error
from custom_components.tconnectsync.tandem import TandemUnreachable
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError


class Work:
    """Work that counts its runs and blocks each one until a test releases it."""

    def __init__(self) -> None:
        """Start with no runs."""
        self.begun = 0
        self.ended = 0
        self.let_go = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self) -> None:
        """Run once."""
        self.begun += 1
        await self.let_go.wait()
        if self.error:
            raise self.error
        self.ended += 1


@pytest.fixture
async def work() -> Work:
    """Work for the background job."""
    return Work()


@pytest.fixture
def follow_up(hass: HomeAssistant, work: Work) -> BackgroundJob:
    """A background job of an account."""
    entry = MockConfigEntry(domain=DOMAIN)
    return BackgroundJob(hass, entry, "do something", work)


async def through(hass: HomeAssistant, work: Work) -> None:
    """Release the work and wait until it is done."""
    work.let_go.set()
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_it_runs_once_for_each_request(
    hass: HomeAssistant, work: Work, follow_up: BackgroundJob
) -> None:
    """Requests after each other start one run each."""
    for times in (1, 2):
        follow_up.request()
        await through(hass, work)
        assert work.ended == times


async def test_requests_in_between_are_one(
    hass: HomeAssistant, work: Work, follow_up: BackgroundJob
) -> None:
    """Any number of requests during a run lead to one more run after it."""
    follow_up.request()
    await asyncio.sleep(0)
    for _ in range(5):
        follow_up.request()
        await asyncio.sleep(0)
    assert work.begun == 1
    await through(hass, work)
    assert work.begun == work.ended == 2


async def test_waiting_for_it(
    hass: HomeAssistant, work: Work, follow_up: BackgroundJob
) -> None:
    """A caller that waits continues when the run is done."""
    work.let_go.set()
    await follow_up.run_and_wait()
    assert work.ended == 1


@pytest.mark.parametrize("error", [HomeAssistantError("no"), OSError("no")])
async def test_error_is_logged_and_over(
    hass: HomeAssistant,
    work: Work,
    follow_up: BackgroundJob,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    """The next request runs normally after an error."""
    work.error = error
    follow_up.request()
    await through(hass, work)
    assert "Could not do something: no" in caplog.messages
    work.error = None
    follow_up.request()
    await through(hass, work)
    assert work.ended == 1


async def test_what_nobody_foresaw_is_logged_in_full_once(
    hass: HomeAssistant,
    work: Work,
    follow_up: BackgroundJob,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An unexpected error is logged once with its traceback, and again only after a successful run."""

    async def run(error: Exception | None) -> list[str]:
        work.error = error
        caplog.clear()
        follow_up.request()
        await through(hass, work)
        return [f"{one.exc_text}" for one in caplog.records if one.levelname == "ERROR"]

    [logged] = await run(ValueError("what is this"))
    assert "ValueError: what is this" in logged
    assert "Could not do something because of an unexpected error" in caplog.messages
    assert await run(ValueError("what is this")) == []
    assert await run(None) == []
    assert work.ended == 1
    assert len(await run(ValueError("what is this"))) == 1


async def test_an_outage_is_logged_once_for_each_kind_of_error(
    hass: HomeAssistant,
    work: Work,
    follow_up: BackgroundJob,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Alternating errors are logged once each, the recovery is logged, and a new outage is logged again."""
    caplog.set_level(logging.INFO, "custom_components.tconnectsync")

    async def outage(*errors: Exception | None) -> list[str]:
        caplog.clear()
        for work.error in errors:
            follow_up.request()
            await through(hass, work)
        return [line for line in caplog.messages if "do something" in line]

    full, busy = OSError("disk full"), HomeAssistantError("busy")
    logged = ["Could not do something: disk full", "Could not do something: busy"]
    assert await outage(full, busy, full, busy, full) == logged
    assert await outage(None, None) == ["Can do something again"]
    assert await outage(full, full) == logged[:1]


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (ValueError("no"), "unexpected"),
        (OSError("no"), "cannot_keep"),
        (as_action_error(TandemUnreachable("pumper", "no")), "tandem_unreachable"),
    ],
)
async def test_who_waits_gets_the_error(
    work: Work, follow_up: BackgroundJob, error: Exception, key: str
) -> None:
    """A waiting caller gets an error that can be shown to a user, and the next run may succeed."""
    work.let_go.set()
    work.error = error
    with pytest.raises(HomeAssistantError) as raised:
        await follow_up.run_and_wait()
    assert raised.value.translation_key == key
    work.error = None
    await follow_up.run_and_wait()


async def test_given_up_before_it_began(
    hass: HomeAssistant, work: Work, follow_up: BackgroundJob
) -> None:
    """A run that was cancelled before it started can be requested again."""
    follow_up.request()
    for task in asyncio.all_tasks():
        if task.get_name() == "do something":
            task.cancel()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert work.begun == 0
    follow_up.request()
    await through(hass, work)
    assert work.ended == 1


async def test_who_waits_gets_an_error_when_it_was_given_up(
    hass: HomeAssistant, work: Work, follow_up: BackgroundJob
) -> None:
    """A waiting caller gets an error if the run is cancelled when its entry is unloaded."""
    waiting = hass.async_create_task(follow_up.run_and_wait())
    while not work.begun:
        await asyncio.sleep(0)
    assert work.begun == 1
    for task in asyncio.all_tasks():
        if task.get_name() == "do something":
            task.cancel()
    with pytest.raises(HomeAssistantError) as raised:
        await waiting
    assert raised.value.translation_key == "unloaded"
