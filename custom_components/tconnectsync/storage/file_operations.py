"""What is done on disk: files that are private, whole or not there, and folders; everything here blocks."""

from os import SEEK_END, fsync
from pathlib import Path
from shutil import rmtree

from custom_components.tconnectsync.const import LOGGER
from homeassistant.util.file import write_utf8_file_atomic

ASIDE = ".aside"
UNFINISHED = "tmp*"
"""How files are called until they are written completely."""


def write_private(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all, that only Home Assistant's user may read."""
    make_private_folder(path.parent)
    write_utf8_file_atomic(str(path), content, private=True, mode="wb")


def append_private(path: Path, content: bytes, end: int) -> bool:
    """Append to a file that ends there; False, and nothing is written, where it does not or is gone.

    Returns when a crash can no longer undo it; one before that may leave a part of it.
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
    """Keep a file that cannot be understood out of the way."""
    path.replace(path.with_suffix(ASIDE))
    LOGGER.warning("A damaged or newer file was moved aside and is rebuilt")


def make_private_folder(folder: Path) -> None:
    """Make a folder, and those it is in, that only Home Assistant's user may open."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(mode=0o700, exist_ok=True)


def remove_unfinished(folder: Path) -> None:
    """Remove what a crash left of files that were being written."""
    for path in folder.rglob(UNFINISHED):
        if not path.is_dir():
            path.unlink()


def remove_folder(folder: Path) -> None:
    """Remove a folder with everything in it."""
    rmtree(folder, ignore_errors=True)
