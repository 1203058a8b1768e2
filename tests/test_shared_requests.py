"""However many ask for the same, Tandem is asked once."""

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
    """A quiet pump, which gives way to the one that a test is about."""
    return quiet_pump(freezer)


def log(pump: LoggedPump, instant: datetime) -> None:
    """Have a rate logged at an instant."""
    wall = instant.astimezone(ZONE).replace(tzinfo=None)
    rates = {"commandedRate": 1000, "commandedRateSource": 1}
    pump.log(wall.isoformat(), **rates, profileBasalRate=1000)


@pytest.fixture
def few(world: World) -> LoggedPump:
    """A pump that logged a rate every six hours for a hundred days, so that much past is soon read."""
    few = LoggedPump()
    for number in range(400):
        log(few, NOON - 100 * DAY + number * 6 * HOUR)
    account = world.tandem.accounts[EMAIL.lower()]
    account.pumps.clear()
    account.add_pump(few).upload()
    return few


def upload(world: World) -> None:
    """Let an hour go by and the phone upload what the pump logged."""
    world.freezer.tick(HOUR)
    pump = world.listed.pump
    assert isinstance(pump, LoggedPump)
    log(pump, datetime.now(ZONE))
    world.listed.upload()


@pytest.mark.usefixtures("few")
class TestPast:
    """Whoever asks for the same past at the same time, or soon after, shares the requests."""

    @pytest.fixture
    async def pages(self, world: World) -> int:
        """How many requests for pump logs one question costs, asked twenty minutes ago."""
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
        """And all get the same answer."""
        answers = await asyncio.gather(
            *(world.call("get_history", **SPAN) for _ in range(10))
        )
        assert world.tandem.count("/pump-logs/") == pages
        assert answers == [answers[0]] * 10
        assert answers[0] and len(answers[0]["basal"]) > 100

    async def test_ten_in_a_few_minutes_cost_what_one_does(
        self, world: World, pages: int
    ) -> None:
        """Nothing was uploaded meanwhile that could have changed the answer."""
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
        """Wherever they begin, and a report as well."""
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
        """What Tandem has of the past may be other by then."""
        await world.call("get_history", **SPAN)
        world.freezer.tick(11 * MINUTE)
        await world.call("get_history", **SPAN)
        assert world.tandem.count("/pump-logs/") == 2 * pages

    async def test_after_an_upload_it_is_read_again(
        self, world: World, pages: int
    ) -> None:
        """It may have brought what is late."""
        await world.call("get_history", **SPAN)
        world.freezer.tick(MINUTE)
        world.listed.upload()
        await world.poll()
        world.tandem.requests.clear()
        await world.call("get_history", **SPAN)
        assert world.tandem.count("/pump-logs/") == pages

    async def test_a_backfill_shares_nothing(self, world: World, pages: int) -> None:
        """What it sends is what Tandem has at that time."""
        await world.call("get_history", **SPAN)
        world.tandem.requests.clear()
        day = world.today() - 40 * DAY
        await world.call("backfill", start_date=day, end_date=day, dry_run=True)
        assert world.tandem.count("/pump-logs/") > 1

    async def test_all_that_wait_share_an_error(self, world: World, pages: int) -> None:
        """One request fails, and nobody asks again at once; the next who comes does."""
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
        """Tandem is asked once for the pumps, and once for each page of the log."""
        await world.begin(forwarded=False)
        upload(world)
        world.tandem.requests.clear()
        await asyncio.gather(*(world.call("sync") for _ in range(10)))
        asked = [seen.path for seen in world.tandem.requests]
        assert asked.count(asked[0]) == 1
        assert world.tandem.count("/pump-logs/") == 2

    async def test_all_that_asked_learn_what_went_wrong(self, world: World) -> None:
        """One request, one error each."""
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
        """What it began goes on."""
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
        """Who knows that it is back need not wait for an hour."""
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
