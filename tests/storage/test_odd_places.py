"""A foreign file, folder or link in the place of one: it is reported, nothing is lost, and its removal repairs it."""

from collections.abc import Callable
from pathlib import Path
from shutil import rmtree

from freezegun.api import FrozenDateTimeFactory
import pytest

from demo.pump import SimulatedPump
from homeassistant.config_entries import ConfigEntryState
from tests.account import start
from tests.conftest import NOON, lived
from tests.undisturbed import FEATURES, assert_in_step
from tests.world import HOUR, MINUTE, World

pytestmark = pytest.mark.usefixtures(
    "recorder_mock", "no_pauses_between_reads", "no_late_data"
)

type Replace = Callable[[Path], None]


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A quiet pump that was set up yesterday."""
    freezer.move_to(NOON)
    return lived(1, now=NOON, quiet=True)


def remove(path: Path) -> None:
    """Remove a file, a link or a folder."""
    if path.is_dir() and not path.is_symlink():
        rmtree(path)
    else:
        path.unlink()


def a_folder(path: Path) -> None:
    """Put a folder with a file in it in the place of a file."""
    remove(path)
    path.mkdir()
    (path / "notes").write_text("not ours")


def a_link_to_itself(path: Path) -> None:
    """Put a link that points to itself in the place of a file or folder."""
    remove(path)
    path.symlink_to(path.name)


def a_file(path: Path) -> None:
    """Put a file in the place of a folder."""
    remove(path)
    path.write_text("not ours")


def what_was_moved_aside(path: Path) -> None:
    """Damage a file and block the name that it would be moved aside to."""
    path.write_bytes(b"broken")
    path.with_suffix(".aside").mkdir()
    (path.with_suffix(".aside") / "notes").write_text("not ours")


ACCOUNT, EVENTS, LEDGER = "account.json", "events/*/*.json", "ledger/*/*.json"
PLACES: list[tuple[str, Replace]] = [
    (ACCOUNT, a_link_to_itself),
    (EVENTS, a_folder),
    (EVENTS, what_was_moved_aside),
    ("events", a_link_to_itself),
    ("ledger/*", a_file),
    (LEDGER, a_link_to_itself),
    (LEDGER, what_was_moved_aside),
]


SAID = ("cannot_read_store", "cannot_keep", "cannot be noted on this machine")


def what_is_said(world: World) -> str:
    """Return the error of the entry, the data or Nightscout's status."""
    if world.entry.state is not ConfigEntryState.LOADED:
        return str(world.entry.error_reason_translation_key)
    if not world.coordinator.last_update_success:
        return str(getattr(world.coordinator.last_exception, "translation_key", None))
    return str(world.forwarding.status.error)


async def test_it_is_said_and_heals(world: World) -> None:
    """Each obstacle is reported, and Nightscout has everything once after its removal."""
    await world.begin(FEATURES, days=2)
    folder = Path(
        world.hass.config.path(".storage", "tconnectsync", world.entry.entry_id)
    )
    for pattern, replace in PLACES:
        await world.unload()
        path = max(folder.glob(pattern))
        replace(path)
        loaded = await start(world.hass, world.entry)
        if loaded:
            await world.upload(MINUTE)
        said = what_is_said(world)
        assert any(words in said for words in SAID), (pattern, replace, said)
        remove(path.with_suffix(".aside") if replace is what_was_moved_aside else path)
        if not loaded:
            await world.reload()
        await world.upload(HOUR)
        await world.wait(HOUR)
        assert world.coordinator.last_update_success
        assert world.forwarding.status.error is None
    await assert_in_step(
        world.hass, world.entry, world.listed, world.nightscout, "15.0.7"
    )
