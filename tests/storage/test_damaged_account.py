"""With any damage to an account's file the account is set up, and Nightscout has everything once."""

import json
from pathlib import Path

from freezegun.api import FrozenDateTimeFactory
from hypothesis import HealthCheck, Phase, given, settings, strategies as st
import pytest

from demo.pump import SimulatedPump
from homeassistant.config_entries import ConfigEntryState
from tests.conftest import NOON, lived
from tests.damage import damaged
from tests.undisturbed import FEATURES, assert_in_step
from tests.world import MINUTE, World

pytestmark = pytest.mark.usefixtures("recorder_mock", "no_pauses_between_reads")


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A pump that was set up two days ago."""
    freezer.move_to(NOON)
    return lived(2, now=NOON, seed=3)


@pytest.fixture
async def forwarded(world: World) -> World:
    """An account that has been forwarded for some days."""
    await world.begin([*FEATURES, "profiles"], days=3)
    await world.upload()
    await world.wait(MINUTE)
    return world


def state_file(world: World) -> Path:
    """Return the file of the account's state."""
    folder = world.hass.config.path(".storage", "tconnectsync", world.entry.entry_id)
    return Path(folder) / "account.json"


async def assert_whole(world: World) -> None:
    """Check that everything that happened is in Nightscout once and is shown."""
    await world.poll()
    await world.wait(MINUTE)
    assert world.coordinator.data.pump
    assert world.newest == world.pump.instants[-1]
    await assert_in_step(
        world.hass, world.entry, world.listed, world.nightscout, "15.0.7"
    )
    profiles = [one["startDate"] for one in world.nightscout.documents("profile")]
    assert len(profiles) == len(set(profiles)) == 1


@settings(
    max_examples=15,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32))
async def test_any_edit(forwarded: World, seed: int) -> None:
    """An edit that leaves the file valid JSON costs one part of the state at most, and that part recovers."""
    world = forwarded
    await world.unload()
    path = state_file(world)
    whole = path.read_bytes()
    content = damaged(json.loads(whole), seed)
    path.write_text(json.dumps(content))
    await world.hass.config_entries.async_setup(world.entry.entry_id)
    if world.entry.error_reason_translation_key == "kept_by_newer_version":
        assert type(content["version"]) is int
        assert content["version"] > 2
        path.write_bytes(whole)
        await world.hass.config_entries.async_reload(world.entry.entry_id)
    assert world.entry.state is ConfigEntryState.LOADED
    await world.settle()
    await assert_whole(world)
