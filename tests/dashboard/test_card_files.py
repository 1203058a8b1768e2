"""Files of the card: after any update a page gets files of one version only."""

import os
from pathlib import Path
from shutil import copytree, rmtree

import pytest

from custom_components.tconnectsync.dashboard import card_files
from custom_components.tconnectsync.dashboard.card_files import (
    FOLDER,
    CardFiles,
    card_files as files_to_serve,
)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed card."""
    folder = copytree(FOLDER, tmp_path / "frontend")
    monkeypatch.setattr(card_files, "FOLDER", folder)
    return folder


def update(installed: Path, version: str) -> None:
    """Replace the installed card with another version."""
    rmtree(installed)
    copytree(FOLDER, installed)
    (installed / "card.js").write_text(version)


def start(cache: Path) -> CardFiles:
    """Start Home Assistant, later each time."""
    files = files_to_serve(cache)
    for age, folder in enumerate(sorted(cache.glob("*"), key=os.path.getmtime)[::-1]):
        os.utime(folder, (10_000 - age, 10_000 - age))
    return files


def served(files: CardFiles) -> dict[str, str]:
    """Return the content of the card's first file, by fingerprint."""
    return {
        fingerprint: (folder / "card.js").read_text()
        for fingerprint, folder in files.folders.items()
    }


def test_an_update_changes_nothing_before_the_start(
    installed: Path, tmp_path: Path
) -> None:
    """Until the restart the old card is served, and no unfinished file is left beside the copy."""
    files = start(tmp_path / "cache")
    before = served(files)
    update(installed, "another")
    assert served(files) == before
    assert [one.name for one in (tmp_path / "cache").iterdir()] == [files.fingerprint]


def test_the_card_before_stays_for_pages_that_are_open(
    installed: Path, tmp_path: Path
) -> None:
    """The previous card stays over any number of starts; older ones are deleted."""
    cache = tmp_path / "cache"
    found = []
    for version in ("first", "second", "second", "third", "third"):
        update(installed, version)
        found.append(set(served(start(cache)).values()))
    assert found[1:3] == [{"first", "second"}] * 2
    assert found[3:] == [{"second", "third"}] * 2
    assert len(list(cache.iterdir())) == 2


def test_a_copy_that_was_damaged_is_made_again(installed: Path, tmp_path: Path) -> None:
    """A damaged copy of this card is made again, and one of the previous card is not served."""
    cache = tmp_path / "cache"
    update(installed, "first")
    before = start(cache)
    before.folders[before.fingerprint].joinpath("card.js").write_text("damaged")
    again = start(cache)
    assert again == before
    assert set(served(again).values()) == {"first"}
    before.folders[before.fingerprint].joinpath("card.js").write_text("damaged")
    update(installed, "second")
    assert set(served(start(cache)).values()) == {"second"}


def test_without_room_what_is_installed_is_served(
    installed: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The log explains the consequence once."""
    (tmp_path / "cache").write_text("no folder")
    files = files_to_serve(tmp_path / "cache")
    assert files.folders == {files.fingerprint: installed}
    (message,) = caplog.messages
    assert "Could not copy the files of the dashboard card" in message
    assert str(tmp_path) not in message


def test_a_disk_that_became_read_only(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An existing copy is served as before."""
    files = start(tmp_path / "cache")

    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    for writing in ("utime", "copytree", "TemporaryDirectory"):
        monkeypatch.setattr(card_files, writing, refuse)
    assert start(tmp_path / "cache") == files
