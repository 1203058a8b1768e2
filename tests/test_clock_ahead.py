"""A machine clock that is temporarily far ahead or behind leaves no trace once it is correct."""

from datetime import timedelta
from pathlib import Path

from freezegun.api import FrozenDateTimeFactory
import pytest

from demo.nightscout.faults import Fault
from demo.pump import SimulatedPump
from tests.raw_events import files_in

from .conftest import NOON, lived
from .undisturbed import FEATURES
from .world import HOUR, MINUTE, World

pytestmark = pytest.mark.usefixtures("recorder_mock", "no_pauses_between_reads")


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A pump that was set up two days ago."""
    freezer.move_to(NOON)
    return lived(2, now=NOON, seed=3)


def fired(world: World) -> dict[str, str]:
    """Return the states of the event entities."""
    return {one.entity_id: one.state for one in world.hass.states.async_all("event")}


@pytest.mark.parametrize("days", [-400, 3, 20, 400])
async def test_ahead_for_one_start(world: World, days: int) -> None:
    """The wrong start adds no file, document or event, and later uploads work as usual."""
    await world.begin(FEATURES, days=3)
    await world.upload()
    await world.wait(MINUTE)
    folder = Path(world.hass.config.path(".storage", "tconnectsync"))
    files, documents = files_in(folder), world.nightscout.documents("treatments")
    fired_before = fired(world)
    await world.unload()
    world.freezer.tick(timedelta(days=days))
    await world.load()
    await world.wait(MINUTE)
    await world.unload()
    world.freezer.tick(-timedelta(days=days))
    await world.load()
    await world.wait(MINUTE)
    assert files_in(folder) == files
    assert world.nightscout.documents("treatments") == documents
    assert fired(world) == fired_before
    await world.upload(HOUR)
    assert world.newest == world.pump.instants[-1]
    assert world.forwarding.status.pending == 0
    assert not any(
        world.runtime.late_data.is_due(world.coordinator.data.pumper) for _ in range(2)
    )


@pytest.mark.parametrize("days", [3, 20, 400])
async def test_ahead_while_it_is_set_up(world: World, days: int) -> None:
    """Events of the first sync are not fired when the clock is correct again; later events are."""
    world.freezer.tick(timedelta(days=days))
    await world.begin(FEATURES, days=3)
    await world.unload()
    world.freezer.tick(-timedelta(days=days))
    await world.load()
    await world.wait(MINUTE)
    assert set(fired(world).values()) == {"unknown"}
    world.pump.provoke_alarm(2)
    await world.upload(HOUR)
    assert fired(world)["event.t_slim_x2_alarm_raised"] != "unknown"


async def test_put_right_while_it_runs(world: World) -> None:
    """A retry after an error is due as soon as the clock is correct again."""
    await world.begin(FEATURES, days=3)
    world.freezer.tick(timedelta(days=400))
    world.nightscout.faults.add(Fault(status=503, times=None))
    world.pump.run_for(hours=1)
    world.listed.upload(at=world.pump.now)
    await world.poll()
    assert world.forwarding.status.error
    assert not world.forwarding.is_due
    world.freezer.tick(timedelta(days=-400))
    assert world.forwarding.is_due


async def test_an_alarm_that_came_by_then_is_fired_once_the_clock_is_right(
    world: World,
) -> None:
    """An alarm that seemed too old by the wrong clock is fired after the correction, without a new upload."""
    await world.begin(FEATURES, days=3)
    await world.unload()
    world.pump.provoke_alarm(2)
    world.pump.run_for(hours=1)
    world.listed.upload(at=world.pump.now)
    world.freezer.move_to(world.pump.now + timedelta(days=20))
    await world.load()
    assert set(fired(world).values()) == {"unknown"}
    world.freezer.move_to(world.pump.now + MINUTE)
    world.coordinator.async_update_listeners()
    assert fired(world)["event.t_slim_x2_alarm_raised"] != "unknown"


@pytest.mark.parametrize("hours", [30, 24 * 20])
async def test_what_was_read_by_a_clock_that_was_behind_is_shown_once_it_is_right(
    world: World, hours: int
) -> None:
    """A machine without a battery clock starts in the past; its data is shown without a new upload."""
    await world.begin(FEATURES, days=3)
    await world.unload()
    world.pump.run_for(hours=hours)
    world.listed.upload(at=world.pump.now)
    await world.load()
    world.freezer.move_to(world.pump.now + MINUTE)
    await world.poll(2)
    assert world.newest == world.pump.instants[-1]
    assert world.coordinator.data.last_upload == world.listed.last_upload
    assert (
        len(world.runtime.store.event_stores[world.pump.serial_number].days)
        >= hours // 24
    )
    world.tandem.requests.clear()
    await world.poll()
    assert world.tandem.count("/pump-logs/") == 0
