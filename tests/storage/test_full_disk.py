"""A full disk: running work ends, the error is reported, and the work is done later."""

from collections.abc import Iterator
from datetime import timedelta
import gc
from pathlib import Path

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tconnectsync.const import CONF_FEATURES
from custom_components.tconnectsync.nightscout.features import Feature
from demo.pump import SimulatedPump
from homeassistant.config_entries import ConfigEntryState
from tests.conftest import NOON, full_disk, lived
from tests.world import HOUR, MINUTE, World

pytestmark = pytest.mark.usefixtures("recorder_mock", "no_pauses_between_reads")

ONE_DAY = timedelta(days=1)


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A quiet pump that was in use for seven weeks."""
    freezer.move_to(NOON)
    return lived(50, now=NOON, quiet=True)


async def test_a_backfill_fails_and_can_be_asked_for_again(world: World) -> None:
    """The backfill ends as failed, and succeeds when it is requested again."""
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


async def test_what_is_pending_is_tried_again_an_hour_later(world: World) -> None:
    """Pending days are not retried every minute, because each try reads days from Tandem."""
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
    """After days without a writable disk, a restart shows no hole."""
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


@pytest.fixture
def nothing_unheard(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Check that no task ends with an error that was never retrieved."""
    yield
    gc.collect()
    assert "never retrieved" not in caplog.text


@pytest.mark.usefixtures("no_late_data", "nothing_unheard")
async def test_an_account_is_set_up_all_the_same(world: World) -> None:
    """State changed at set-up is written once the disk has room; without set-up alarms would be missing."""
    await world.begin(["bolus"], days=1)
    with full_disk():
        world.update(options={CONF_FEATURES: ["bolus", "cgm"]})
        await world.reload()
        assert world.entry.state is ConfigEntryState.LOADED
        assert world.newest == world.pump.instants[-1]
        switched_on = world.today()
        await world.upload(ONE_DAY)
    await world.upload()
    await world.reload()
    assert world.forwarding.starts[Feature.CGM] == switched_on


@pytest.mark.usefixtures("no_late_data", "nothing_unheard")
async def test_an_account_with_a_lost_day_is_set_up_all_the_same(world: World) -> None:
    """If the loss cannot be saved now, the next start detects it again."""
    await world.begin(days=1)
    await world.unload()
    folder = Path(world.hass.config.path(".storage/tconnectsync"))
    lost = sorted(folder.glob("*/events/*/*"))[-3]
    lost.unlink()
    with full_disk():
        await world.load()
    assert world.entry.state is ConfigEntryState.LOADED
    await world.poll()
    assert world.coordinator.last_update_success
    assert lost.exists()


@pytest.mark.usefixtures("no_late_data", "nothing_unheard")
async def test_a_pump_that_takes_over_is_noted_in_the_end(world: World) -> None:
    """The pump stays in memory until the disk has room, and unloading meanwhile raises no error."""
    await world.begin(days=1)
    used = world.runtime.store.state.pumps_used.serial_numbers
    with full_disk():
        used.clear()
        await world.poll(2)
        assert used == [world.pump.serial_number]
        await world.unload()
    await world.load()
    await world.poll(2)
    await world.reload()
    used = world.runtime.store.state.pumps_used.serial_numbers
    assert used == [world.pump.serial_number]
