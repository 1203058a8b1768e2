"""The ledger of a site on disk: restored as last saved, or reported as incomplete."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from freezegun.api import FrozenDateTimeFactory
from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.nightscout.identifiers import (
    Collection,
    Kind,
    identifier,
)
from custom_components.tconnectsync.nightscout.ledger import (
    UNCONFIRMED_WINDOW,
    Covered,
    DayLedger,
    LedgerRow,
    UnconfirmedWrite,
    UpsertKey,
)
from custom_components.tconnectsync.storage.ledger_files import LEDGER, LedgerFiles
from custom_components.tconnectsync.storage.private_files import PrivateFile

DAY = date(2026, 5, 14)
NOON = datetime(2026, 5, 14, 12, tzinfo=UTC)
KINDS = (Kind.BOLUS, Kind.GLUCOSE, Kind.STATUS)


async def run[*Ts, T](work: Callable[[*Ts], T], /, *arguments: *Ts) -> T:
    """Run the work at once."""
    return work(*arguments)


def name(number: int) -> str:
    """Return the identifier of a document."""
    return identifier("11223344", KINDS[number % len(KINDS)], f"0-{number}")


def row(number: int, minutes: int, hashed: str) -> LedgerRow:
    """Return the ledger row of a document."""
    place = UpsertKey(NOON + timedelta(minutes=minutes), "Note")
    return LedgerRow(KINDS[number % len(KINDS)], place, hashed)


@dataclass(frozen=True, kw_only=True)
class Save:
    """The changes before the next save."""

    rows: Mapping[int, tuple[int, str] | None]
    """By number of the document: its place and hash; None where it is gone."""
    collections: frozenset[Collection]
    unconfirmed: frozenset[Collection]
    unconfirmed_identifiers: frozenset[str] | None
    covered: frozenset[int]
    loaded: bool
    """Whether the ledger is loaded again before these changes."""

    def change(self, ledger: DayLedger) -> None:
        """Change a ledger as a sync does."""
        for number, at in self.rows.items():
            if at is None:
                ledger.rows.pop(name(number), None)
            else:
                ledger.rows[name(number)] = row(number, *at)
        ledger.collections |= self.collections
        ledger.unconfirmed = {
            collection: UnconfirmedWrite(NOON, self.unconfirmed_identifiers)
            for collection in self.unconfirmed
        }
        ledger.covered = {Feature.BOLUS: Covered(NOON, self.covered)}


some_collections = st.frozensets(st.sampled_from(Collection))
lives = st.lists(
    st.builds(
        Save,
        rows=st.dictionaries(
            st.integers(0, 30),
            st.none() | st.tuples(st.integers(0, 3), st.sampled_from(["", "0" * 16])),
            max_size=12,
        ),
        collections=some_collections,
        unconfirmed=some_collections,
        unconfirmed_identifiers=st.none()
        | st.frozensets(st.integers(0, 3).map(name), max_size=2),
        covered=st.frozensets(st.integers(0, 9), max_size=3),
        loaded=st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


async def live_through(
    folder: Path, life: Sequence[Save]
) -> list[tuple[int, DayLedger]]:
    """Save a day several times; return the length and content of its file each time."""
    files, path = LedgerFiles(run, folder), folder / f"{DAY}.json"
    ledger = DayLedger()
    states: list[tuple[int, DayLedger]] = []
    for save in life:
        if save.loaded and states:
            loaded = await files.load(DAY)
            assert loaded == ledger
            ledger = loaded
        save.change(ledger)
        await files.save(DAY, ledger)
        held = replace(
            ledger,
            rows=dict(ledger.rows),
            collections=set(ledger.collections),
            unconfirmed=dict(ledger.unconfirmed),
        )
        states.append((path.stat().st_size, held))
    return states


@given(life=lives)
async def test_it_is_as_it_was_last_saved(life: list[Save]) -> None:
    """The ledger is loaded as last saved, after any changes and loads in between."""
    with TemporaryDirectory() as folder:
        *_, (_, held) = await live_through(Path(folder), life)
        assert await LedgerFiles(run, Path(folder)).load(DAY) == held


@given(life=lives, cut=st.integers(1))
async def test_a_crash_or_damage_leaves_nothing_that_is_trusted(
    life: list[Save], cut: int
) -> None:
    """The remaining content was saved once; if it is not the last save, every collection is read back."""
    with TemporaryDirectory() as folder:
        states = await live_through(Path(folder), life)
        path = Path(folder) / f"{DAY}.json"
        content = path.read_bytes()
        length = len(content) - cut % len(content)
        path.write_bytes(content[:length])
        before = datetime.now(UTC)
        found = await LedgerFiles(run, Path(folder)).load(DAY)
        if found is None:
            assert not path.exists()
            return
        whole = [held for end, held in states if end == length]
        if found in whole:
            return
        assert any(
            (found.rows, found.covered, found.collections)
            == (held.rows, held.covered, held.collections)
            for _, held in states
        )
        assert found.unconfirmed.keys() >= found.collections
        for collection in found.collections:
            assert found.unconfirmed[collection].since >= before
            assert found.unconfirmed_identifiers(collection) is None
            found.confirm(collection, before)
            assert collection in found.unconfirmed
            found.confirm(collection, datetime.now(UTC) + UNCONFIRMED_WINDOW)
            assert collection not in found.unconfirmed


async def test_what_was_cut_is_whole_with_the_next_save(tmp_path: Path) -> None:
    """The next save repairs a file that a crash truncated."""
    files = LedgerFiles(run, tmp_path)
    ledger = DayLedger(collections={Collection.TREATMENTS})
    await files.save(DAY, ledger)
    ledger.rows[name(0)] = row(0, 0, "")
    await files.save(DAY, ledger)
    path = tmp_path / f"{DAY}.json"
    path.write_bytes(path.read_bytes()[:-3])
    found = await files.load(DAY)
    assert found
    assert (found.rows, set(found.unconfirmed)) == ({}, {Collection.TREATMENTS})
    found.rows[name(3)] = row(3, 0, "")
    await files.save(DAY, found)
    again = await files.load(DAY)
    assert again
    assert again.rows == found.rows
    kept = PrivateFile(path, LEDGER).read_content()
    assert kept
    assert not kept.is_truncated


async def test_old_days_are_forgotten_once_nothing_can_come(
    tmp_path: Path, freezer: FrozenDateTimeFactory
) -> None:
    """A pending write without an answer is remembered until it cannot be carried out any more."""
    files = LedgerFiles(run, tmp_path)
    freezer.move_to(NOON)
    for away in (1, 2, 3):
        ledger = DayLedger(collections={Collection.DEVICE_STATUS})
        if away == 2:
            ledger.start_write(Collection.DEVICE_STATUS, (), datetime.now(UTC))
        await files.save(DAY - timedelta(days=away), ledger)

    async def kept() -> list[int]:
        await files.prune(DAY - timedelta(days=1))
        days = (DAY - timedelta(days=away) for away in (1, 2, 3))
        loaded = [await files.load(day) for day in days]
        return [away for away, ledger in enumerate(loaded, start=1) if ledger]

    assert await kept() == [1, 2]
    freezer.tick(UNCONFIRMED_WINDOW - timedelta(seconds=1))
    assert await kept() == [1, 2]
    freezer.tick(timedelta(seconds=1))
    assert await kept() == [1]


async def test_an_old_day_that_a_crash_cut_is_forgotten_too(
    tmp_path: Path, freezer: FrozenDateTimeFactory
) -> None:
    """The lost end may have named pending writes, so the day stays until none can be carried out any more."""
    files, day = LedgerFiles(run, tmp_path), DAY - timedelta(days=2)
    freezer.move_to(NOON)
    ledger = DayLedger(
        {name(1): row(1, 1, "1" * 16)}, collections={Collection.DEVICE_STATUS}
    )
    await files.save(day, ledger)
    ledger.rows[name(2)] = row(2, 2, "2" * 16)
    await files.save(day, ledger)
    path = tmp_path / f"{day}.json"
    path.write_bytes(path.read_bytes()[:-3])
    await files.prune(DAY)
    assert path.exists()
    freezer.tick(UNCONFIRMED_WINDOW)
    await files.prune(DAY)
    assert not path.exists()


async def test_an_hour_is_noted_with_little(tmp_path: Path) -> None:
    """A save writes the changes only, however large the day is."""
    files, path = LedgerFiles(run, tmp_path), tmp_path / f"{DAY}.json"
    rows = {
        name(number): row(number, number, f"{number:016x}") for number in range(600)
    }
    ledger = DayLedger(rows)
    await files.save(DAY, ledger)
    before = path.stat().st_size
    for number in range(600, 612):
        ledger.rows[name(number)] = row(number, number, "")
    await files.save(DAY, ledger)
    assert path.stat().st_size - before < before / 10


@pytest.mark.parametrize(
    "changes",
    [{"rows": []}, {"rows": {"tconnectsync:1": 7}}, {"rows": {"a": {"b": 7}}}],
)
async def test_nonsense_that_was_appended(tmp_path: Path, changes: object) -> None:
    """Appended nonsense is never trusted, complete or not."""
    files, path = LedgerFiles(run, tmp_path), tmp_path / f"{DAY}.json"
    ledger = DayLedger({name(0): row(0, 0, "")}, collections={Collection.TREATMENTS})
    await files.save(DAY, ledger)
    file = PrivateFile(path, LEDGER)
    kept = file.read_content()
    assert kept
    file.add(changes, kept.extent, dict)
    found = await files.load(DAY)
    assert found is None or found.unconfirmed.keys() == {Collection.TREATMENTS}
