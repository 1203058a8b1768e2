"""Operations on disk: private files, written completely or not at all, and folders; all of them block."""

from os import SEEK_END, fsync
from pathlib import Path
from shutil import rmtree

from custom_components.tconnectsync.const import LOGGER
from homeassistant.util.file import write_utf8_file_atomic

ASIDE = ".aside"
UNFINISHED = "tmp*"
"""The names of files until they are written completely."""


def write_private(path: Path, content: bytes) -> None:
    """Write a file, completely or not at all, that only Home Assistant's user may read."""
    make_private_folder(path.parent)
    write_utf8_file_atomic(str(path), content, private=True, mode="wb")


def append_private(path: Path, content: bytes, end: int) -> bool:
    """Append to a file that is `end` bytes long; return False without writing where it is not, or is gone.

    Returns once a crash can no longer undo it; a crash before that may leave a part of the content.
    """
    try:
        with path.open("r+b") as file:
            if file.seek(0, SEEK_END) != end:
                return False
            file.write(content)
            file.flush()
            fsync(file.fileno())
    except FileNotFoundError:
        return False
    return True


def move_aside(path: Path) -> None:
    """Move a file that cannot be read out of the way, and log that."""
    path.replace(path.with_suffix(ASIDE))
    LOGGER.warning("A damaged or newer file was moved aside and is rebuilt")


def make_private_folder(folder: Path) -> None:
    """Make a folder and its parents, which only Home Assistant's user may open."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(mode=0o700, exist_ok=True)


def remove_unfinished(folder: Path) -> None:
    """Remove the unfinished files that a crash left."""
    for path in folder.rglob(UNFINISHED):
        if not path.is_dir():
            path.unlink()


def remove_folder(folder: Path) -> None:
    """Remove a folder with everything in it."""
    rmtree(folder, ignore_errors=True)
