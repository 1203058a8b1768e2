"""A lost day of events: nothing in it is compared until it has been read again."""

from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any
import zlib

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tconnectsync.statistics_series import SERIES
from custom_components.tconnectsync.storage.event_rows import row_key
from custom_components.tconnectsync.storage.event_store import EVENTS
from custom_components.tconnectsync.storage.private_files import PrivateFile
from custom_components.tconnectsync.tandem.enums import AlarmKind
from demo.pump import SimulatedPump
from demo.tandem import Fault
from tests.conftest import EMAIL, NOON
from tests.read.account_reading import HOUR, ONE_DAY, pump_in_use
from tests.recorder_rows import recorded
from tests.world import MINUTE, World

BASAL = next(series for series in SERIES if series.key == "basal")

pytestmark = [
    pytest.mark.usefixtures("recorder_mock", "no_pauses_between_reads"),
    pytest.mark.recorded_series(BASAL),
]

NEWER = 4
"""Days that pass after the first four weeks were sent."""


type Damage = Callable[[Path], object]


def lost(path: Path) -> None:
    """Delete a file."""
    path.unlink()


def a_digit_else(path: Path) -> None:
    """Change one digit of one event, so that the file is still JSON."""
    content = zlib.decompress(path.read_bytes())
    changed = content.replace(b'"commandedRate":', b'"commandedRate":1', 1)
    assert changed != content
    path.write_bytes(zlib.compress(changed))


def a_bit_else(path: Path) -> None:
    """Change one bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def holding(data: object) -> Damage:
    """Write other content to a file, in the right form and with the right checksum."""
    return lambda path: PrivateFile(path, EVENTS).write(data)


def half(path: Path) -> None:
    """Restore an older copy with fewer events."""
    file = PrivateFile(path, EVENTS)
    rows = file.read()
    assert rows
    file.write(rows[: len(rows) // 2])


DAMAGES: list[Damage] = [
    a_bit_else,
    lost,
    holding([]),
    holding(None),
    holding({}),
    holding(""),
    holding(7),
    half,
    a_digit_else,
]


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A pump that has only delivered basal for four weeks, until noon."""
    freezer.move_to(NOON)
    return pump_in_use(NOON - 29 * ONE_DAY, NOON)


@pytest.fixture
async def forwarded(world: World) -> World:
    """An account with more than four weeks stored and forwarded."""
    await world.begin(["basal"], days=27, pump_time_zone="UTC")
    for _ in range(NEWER):
        await world.upload(ONE_DAY)
        await world.wait(MINUTE)
    return world


def file_of(world: World, days_ago: int) -> Path:
    """Return the file of the events of a pump day."""
    folder = world.hass.config.path(".storage", "tconnectsync", world.entry.entry_id)
    day = world.today() - days_ago * ONE_DAY
    (path,) = Path(folder, "events").rglob(f"{day}.json")
    return path


def held_in(path: Path) -> list[Any]:
    """Return the events in a file, in log order."""
    return sorted(PrivateFile(path, EVENTS).read() or [], key=row_key)


def treatments(world: World) -> dict[str, dict[str, Any]]:
    """Return Nightscout's treatments and their types."""
    return {one["created_at"]: one for one in world.nightscout.documents("treatments")}


async def test_whatever_is_lost_is_read_again(forwarded: World) -> None:
    """Lost days are read again, even after four weeks; Nightscout loses no document and is in sync afterwards."""
    world = forwarded
    before, complete = treatments(world), world.coordinator.data.complete_after
    for damage, days_ago in zip(DAMAGES, cycle([30, 20, 1, 30, 0]), strict=False):
        whole = held_in(file_of(world, days_ago))
        await world.unload()
        damage(file_of(world, days_ago))
        await world.load()
        await world.wait(MINUTE)
        assert treatments(world) == before
        assert world.coordinator.data.complete_after <= complete
        assert held_in(file_of(world, days_ago)) == whole


async def test_nothing_is_summed_over_a_hole(forwarded: World) -> None:
    """While Tandem cannot be reached, the insulin of the lost day is unknown, and so are its alarms."""
    world = forwarded
    await world.unload()
    lost(file_of(world, 0))
    world.tandem.faults.add(Fault(path="/api/", status=503))
    await world.load()
    figures = world.coordinator.data.figures
    assert figures.totals is None
    assert figures.insulin_on_board_estimate is None
    state = world.coordinator.data.state
    assert state.is_raised(AlarmKind.ALARM) is None
    assert state.site is None


async def test_hours_of_a_pump_that_cannot_be_read_again_stay(world: World) -> None:
    """A pump that Tandem no longer lists may lose a day; its recorded hours stay."""
    account = world.tandem.accounts[EMAIL.lower()]
    start = world.pump.now
    replacement = account.add_pump(pump_in_use(start, start, "44332211"))
    await world.begin(["basal"], days=5, pump_time_zone="UTC")
    world.freezer.tick(3 * ONE_DAY)
    assert isinstance(replacement.pump, SimulatedPump)
    replacement.pump.run_until(start + 3 * ONE_DAY)
    replacement.upload()
    await world.poll()
    await world.wait(MINUTE)
    statistic_id = world.runtime.statistics.statistic_id(BASAL)
    before = await recorded(world.hass, statistic_id)
    assert min(before) < start - 2 * ONE_DAY
    sent = treatments(world)
    path = file_of(world, 4)
    await world.unload()
    lost(path)
    account.pumps.remove(world.listed)
    await world.load()
    world.freezer.tick(6 * HOUR)
    replacement.pump.run_until(start + 3 * ONE_DAY + 6 * HOUR)
    replacement.upload()
    await world.poll()
    await world.wait(MINUTE)
    after = await recorded(world.hass, statistic_id)
    before.popitem()
    assert len(after) > len(before)
    assert before.items() <= after.items()
    assert sent.keys() <= treatments(world).keys()
