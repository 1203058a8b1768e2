"""Simultaneous requests for the same data share one request to Tandem."""

import asyncio
from datetime import datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest

from demo.pump import SimulatedPump
from demo.tandem import Fault
from homeassistant.exceptions import HomeAssistantError

from .conftest import EMAIL, NOON
from .entity_states import quiet_pump
from .tandem.conftest import LoggedPump
from .world import HOUR, MINUTE, ZONE, World

pytestmark = pytest.mark.usefixtures("recorder_mock", "no_pauses_between_reads")

DAY = timedelta(days=1)
SPAN = {"start": NOON - 92 * DAY, "end": NOON, "kinds": ["basal"]}


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A quiet pump, which the fixture "few" replaces."""
    return quiet_pump(freezer)


def log(pump: LoggedPump, instant: datetime) -> None:
    """Let the pump log a basal rate at an instant."""
    wall = instant.astimezone(ZONE).replace(tzinfo=None)
    rates = {"commandedRate": 1000, "commandedRateSource": 1}
    pump.log(wall.isoformat(), **rates, profileBasalRate=1000)


@pytest.fixture
def few(world: World) -> LoggedPump:
    """A pump with one event every six hours for a hundred days, so that its past is read quickly."""
    few = LoggedPump()
    for number in range(400):
        log(few, NOON - 100 * DAY + number * 6 * HOUR)
    account = world.tandem.accounts[EMAIL.lower()]
    account.pumps.clear()
    account.add_pump(few).upload()
    return few


def upload(world: World) -> None:
    """Let the pump log and upload an hour later."""
    world.freezer.tick(HOUR)
    pump = world.listed.pump
    assert isinstance(pump, LoggedPump)
    log(pump, datetime.now(ZONE))
    world.listed.upload()


@pytest.mark.usefixtures("few")
class TestPast:
    """Requests for the same past at the same time, or soon after each other, are shared."""

    @pytest.fixture
    async def pages(self, world: World) -> int:
        """The number of log requests for one span, which was read twenty minutes ago."""
        await world.begin(forwarded=False)
        world.tandem.requests.clear()
        await world.call("get_history", **SPAN)
        pages = world.tandem.count("/pump-logs/")
        assert pages > 20
        world.freezer.tick(20 * MINUTE)
        world.tandem.requests.clear()
        return pages

    async def test_ten_at_once_cost_what_one_does(
        self, world: World, pages: int
    ) -> None:
        """Ten simultaneous calls need the requests of one and get the same response."""
        answers = await asyncio.gather(
            *(world.call("get_history", **SPAN) for _ in range(10))
        )
        assert world.tandem.count("/pump-logs/") == pages
        assert answers == [answers[0]] * 10
        assert answers[0] and len(answers[0]["basal"]) > 100

    async def test_ten_in_a_few_minutes_cost_what_one_does(
        self, world: World, pages: int
    ) -> None:
        """Ten calls within a few minutes need the requests of one, as nothing was uploaded meanwhile."""
        answers = []
        for _ in range(10):
            answers.append(await world.call("get_history", **SPAN))
            world.freezer.tick(0.5 * MINUTE)
            await world.poll()
        assert world.tandem.count("/pump-logs/") == pages
        assert answers == [answers[0]] * 10

    async def test_spans_share_what_they_have_in_common(
        self, world: World, pages: int
    ) -> None:
        """Overlapping spans share their common days, and a report shares them too."""
        spans = [
            SPAN | {"start": NOON - (92 - days) * DAY, "end": NOON - days * DAY}
            for days in range(10)
        ]
        await asyncio.gather(
            *(world.call("get_history", **span) for span in spans),
            world.call("get_report", days=90),
        )
        assert world.tandem.count("/pump-logs/") <= pages

    async def test_after_ten_minutes_it_is_read_again(
        self, world: World, pages: int
    ) -> None:
        """The past is read again after ten minutes, because late data may have arrived."""
        await world.call("get_history", **SPAN)
        world.freezer.tick(11 * MINUTE)
        await world.call("get_history", **SPAN)
        assert world.tandem.count("/pump-logs/") == 2 * pages

    async def test_after_an_upload_it_is_read_again(
        self, world: World, pages: int
    ) -> None:
        """The past is read again after an upload, which may include late data."""
        await world.call("get_history", **SPAN)
        world.freezer.tick(MINUTE)
        world.listed.upload()
        await world.poll()
        world.tandem.requests.clear()
        await world.call("get_history", **SPAN)
        assert world.tandem.count("/pump-logs/") == pages

    async def test_a_backfill_shares_nothing(self, world: World, pages: int) -> None:
        """A backfill always reads the current data."""
        await world.call("get_history", **SPAN)
        world.tandem.requests.clear()
        day = world.today() - 40 * DAY
        await world.call("backfill", start_date=day, end_date=day, dry_run=True)
        assert world.tandem.count("/pump-logs/") > 1

    async def test_all_that_wait_share_an_error(self, world: World, pages: int) -> None:
        """A failed request fails all calls that wait for it; the next call sends a new one."""
        world.tandem.faults.add(Fault(path="/pump-logs/", status=503, times=None))
        answers = await asyncio.gather(
            *(world.call("get_history", **SPAN) for _ in range(10)),
            return_exceptions=True,
        )
        assert {type(answer) for answer in answers} == {HomeAssistantError}
        assert world.tandem.count("/pump-logs/") == 1
        world.tandem.faults.clear()
        assert await world.call("get_history", **SPAN)


@pytest.mark.usefixtures("few")
class TestSync:
    """tconnectsync.sync and the button."""

    async def test_ten_at_once_share_one_request(self, world: World) -> None:
        """Simultaneous syncs poll Tandem once and read each page of the log once."""
        await world.begin(forwarded=False)
        upload(world)
        world.tandem.requests.clear()
        await asyncio.gather(*(world.call("sync") for _ in range(10)))
        asked = [seen.path for seen in world.tandem.requests]
        assert asked.count(asked[0]) == 1
        assert world.tandem.count("/pump-logs/") == 2

    async def test_all_that_asked_learn_what_went_wrong(self, world: World) -> None:
        """A failed request raises an error in each of the calls."""
        await world.begin(forwarded=False)
        world.tandem.faults.add(Fault(path="/pumper/", status=503))
        world.tandem.requests.clear()
        answers = await asyncio.gather(
            *(world.call("sync") for _ in range(10)), return_exceptions=True
        )
        assert {type(answer) for answer in answers} == {HomeAssistantError}
        assert len(world.tandem.requests) == 1

    async def test_one_that_gives_up_takes_nothing_from_the_others(
        self, world: World
    ) -> None:
        """A cancelled sync does not interrupt the others."""
        await world.begin(forwarded=False)
        before = world.newest
        upload(world)
        first, second = (asyncio.create_task(world.call("sync")) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        await second
        assert first.cancelled()
        assert world.newest > before

    async def test_tandem_may_be_tried_once_before_its_time(self, world: World) -> None:
        """A user may sync once before the time in Retry-After, for example after an outage."""
        await world.begin(forwarded=False)
        world.tandem.faults.add(
            Fault(
                path="/pumper/",
                status=503,
                headers={"Retry-After": "86400"},
                times=None,
            )
        )
        await world.poll()
        world.tandem.requests.clear()
        for _ in range(5):
            with pytest.raises(HomeAssistantError):
                await world.call("sync")
        assert len(world.tandem.requests) == 1
        await world.wait(6 * MINUTE)
        world.tandem.faults.clear()
        upload(world)
        await world.call("sync")
        assert world.coordinator.last_update_success
