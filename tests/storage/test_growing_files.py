"""Files that grow: after a crash or a full disk the saved content is still there."""

from collections.abc import Callable
from operator import add
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch
import zlib

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.storage import private_files
from custom_components.tconnectsync.storage.private_files import (
    SMALL,
    Extent,
    FileKind,
    PrivateFile,
    unchanged,
)

LIST = FileKind(version=2, migrations={1: unchanged}, compressed=True, with_change=add)
FIRST = [[279, 0, number, {"commandedRate": 800}] for number in range(40)]

changes = st.lists(
    st.lists(st.integers(0, 2**40), min_size=1, max_size=4), min_size=1, max_size=5
)


@pytest.fixture
def file(tmp_path: Path) -> PrivateFile:
    """A file that is not there yet."""
    return PrivateFile(tmp_path / "day.json", LIST)


def grown(
    file: PrivateFile, changes: list[list[int]]
) -> list[tuple[int, list[object]]]:
    """Append to a file; return its length and content after each change."""
    held: list[object] = [*FIRST]
    extent = file.write(held)
    states = [(extent.end, [*held])]
    for change in changes:
        held += change
        extent = file.add(change, extent, lambda: pytest.fail("written anew"))
        states.append((extent.end, [*held]))
    return states


def test_a_change_is_appended(file: PrivateFile, tmp_path: Path) -> None:
    """The existing content stays, and little is written."""
    before = file.write(FIRST)
    content = (tmp_path / "day.json").read_bytes()
    after = file.add([1, 2], before, list)
    written = (tmp_path / "day.json").read_bytes()
    assert written.startswith(content)
    assert after == Extent(len(content), len(written))
    assert len(written) - len(content) < 100
    assert file.read() == [*FIRST, 1, 2]


def test_one_that_is_not_there_is_written(file: PrivateFile) -> None:
    """A missing file is written completely: a change alone would lack the content before it."""
    assert file.read_content() is None
    file.add([2], None, lambda: [1, 2])
    assert file.read() == [1, 2]


@given(changes=changes, place=st.integers(0))
def test_a_crash_leaves_what_was_there_before(
    changes: list[list[int]], place: int
) -> None:
    """A crash at any point leaves the content before it, and the next change is not appended to its remains."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "day.json"
        file = PrivateFile(path, LIST)
        states = grown(file, changes)
        (first, _), (last, _) = states[0], states[-1]
        end = first + place % (last - first + 1)
        path.write_bytes(path.read_bytes()[:end])
        whole, held = max(state for state in states if state[0] <= end)
        kept = file.read_content()
        assert kept
        assert (kept.data, kept.is_truncated) == (held, whole < end)
        file.add([7], kept.extent, lambda: [*held, 7])
        again = file.read_content()
        assert again
        assert (again.data, again.is_truncated) == ([*held, 7], False)


@given(changes=changes, place=st.integers(0), other=st.integers(1, 255))
def test_no_byte_changes_unseen(
    changes: list[list[int]], place: int, other: int
) -> None:
    """A changed file is moved aside or reported as truncated; the content that is read was saved once."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "day.json"
        file = PrivateFile(path, LIST)
        states = grown(file, changes)
        content = bytearray(path.read_bytes())
        content[place % len(content)] ^= other
        path.write_bytes(content)
        kept = file.read_content()
        if kept is None:
            assert not path.exists()
            return
        assert kept.data in [held for _, held in states]
        assert kept.is_truncated or kept.data == states[-1][1]


def longer(path: Path) -> None:
    """Append foreign bytes to a file."""
    path.write_bytes(path.read_bytes() + b"not ours")


def cut(path: Path) -> None:
    """Cut off the end of a file."""
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize("change", [longer, cut, Path.unlink])
def test_one_that_others_changed_is_written_anew(
    file: PrivateFile, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    """A file changed by another program is written completely instead of appended to."""
    extent = file.write(FIRST)
    change(tmp_path / "day.json")
    file.add([2], extent, lambda: [1, 2])
    kept = file.read_content()
    assert kept
    assert (kept.data, kept.is_truncated) == ([1, 2], False)


def test_a_full_disk_leaves_what_was_there_before(
    file: PrivateFile, tmp_path: Path
) -> None:
    """Part of the change may be written; the next write repairs the file."""
    extent = file.write(FIRST)

    def full(path: Path, content: bytes, end: int) -> bool:
        path.write_bytes(path.read_bytes() + content[:5])
        raise OSError(28, "No space left on device")

    with patch.object(private_files, "append_private", full), pytest.raises(OSError):
        file.add([1], extent, lambda: [*FIRST, 1])
    kept = file.read_content()
    assert kept
    assert (kept.data, kept.is_truncated) == (FIRST, True)
    file.add([1], extent, lambda: [*FIRST, 1])
    assert file.read() == [*FIRST, 1]


def test_it_does_not_grow_for_ever(file: PrivateFile, tmp_path: Path) -> None:
    """The file is rewritten once it has doubled, which happens seldom."""
    held: list[object] = []
    extent, rewritten = Extent(0, 0), 0
    for number in range(600):
        change = [[279, 0, number, {"commandedRate": number * 7919 % 3000}]]
        held += change
        extent = file.add(change, extent, held.copy)
        rewritten += extent.end == extent.first
    once = PrivateFile(tmp_path / "whole.json", LIST).write(held)
    assert file.read() == held
    assert (tmp_path / "day.json").stat().st_size == extent.end
    assert extent.end <= max(SMALL, 2 * once.end)
    assert rewritten < 30


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b'{"version":1,"data":[1]}', id="not compressed"),
        pytest.param(
            zlib.compress(b'{"version":1,"checksum":1278161592,"data":[1]}'),
            id="compressed",
        ),
        pytest.param(
            b'{"version":2,"checksum":1278161592,"data":[1]}', id="of this version"
        ),
    ],
)
def test_nothing_is_appended_to_what_an_older_version_wrote(
    file: PrivateFile, tmp_path: Path, content: bytes
) -> None:
    """An older version would read only the beginning of such a file and take it for everything."""
    (tmp_path / "day.json").write_bytes(content)
    kept = file.read_content()
    assert kept
    assert (kept.data, kept.extent, kept.is_truncated) == ([1], None, False)


def test_a_change_of_another_kind_is_not_half_there(file: PrivateFile) -> None:
    """A change that does not fit the content is reported as unreadable."""
    extent = file.write(FIRST)
    file.add({"of": "another kind"}, extent, list)
    kept = file.read_content()
    assert kept
    assert (kept.data, kept.is_truncated) == (FIRST, True)


def test_a_change_of_another_version_is_not_understood(
    file: PrivateFile, tmp_path: Path
) -> None:
    """A change appended by another version is reported as unreadable."""
    file.write(FIRST)
    with (tmp_path / "day.json").open("ab") as written:
        written.write(b'{"version": 1, "data": [1]}')
    kept = file.read_content()
    assert kept
    assert (kept.data, kept.is_truncated) == (FIRST, True)


def test_what_is_always_written_whole_takes_no_change(tmp_path: Path) -> None:
    """A change appended to such a file is reported as unreadable by the next read."""
    kind = FileKind(version=1, migrations={}, compressed=True)
    file = PrivateFile(tmp_path / "notes.json", kind)
    file.add([2], file.write([1]), list)
    kept = file.read_content()
    assert kept
    assert (kept.data, kept.is_truncated) == ([1], True)
