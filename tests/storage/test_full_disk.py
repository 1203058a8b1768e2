"""A disk that takes nothing: what is under way ends, is told, and is begun again."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest

from demo.pump import SimulatedPump
from tests.conftest import full_disk, lived
from tests.entity_states import NOON
from tests.world import HOUR, MINUTE, World

pytestmark = pytest.mark.usefixtures("recorder_mock", "no_pauses_between_reads")

ONE_DAY = timedelta(days=1)


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A quiet pump that was worn for seven weeks."""
    freezer.move_to(NOON)
    return lived(50, now=NOON, quiet=True)


async def test_a_backfill_fails_and_can_be_asked_for_again(world: World) -> None:
    """It neither seems to run for ever, nor is it done."""
    await world.begin(days=1)
    asked = {"start_date": world.midnight(5).date(), "end_date": world.today()}
    with full_disk():
        await world.call("backfill", **asked)
        await world.settle()
    backfill = world.runtime.backfill
    assert backfill.phase == "failed"
    assert "No space left on device" in (backfill.error or "")
    await world.call("backfill", **asked)
    await world.settle()
    assert backfill.phase == "done"
    assert backfill.error is None


async def test_what_is_owed_is_tried_again_an_hour_later(world: World) -> None:
    """And not every minute, for each try reads days from Tandem."""
    await world.begin(days=45)
    world.runtime.store.state.pending.add(world.midnight(45).date())
    with full_disk():
        await world.wait(MINUTE)
        assert world.runtime.backfill.phase == "failed"
        asked = world.tandem.count("/pump-logs/")
        await world.wait(MINUTE)
        await world.wait(MINUTE)
        assert world.tandem.count("/pump-logs/") == asked
    await world.wait(HOUR)
    assert world.runtime.backfill.phase == "done"
    assert world.runtime.store.state.pending.first is None


@pytest.mark.usefixtures("no_late_data")
async def test_what_was_held_for_days_is_on_disk_in_the_end(world: World) -> None:
    """However long nothing could be written: after a restart there is no hole."""
    await world.begin(days=1)
    with full_disk():
        for _ in range(3):
            await world.upload(ONE_DAY)
            assert not world.coordinator.last_update_success
            assert world.newest == world.pump.instants[-1]
    await world.poll()
    assert world.coordinator.last_update_success
    held = world.coordinator.data.history
    asked = world.tandem.count("/pump-logs/")
    await world.unload()
    await world.load()
    assert world.coordinator.data.history == held
    assert world.tandem.count("/pump-logs/") == asked
