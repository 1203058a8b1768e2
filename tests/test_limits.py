"""Long outages, full stores and files of other versions: storage stays limited, nothing is lost or doubled."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tconnectsync.const import DOMAIN
from custom_components.tconnectsync.nightscout.document import PumpIdentity
from custom_components.tconnectsync.nightscout.documents import documents
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.storage import file_operations, private_files
from custom_components.tconnectsync.storage.event_store import KEPT_DAYS
from custom_components.tconnectsync.storage.file_operations import append_private
from demo.pump import SimulatedPump
from homeassistant.config_entries import ConfigEntryState
from homeassistant.util.file import write_utf8_file_atomic

from .conftest import NOON, lived
from .treatment_totals import basal, begin_of, bolus
from .undisturbed import all_that_happened, held, undisturbed
from .world import World

pytestmark = pytest.mark.usefixtures("recorder_mock", "no_pauses_between_reads")

DAY = timedelta(days=1)
MOST_EVENTS_A_DAY = 200_000
"""Bytes that the events of one busy day take."""
MOST_LEDGER_A_DAY = 60_000
"""Bytes that the ledger of one busy day takes."""
MOST_EVENTS, MOST_LEDGER, MOST_NOTES = 7_000_000, 2_500_000, 100_000
"""Bytes that all stored data takes, as stated in the README."""


MOST_WRITTEN_A_DAY, UPLOADS_A_DAY = 1_000_000, 24
"""Bytes that are written with this many uploads a day."""


@contextmanager
def counted_writes() -> Iterator[tuple[Counter[str], Counter[str]]]:
    """Count writes and written bytes by file name."""
    times, written = Counter[str](), Counter[str]()

    def write(path: str, content: bytes, **how: Any) -> None:
        times[Path(path).name] += 1
        written[Path(path).name] += len(content)
        write_utf8_file_atomic(path, content, **how)

    def append(path: Path, content: bytes, end: int) -> bool:
        times[path.name] += 1
        written[path.name] += len(content)
        return append_private(path, content, end)

    with (
        patch.object(file_operations, "write_utf8_file_atomic", write),
        patch.object(private_files, "append_private", append),
    ):
        yield times, written


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A pump that has been in use for two days."""
    freezer.move_to(NOON)
    return lived(2, now=NOON, seed=3)


def kept(world: World, folder_name: str) -> list[Path]:
    """Return the stored files in one of the account's folders."""
    folder = Path(world.hass.config.path(".storage", DOMAIN, world.entry.entry_id))
    return [path for path in (folder / folder_name).rglob("*") if path.is_file()]


async def catch_up(world: World) -> None:
    """Run all pending work."""
    for _ in range(3):
        await world.poll()
        await world.wait(timedelta(minutes=1))
    assert world.runtime.store.state.pending.first is None


@pytest.mark.timeout(1200)
async def test_fifty_days_of_outage(world: World) -> None:
    """All documents of fifty days arrive once after the outage, and storage stays within its limits."""
    await world.begin(days=1)
    await world.unload()
    world.live(50 * DAY)
    world.listed.upload()
    await world.load()
    await catch_up(world)
    treatments = world.nightscout.documents("treatments")
    begin = min(begin_of(one) for one in treatments if "absolute" in one)
    assert timedelta() <= begin - world.midnight(51) < timedelta(minutes=6)
    assert basal(treatments, begin, world.newest) == pytest.approx(
        world.pump.basal_delivered(begin, world.newest), abs=0.05
    )
    assert bolus(treatments, begin, world.newest) == pytest.approx(
        world.pump.bolus_delivered(begin, world.newest), abs=0.05
    )
    wanted = documents(
        all_that_happened(world.listed),
        PumpIdentity(serial_number=world.pump.serial_number, model="t:slim X2"),
        world.forwarding.features,
        world.forwarding.starts,
    )
    assert held(world.nightscout) == await undisturbed(world.hass, wanted, "15.0.7")

    events, ledger = kept(world, "events"), kept(world, "ledger")
    assert KEPT_DAYS - 2 <= len(events) <= KEPT_DAYS + 1
    assert len(ledger) <= KEPT_DAYS + 3
    assert max(path.stat().st_size for path in events) < MOST_EVENTS_A_DAY
    assert max(path.stat().st_size for path in ledger) < MOST_LEDGER_A_DAY
    assert sum(path.stat().st_size for path in events) < MOST_EVENTS
    assert sum(path.stat().st_size for path in ledger) < MOST_LEDGER
    [notes] = [path for path in kept(world, "") if path.name == "account.json"]
    assert notes.stat().st_size < MOST_NOTES

    writes = world.nightscout.counters.total()
    await world.reload()
    await catch_up(world)
    assert world.nightscout.counters.total() == writes


async def test_an_upload_is_noted_with_few_writes(world: World) -> None:
    """An upload writes the state a few times only: after reading, after sending and after firing."""
    await world.begin(days=1)
    await world.upload()
    await world.poll()
    with counted_writes() as (times, _):
        await world.poll(times=3)
        assert not times
        await world.upload()
    assert 1 <= times["account.json"] <= 3


async def test_a_day_of_uploads_writes_little(world: World) -> None:
    """With all features, 24 uploads write less than a megabyte."""
    await world.begin(list(Feature), days=1)
    with counted_writes() as (_, written):
        for _ in range(6):
            await world.upload()
    assert 0 < written.total() / 6 < MOST_WRITTEN_A_DAY / UPLOADS_A_DAY


async def test_files_of_a_newer_version(world: World) -> None:
    """After a downgrade, events are read again and no document is sent twice."""
    await world.begin(days=1)
    before, writes = (
        world.nightscout.documents("treatments"),
        world.nightscout.counters.total(),
    )
    history = world.coordinator.data.history
    await world.unload()
    for path in [*kept(world, "events"), *kept(world, "ledger")]:
        path.write_text('{"version": 5, "data": {"of": "the future"}}')
    await world.load()
    await catch_up(world)
    assert world.coordinator.data.history == history
    assert world.nightscout.documents("treatments") == before
    assert world.nightscout.counters.total() == writes
    await world.upload()
    names = [one["identifier"] for one in world.nightscout.documents("treatments")]
    assert len(set(names)) == len(names)


async def test_a_state_of_a_newer_version(world: World) -> None:
    """After a downgrade with a newer state, setup fails with the reason and all files stay."""
    await world.begin(days=1)
    await world.unload()
    files = {path: path.read_bytes() for path in kept(world, "")}
    [state] = [path for path in files if path.name == "account.json"]
    content = json.loads(files[state])
    newer = json.dumps(content | {"version": 3}).encode()
    state.write_bytes(newer)
    assert not await world.hass.config_entries.async_setup(world.entry.entry_id)
    assert world.entry.state is ConfigEntryState.SETUP_ERROR
    assert world.entry.error_reason_translation_key == "kept_by_newer_version"
    assert {path: path.read_bytes() for path in kept(world, "")} == files | {
        state: newer
    }
    state.write_bytes(files[state])
    await world.reload()
    assert world.nightscout.documents("treatments")
