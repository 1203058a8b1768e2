"""Days of long ago give the same records as if they had been read when they were new."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from datetime import date, timedelta
from functools import cache
import gc
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tconnectsync.nightscout.document import PumpIdentity
from custom_components.tconnectsync.nightscout.documents import documents
from custom_components.tconnectsync.nightscout.features import Feature, context_days
from custom_components.tconnectsync.read.account_reader import AccountReader
from custom_components.tconnectsync.read.older_days import CompleteDays, older_days
from custom_components.tconnectsync.tandem import PumpLog, TandemBusy
from custom_components.tconnectsync.therapy.history import History
from demo.pump import SimulatedPump
from demo.tandem import Fault
from homeassistant.util import dt as dt_util
from tests.conftest import EMAIL, NOON, TIME_ZONE
from tests.therapy.pump_days import history
from tests.world import ZONE, World, lived_until_noon

pytestmark = pytest.mark.usefixtures("recorder_mock", "no_late_data")

DAY = timedelta(days=1)
TODAY = NOON.date()
LIVED = 75
IDENTITY = PumpIdentity(serial_number="", model="")


@cache
def whole() -> History:
    """Return the history of the pump, derived from all of its events."""
    return history(lived_until_noon(LIVED, seed=3).events, zone=TIME_ZONE)


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """The pump at the end of its time."""
    freezer.move_to(NOON)
    return lived_until_noon(LIVED, seed=3)


def wear(world: World, pump: SimulatedPump) -> None:
    """Make this the only pump that the person ever had."""
    account = world.tandem.accounts[EMAIL.lower()]
    account.pumps.clear()
    account.add_pump(pump).upload()


async def read(
    world: World, first: date, last: date, *features: Feature
) -> list[CompleteDays]:
    """Return the complete days of a span, read with as much around them as these features need."""
    return [part async for part in reading(world, (first, last), *features)]


def reading(
    world: World, days: tuple[date, date], *features: Feature
) -> AsyncGenerator[CompleteDays]:
    """Read the complete days of a span, one part after the other."""
    runtime = world.runtime
    return older_days(
        runtime.reader,
        runtime.store,
        runtime.coordinator.data.pumper,
        runtime.zone,
        days,
        context_days=context_days(*features),
    )


def pages(world: World) -> list[date]:
    """Return the first day of each page that was requested."""
    return [
        date.fromisoformat(one.query["startDate"][:10])
        for one in world.tandem.requests
        if "pump-logs" in one.path
    ]


def days_of(part: CompleteDays) -> list[date]:
    """Return all days of some complete days."""
    length = (part.last - part.first).days + 1
    return [part.first + DAY * number for number in range(length)]


def documents_of(of: History, days: set[date]) -> Iterator[tuple[str, str]]:
    """Yield the Nightscout documents of some days, without the fields that name the pump."""
    for document in documents(of, IDENTITY, frozenset(Feature)):
        if document.day in days:
            yield document.identifier, document.hash


def span(first: int, last: int) -> tuple[date, date]:
    """Return the span of days between these many days ago."""
    return TODAY - first * DAY, TODAY - last * DAY


@pytest.mark.parametrize("ago", [(70, 57), (52, 40), (60, 60), (40, 0)])
async def test_each_day_once_and_as_it_was(world: World, ago: tuple[int, int]) -> None:
    """Days read in parts or at once give the same records."""
    await world.begin(forwarded=False)
    first, last = span(*ago)
    parts = await read(world, first, last, *Feature)
    days = [day for part in parts for day in days_of(part)]
    assert days == [first + DAY * n for n in range((last - first).days + 1)]
    pieces = [
        one
        for part in parts
        for of in part.histories.values()
        for one in documents_of(of, set(days_of(part)))
    ]
    assert len(pieces) == len(set(pieces))
    assert set(pieces) == set(documents_of(whole(), set(days)))


async def test_a_day_waits_until_what_began_on_it_has_ended(world: World) -> None:
    """A pump that lay suspended in a drawer for nine days has one suspension of nine days."""
    pump = SimulatedPump(start=NOON - 50 * DAY, time_zone=ZONE, quiet=True)
    pump.run_for(days=2)
    pump.suspend()
    pump.run_for(days=9)
    pump.resume()
    pump.run_until(NOON)
    wear(world, pump)
    await world.begin(forwarded=False)
    parts = await read(world, *span(50, 47))
    found = [
        one.end - one.start
        for part in parts
        for of in part.histories.values()
        for one in of.suspensions
        if part.first <= one.day <= part.last
    ]
    assert found == [9 * DAY]


async def test_the_last_days_of_a_pump_wait_for_nothing(
    world: World, freezer: FrozenDateTimeFactory
) -> None:
    """The last records of a replaced pump never end, so its last days are passed on at once."""
    new = SimulatedPump(
        start=NOON, time_zone=ZONE, serial_number="44332211", quiet=True
    )
    freezer.tick(40 * DAY)
    new.run_until(dt_util.utcnow())
    world.tandem.accounts[EMAIL.lower()].add_pump(new).upload()
    await world.begin(forwarded=False)
    world.tandem.requests.clear()
    parts = await read(world, TODAY - DAY, TODAY)
    assert set().union(*(part.days for part in parts)) == {TODAY - DAY, TODAY}
    assert all(world.pump.serial_number in part.histories for part in parts)
    asked = [one for one in world.tandem.requests if "pump-logs" in one.path]
    assert len(asked) <= 5


async def test_nothing_is_waited_for_longer_than_four_weeks(world: World) -> None:
    """A record that never ended is passed on as it is after four weeks."""
    pump = SimulatedPump(start=NOON - 62 * DAY, time_zone=ZONE, quiet=True)
    pump.run_for(days=1)
    pump.suspend()
    pump.run_until(NOON)
    wear(world, pump)
    await world.begin(forwarded=False)
    world.tandem.requests.clear()
    parts = await read(world, *span(61, 61))
    assert [part.first for part in parts] == [TODAY - 61 * DAY]
    asked = [one for one in world.tandem.requests if "pump-logs" in one.path]
    assert len(asked) == 11


async def test_days_of_which_nothing_is_known(world: World) -> None:
    """A day without events does not count as a day on which nothing was delivered."""
    await world.begin(forwarded=False)
    first, last = TODAY - (LIVED + 5) * DAY, TODAY - (LIVED - 1) * DAY
    parts = await read(world, first, last)
    assert parts[-1].last == last
    known = frozenset().union(*(part.days for part in parts))
    assert known == {TODAY - LIVED * DAY, TODAY - (LIVED - 1) * DAY}


async def test_nobody_wore_a_pump(world: World) -> None:
    """Without a pump nothing is read, and the span is complete at once."""
    await world.begin(forwarded=False)
    world.tandem.requests.clear()
    parts = await read(world, date(2020, 5, 1), date(2020, 5, 31))
    assert days_of(parts[-1])[-1] == date(2020, 5, 31)
    assert not any(part.days or part.histories for part in parts)
    assert world.tandem.requests == []


async def test_little_is_held_at_a_time(world: World) -> None:
    """Two months are read in parts, each as small as one of two days."""
    await world.begin(forwarded=False)
    held = [
        len(of.readings)
        for part in await read(world, *span(45, 1))
        for of in part.histories.values()
    ]
    assert len(held) > 10
    assert max(held) < 8 * 288


class TestTheNextPage:
    """The next page is read while the days before it are passed on."""

    async def test_one_page_and_no_more(self, world: World) -> None:
        """Only one page is read ahead, however long passing on takes."""
        await world.begin(forwarded=False)
        async with aclosing(reading(world, span(60, 45))) as found:
            part = await anext(found)
            await asked_for(world, part.last + 3 * DAY)
            for _ in range(100):
                await asyncio.sleep(0)
            assert pages(world)[-1] <= part.last + 5 * DAY

    async def test_none_that_is_not_needed(self, world: World) -> None:
        """Pages up to two days after the span are read, each once."""
        await world.begin(forwarded=False)
        for length in range(3):
            world.tandem.requests.clear()
            first, last = span(50 + length, 50)
            await read(world, first, last)
            asked = pages(world)
            assert asked == [asked[0] + 3 * DAY * n for n in range(len(asked))]
            assert asked[0] <= first - DAY < asked[0] + 3 * DAY
            assert asked[-1] <= last + 2 * DAY < asked[-1] + 3 * DAY

    async def test_what_came_before_an_error_is_passed_on(self, world: World) -> None:
        """Days read before an error are passed on; the error is raised in place of its page."""
        await world.begin(forwarded=False)
        async with aclosing(reading(world, span(60, 45))) as found:
            part = await anext(found)
            await asked_for(world, part.last + 3 * DAY)
            world.tandem.faults.add(Fault(path="/pump-logs/", status=503, times=None))
            following = await anext(found)
            assert following.first == part.last + DAY
            with pytest.raises(TandemBusy):
                await anext(found)

    async def test_whoever_leaves_stops_it(self, world: World) -> None:
        """Reading stops when the consumer leaves."""
        await world.begin(forwarded=False)
        began, ended = asyncio.Event(), asyncio.Event()

        async def never_answered(*_: Any, **__: Any) -> PumpLog:
            began.set()
            try:
                return await asyncio.Future[PumpLog]()
            finally:
                ended.set()

        async with aclosing(reading(world, span(60, 45))) as found:
            part = await anext(found)
            await asked_for(world, part.last + 3 * DAY)
            with patch.object(AccountReader, "read_past", never_answered):
                await anext(found)
                await began.wait()
        assert ended.is_set()

    async def test_nobody_hears_of_an_error_that_nobody_waits_for(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        """An error that no consumer waits for is dropped without a log entry, and later reads work as before."""
        await world.begin(forwarded=False)
        async with aclosing(reading(world, span(60, 45))) as found:
            part = await anext(found)
            await asked_for(world, part.last + 3 * DAY)
            fault = world.tandem.faults.add(Fault(path="/pump-logs/", status=503))
            await anext(found)
            while fault.times:
                await asyncio.sleep(0)
        await read(world, *span(50, 50))
        gc.collect()
        assert "never retrieved" not in caplog.text


async def asked_for(world: World, day: date) -> None:
    """Return when a page that contains this day or a later one was requested."""
    while pages(world)[-1] + 2 * DAY < day:
        await asyncio.sleep(0)
