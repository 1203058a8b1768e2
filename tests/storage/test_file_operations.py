"""Files are written privately, and completely or not at all."""

from pathlib import Path

import pytest

from custom_components.tconnectsync.storage.file_operations import (
    append_private,
    remove_folder,
    write_private,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A possible path of an account's file."""
    return tmp_path / "account" / "day.json"


def test_nobody_else_may_read(path: Path) -> None:
    """Only the owner may read folder and file, also after appending."""
    write_private(path, b"one")
    assert append_private(path, b", two", 3)
    assert path.read_bytes() == b"one, two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("end", [0, 2, 4])
def test_nothing_is_appended_where_a_file_does_not_end(path: Path, end: int) -> None:
    """Another program changed the file, or a crash truncated it."""
    write_private(path, b"one")
    assert not append_private(path, b", two", end)
    assert path.read_bytes() == b"one"


def test_nothing_is_appended_to_what_is_gone(path: Path) -> None:
    """A file that begins with a change would lack the content before it."""
    write_private(path, b"one")
    path.unlink()
    assert not append_private(path, b", two", 3)
    assert not append_private(path, b", two", 0)
    assert not path.exists()


def test_a_disk_in_trouble_is_said(path: Path) -> None:
    """An error of the disk does not count as a missing file."""
    path.mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        append_private(path, b"one", 0)


def test_removal_of_a_folder(path: Path) -> None:
    """All its files are deleted, and a missing folder is fine."""
    write_private(path, b"one")
    remove_folder(path.parent)
    assert not path.parent.exists()
    remove_folder(path.parent)
