"""What the recorder may do wrong: every wait ends, it is told, and the hours are written after all."""

from collections.abc import Iterator
from contextlib import contextmanager
import logging
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy.exc import OperationalError

from custom_components.tconnectsync import statistics_import
from custom_components.tconnectsync.forward import backfill
from custom_components.tconnectsync.forward.backfill_request import (
    BackfillPhase,
    BackfillRequest,
)
from custom_components.tconnectsync.issues import Issue, issue_id
from custom_components.tconnectsync.statistics_series import SERIES
from homeassistant.components.recorder.tasks import SynchronizeTask
from homeassistant.helpers import issue_registry as ir

from .recorder_rows import recorded
from .world import HOUR, MINUTE, World

pytestmark = [
    pytest.mark.usefixtures("recorder_mock", "no_pauses_between_reads"),
    pytest.mark.recorded_series(*SERIES),
]

LOCKED = OperationalError("SELECT", {}, Exception("database is locked"))


@contextmanager
def no_answer() -> Iterator[None]:
    """Let the recorder lose whatever it is asked, as after an error of its database."""
    with (
        patch.object(SynchronizeTask, "run"),
        patch.object(statistics_import, "LONGEST_WAIT_SECONDS", 0),
    ):
        yield


@contextmanager
def unreadable() -> Iterator[None]:
    """Let nothing be read from the database."""
    with patch.object(
        statistics_import, "statistics_during_period", side_effect=LOCKED
    ):
        yield


def has_issue(world: World) -> bool:
    """Return whether a repair tells of the recorder."""
    name = issue_id(world.entry.entry_id, Issue.RECORDER_FAILED)
    return ir.async_get(world.hass).async_get_issue("tconnectsync", name) is not None


async def basal(world: World) -> dict[Any, Any]:
    """Return the hours of basal insulin that the recorder has."""
    (series,) = (one for one in SERIES if one.key == "basal")
    return await recorded(world.hass, world.runtime.statistics.statistic_id(series))


@pytest.mark.parametrize("failure", [no_answer, unreadable])
async def test_an_issue_is_raised_until_it_is_made_good(
    world: World, failure: Any
) -> None:
    """Without new data: it is tried again, later and later, until the recorder has the hours."""
    with failure():
        await world.begin(forwarded=False)
        await world.wait(MINUTE)
        await world.wait(HOUR)
        assert has_issue(world)
    assert await basal(world) == {}
    await world.wait(HOUR)
    assert len(await basal(world)) > 40
    assert not has_issue(world)
    with patch.object(
        world.runtime.statistics, "async_write", side_effect=AssertionError
    ):
        await world.wait(HOUR)


@pytest.mark.parametrize("failure", [no_answer, unreadable])
async def test_it_is_logged_once_and_when_it_is_over(
    world: World, failure: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Not at every try; and once more when it comes back."""
    caplog.set_level(logging.INFO, "custom_components.tconnectsync")

    def levels() -> list[str]:
        return [
            one.levelname
            for one in caplog.records
            if "recorder" in one.getMessage()
            and one.name == "custom_components.tconnectsync"
        ]

    with failure():
        await world.begin(forwarded=False)
        for _ in range(3):
            await world.wait(HOUR)
    assert levels() == ["WARNING"]
    await world.wait(HOUR)
    assert levels() == ["WARNING", "INFO"]
    with failure():
        await world.upload()
        await world.upload()
    assert levels() == ["WARNING", "INFO", "WARNING"]


def request(world: World) -> BackfillRequest:
    """Ask for two days of long ago."""
    first, last = world.midnight(3).date(), world.midnight(2).date()
    return BackfillRequest(first=first, last=last, features=frozenset())


async def phase_of_another(world: World) -> BackfillPhase:
    """Ask for it again, and return how that ends."""
    world.runtime.backfill.start(request(world))
    await world.settle()
    return world.runtime.backfill.phase


@pytest.mark.usefixtures("no_late_data")
class TestBackfill:
    """It neither runs for ever nor tells that it is done."""

    async def test_it_ends(self, world: World) -> None:
        """With an error, and can be asked for again."""
        await world.begin(forwarded=False)
        running = world.runtime.backfill
        with no_answer():
            running.start(request(world))
            await world.settle()
        assert running.phase is BackfillPhase.FAILED
        assert running.error
        assert await phase_of_another(world) is BackfillPhase.DONE

    async def test_it_can_be_cancelled(self, world: World) -> None:
        """However long the recorder would be waited for."""
        await world.begin(forwarded=False)
        running = world.runtime.backfill
        with (
            no_answer(),
            patch.object(statistics_import, "LONGEST_WAIT_SECONDS", 1000),
            patch.object(backfill, "RECORDER_SECONDS", 0),
        ):
            running.start(request(world))
            running.cancel()
            await world.settle()
        assert running.phase is BackfillPhase.CANCELLED
