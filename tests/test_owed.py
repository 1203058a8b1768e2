"""What is owed: days that are older than what is kept are caught up with, oldest first."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest

from demo.pump import SimulatedPump
from demo.tandem import Fault

from .shown import NOON
from .sums import basal, begin_of, bolus
from .world import ZONE, World

pytestmark = pytest.mark.usefixtures("recorder_mock", "swift_sweeps")

DAY = timedelta(days=1)


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A pump that was worn for seven weeks."""
    freezer.move_to(NOON)
    pump = SimulatedPump(start=NOON - 49 * DAY, time_zone=ZONE, seed=3)
    pump.run_until(NOON)
    return pump


def assert_complete(world: World, days_ago: int) -> None:
    """Every unit since a midnight stands in Nightscout, once."""
    held = world.nightscout.documents("treatments")
    begin = max(
        world.midnight(days_ago),
        min(begin_of(one) for one in held if "absolute" in one),
    )
    assert begin - world.midnight(days_ago) < timedelta(minutes=6)
    end = world.newest
    assert basal(held, begin, end) == pytest.approx(
        world.pump.basal_delivered(begin, end), abs=0.01
    )
    assert bolus(held, begin, end) == pytest.approx(
        world.pump.bolus_delivered(begin, end), abs=0.01
    )
    assert len({one["identifier"] for one in held}) == len(held)


async def catch_up(world: World) -> None:
    """Let what is due be done."""
    for _ in range(3):
        await world.poll()
        await world.wait(timedelta(minutes=1))
    assert "owed_from" not in world.coordinator.store.notes


async def test_more_days_to_send_at_first_than_are_kept(world: World) -> None:
    """They are sent once what is kept has been."""
    await world.begin(days=45)
    await catch_up(world)
    assert_complete(world, 45)


async def test_an_outage_that_was_longer_than_what_is_kept(world: World) -> None:
    """Nothing between before and after is left out."""
    await world.begin(days=1)
    await world.unload()
    world.live(45 * DAY)
    world.listed.upload()
    await world.load()
    await catch_up(world)
    assert_complete(world, 46)


async def test_trouble_meanwhile_is_tried_again_later(world: World) -> None:
    """What is owed stays noted over a restart."""
    world.tandem.faults.add(Fault(path="/pump-logs/", times=None, skip=22, status=404))
    await world.begin(days=45)
    await world.poll()
    assert "owed_from" in world.coordinator.store.notes
    world.tandem.faults.clear()
    await world.reload()
    await catch_up(world)
    assert_complete(world, 45)
