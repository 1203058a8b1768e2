"""Pauses between requests of pages, over any number of requests."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations
import time
from unittest.mock import patch

from freezegun import freeze_time
from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.tandem.rate_limit import RateLimit

AT_ONCE, PAUSE, REST = 12, 0.5, 5.0

type Page = tuple[float, float, bool]
"""Seconds before the request, seconds until its answer, and whether the answer is good."""

PAGES = st.tuples(
    st.sampled_from([0, 0, 0, 0.2, 1, 10, 1000]),
    st.sampled_from([0, 0.1, 3]),
    st.integers(0, 9).map(bool),
)


@pytest.fixture(autouse=True)
def no_pauses_between_pages() -> Iterator[None]:
    """Use the real pauses instead of the ones in tests."""
    with patch("custom_components.tconnectsync.tandem.rate_limit.PAUSE_SECONDS", PAUSE):
        yield


def rests_before(pages: list[Page]) -> list[float]:
    """Return how long Tandem rested before each page but the first."""
    with freeze_time("2026-05-15T12:00:00Z") as clock:

        async def sleep(seconds: float) -> None:
            clock.tick(timedelta(seconds=seconds))

        async def read() -> list[float]:
            rate_limit, answered, rests = RateLimit(sleep), None, []
            for idle, takes, well in pages:
                await sleep(idle)
                await rate_limit.wait()
                if answered is not None:
                    rests.append(time.monotonic() - answered)
                await sleep(takes)
                answered = time.monotonic()
                rate_limit.note_response(ok=well)
            return rests

        return asyncio.run(read())


def test_a_dozen_pages_at_once() -> None:
    """After twelve pages each one waits; the time of a slow answer is no rest."""
    for takes in (0.0, 60.0):
        rests = rests_before([(0, takes, True)] * (AT_ONCE + 3))
        assert rests == pytest.approx([0] * (AT_ONCE - 1) + [PAUSE] * 3)


def test_a_minute_of_rest_gives_all_of_them_back() -> None:
    """A longer rest allows no more pages than a minute does."""
    used = [(0.0, 0.0, True)] * AT_ONCE
    for rest, at_once in ((5.0, 1), (20.0, 4), (60.0, AT_ONCE), (86400.0, AT_ONCE)):
        after = rests_before([*used, (rest, 0, True), *used])[AT_ONCE:]
        assert after.count(0) == at_once - 1


@given(st.lists(PAGES, max_size=60))
def test_never_more_than_its_rest_allows(pages: list[Page]) -> None:
    """Any pattern of requests and answers stays within the pages that the rests allow."""
    rests = rests_before(pages)
    soon = [rest < PAUSE - 1e-3 for rest in rests]
    for (_, _, well), is_soon in zip(pages, soon, strict=False):
        assert well or not is_soon
    for first, last in combinations(range(len(rests) + 1), 2):
        allowed = AT_ONCE + sum(rests[first:last]) / REST
        assert sum(soon[first:last]) <= allowed


def test_a_clock_that_goes_back_lengthens_no_pause() -> None:
    """The pause stays the same when the clock goes back."""
    pauses = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    async def read() -> None:
        rate_limit = RateLimit(sleep)
        with freeze_time("2026-05-15T12:00:00Z") as clock:
            rate_limit.note_response(ok=False)
            clock.tick(-3600)
            await rate_limit.wait()

    asyncio.run(read())
    assert pauses == [PAUSE]
