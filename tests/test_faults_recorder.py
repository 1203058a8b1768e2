"""Recorder errors: all waits end, an issue is raised, and the hours are written after recovery."""

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
    """Let the recorder lose all requests, as after a database error."""
    with (
        patch.object(SynchronizeTask, "run"),
        patch.object(statistics_import, "LONGEST_WAIT_SECONDS", 0),
    ):
        yield


@contextmanager
def unreadable() -> Iterator[None]:
    """Let every read from the database fail."""
    with patch.object(
        statistics_import, "statistics_during_period", side_effect=LOCKED
    ):
        yield


def has_issue(world: World) -> bool:
    """Return whether the issue of the recorder is raised."""
    name = issue_id(world.entry.entry_id, Issue.RECORDER_FAILED)
    return ir.async_get(world.hass).async_get_issue("tconnectsync", name) is not None


async def basal(world: World) -> dict[Any, Any]:
    """Return the recorded hours of basal insulin."""
    (series,) = (one for one in SERIES if one.key == "basal")
    return await recorded(world.hass, world.runtime.statistics.statistic_id(series))


@pytest.mark.parametrize("failure", [no_answer, unreadable])
async def test_an_issue_is_raised_until_it_is_made_good(
    world: World, failure: Any
) -> None:
    """Writing is retried with growing pauses, without new data, until the hours are recorded."""
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
    """The error is logged once and its end once, and a new error is logged again."""
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
    """Return a request for a backfill of two past days."""
    first, last = world.midnight(3).date(), world.midnight(2).date()
    return BackfillRequest(first=first, last=last, features=frozenset())


async def phase_of_another(world: World) -> BackfillPhase:
    """Start another backfill, and return the phase in which it ends."""
    world.runtime.backfill.start(request(world))
    await world.settle()
    return world.runtime.backfill.phase


@pytest.mark.usefixtures("no_late_data")
class TestBackfill:
    """A backfill neither runs forever nor reports success."""

    async def test_it_ends(self, world: World) -> None:
        """The backfill fails with an error, and can be started again."""
        await world.begin(forwarded=False)
        running = world.runtime.backfill
        with no_answer():
            running.start(request(world))
            await world.settle()
        assert running.phase is BackfillPhase.FAILED
        assert running.error
        assert await phase_of_another(world) is BackfillPhase.DONE

    async def test_it_can_be_cancelled(self, world: World) -> None:
        """Cancelling works while the backfill waits for the recorder."""
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
