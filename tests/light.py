"""Slow parts of Home Assistant that tests leave out, since few of them need them."""

import asyncio
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from custom_components.tconnectsync import statistics_import
from custom_components.tconnectsync.statistics_series import GLUCOSE
from custom_components.tconnectsync.storage import file_operations


@pytest.fixture(autouse=True)
def few_statistics(request: pytest.FixtureRequest) -> Iterator[None]:
    """Record only glucose in long-term statistics, or the series that the mark `recorded_series` names.

    Each hour of each series is a query of the recorder.
    """
    mark = request.node.get_closest_marker("recorded_series")
    series = mark.args if mark else (GLUCOSE,)
    with patch.object(statistics_import, "SERIES", series):
        yield


@pytest.fixture(autouse=True)
def enable_event_loop_debug() -> None:
    """Leave asyncio's debug mode off, which records the stack of every future; event_loop_debug turns it on."""


@pytest.fixture
async def event_loop_debug() -> None:
    """Let asyncio raise an error for a call from the wrong thread."""
    asyncio.get_running_loop().set_debug(True)


@pytest.fixture(autouse=True, scope="session")
def no_fsync() -> Iterator[None]:
    """Skip fsync, because no test simulates a power failure."""
    with patch("atomicwrites._proper_fsync"), patch.object(file_operations, "fsync"):
        yield
