"""Files are private and complete, and are not used if they cannot be trusted."""

from base64 import b64decode
from datetime import date
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
import zlib

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.storage.event_store import EVENTS
from custom_components.tconnectsync.storage.ledger_files import LEDGER
from custom_components.tconnectsync.storage.private_files import (
    DayFiles,
    FileContent,
    FileKind,
    PrivateFile,
    unchanged,
)

REARMED = Path(__file__).parent.parent / "fixtures/storage"
KIND = FileKind(version=2, migrations={1: lambda data: [*data, "moved on"]})
COMPRESSED = FileKind(version=3, migrations={2: unchanged}, compressed=True)
DAYS = [date(2026, 5, 13), date(2026, 5, 14)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A possible path of an account's file."""
    return tmp_path / "account" / "notes.json"


def test_what_is_written_is_read(path: Path) -> None:
    """Content is read as written and replaces the previous content."""
    file = PrivateFile(path, KIND)
    assert file.read() is None
    file.write({"carbs": [1, 2.5, None, "ä"]})
    file.write({"carbs": [3]})
    assert file.read() == {"carbs": [3]}
    assert [found.name for found in path.parent.iterdir()] == ["notes.json"]


def test_nobody_else_may_read(path: Path) -> None:
    """Only the owner may read folder and file."""
    PrivateFile(path, KIND).write({})
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_files_are_compact(path: Path) -> None:
    """The events of a day are written every hour, so no byte is wasted."""
    PrivateFile(path, KIND).write([[279, 0, 1]])
    written = '{"version":2,"checksum":3340052536,"data":[[279,0,1]]}'
    assert path.read_text() == written


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b'{"version":1,"data":[[279,', id="cut short"),
        pytest.param(b"\x00" * 100, id="zeros"),
        pytest.param(b"\xff\xfe", id="not a text"),
        pytest.param(b"[]", id="of another shape"),
        pytest.param(b'{"version":1}', id="without data"),
        pytest.param(b'{"version":"1","data":{}}', id="of an odd version"),
        pytest.param(b'{"version":0,"data":{}}', id="of a version that never was"),
        pytest.param(b'{"version":3,"data":{}}', id="of a newer version"),
        pytest.param(
            b'{"version":3,"checksum":3340052536,"data":[[279,0,1]]}',
            id="whole, of a newer version",
        ),
        pytest.param(b'{"version":2,"data":[[279,0,1]]}', id="without a checksum"),
        pytest.param(
            b'{"version":2,"checksum":3340052536,"data":[[279,0,7]]}',
            id="with another digit",
        ),
    ],
)
def test_what_cannot_be_trusted_is_moved_aside(
    path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """The file stays for inspection, the log does not name it, and it is not read again."""
    path.parent.mkdir()
    path.write_bytes(content)
    file = PrivateFile(path, KIND)
    assert file.read() is None
    assert path.with_suffix(".aside").read_bytes() == content
    assert caplog.messages == ["A damaged or newer file was moved aside and is rebuilt"]
    assert file.read() is None
    file.write({"rebuilt": True})
    assert file.read() == {"rebuilt": True}


def test_what_the_disk_does_not_give_is_not_moved_aside(path: Path) -> None:
    """An error of the disk is no evidence against the file."""
    path.mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        PrivateFile(path, KIND).read()
    assert path.is_dir()


def test_an_older_version_is_migrated(path: Path) -> None:
    """An old file is read in the current form and then written as the current version."""
    path.parent.mkdir()
    path.write_text('{"version":1,"data":[1]}')
    file = PrivateFile(path, KIND)
    assert file.read() == [1, "moved on"]
    file.write([2])
    assert file.read() == [2]


def test_what_is_written_often_is_compressed(path: Path) -> None:
    """Similar rows take little room; an uncompressed file of an earlier version is read, and compressed when written."""
    rows = [[279, 0, number, {"commandedRate": 800}] for number in range(300)]
    PrivateFile(path, KIND).write(rows)
    plain = path.read_bytes()
    file = PrivateFile(path, COMPRESSED)
    assert file.read() == rows
    file.write(rows)
    assert file.read() == rows
    assert len(path.read_bytes()) < len(plain) / 5


@given(place=st.integers(min_value=0), change=st.integers(1, 255), cut=st.booleans())
def test_no_byte_of_what_is_compressed_changes_unseen(
    place: int, change: int, cut: bool
) -> None:
    """A changed file is read as it was or moved aside."""
    rows = [[279, 0, number] for number in range(50)]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "day.json"
        file = PrivateFile(path, COMPRESSED)
        file.write(rows)
        content = bytearray(path.read_bytes())
        place %= len(content)
        content[place] ^= change
        path.write_bytes(content[:place] if cut else content)
        found = file.read()
        assert found == rows or (found is None and not path.exists())


@pytest.mark.parametrize("version", [1, 3])
@pytest.mark.parametrize(
    ("name", "kind"),
    [("events_day", EVENTS), ("ledger_day", LEDGER)],
)
def test_what_released_versions_kept_is_read(
    path: Path, name: str, kind: FileKind, version: int
) -> None:
    """Files of released versions are read; additions are written to a file of the current version."""
    of_first = (REARMED / f"version_1/{name}.json").read_bytes()
    of_third = b64decode((REARMED / f"version_3/{name}.json.base64").read_text())
    path.parent.mkdir()
    path.write_bytes(of_first if version == 1 else of_third)
    file = PrivateFile(path, kind)
    first = json.loads(of_first)["data"]
    kept = file.read_content()
    assert kept
    assert (kept.data, kept.extent, kept.is_truncated) == (first, None, False)
    extent = file.write(kept.data)
    assert json.loads(zlib.decompress(path.read_bytes()))["version"] == 4
    assert file.read_content() == FileContent(
        data=first, extent=extent, is_truncated=False
    )


@pytest.mark.parametrize("data", [{"rate": float, "now": 3}, object()])
def test_what_cannot_be_written_leaves_the_file_as_it_was(
    path: Path, data: Any
) -> None:
    """Half a file is worse than an old one, so a failed write leaves the old file."""
    file = PrivateFile(path, KIND)
    file.write({"old": True})
    with pytest.raises(TypeError):
        file.write(data)
    assert file.read() == {"old": True}


def test_removal(path: Path) -> None:
    """Removing a file also removes its copy that was moved aside; a missing file is fine."""
    file = PrivateFile(path, KIND)
    file.remove()
    file.write({})
    path.with_suffix(".aside").write_text("damaged")
    file.remove()
    assert list(path.parent.iterdir()) == []


def test_a_file_per_pump_day(tmp_path: Path) -> None:
    """Days are listed oldest first; other files are ignored."""
    files = DayFiles(tmp_path / "events", KIND)
    assert files.days() == []
    for day in reversed(DAYS):
        files.of(day).write([day.isoformat()])
    for other in ("2026-05-15.aside", "2026-13-40.json", "year-of-us.json"):
        (tmp_path / "events" / other).write_text("damaged")
    assert files.days() == DAYS
    assert files.of(DAYS[0]).read() == ["2026-05-13"]
