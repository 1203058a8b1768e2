"""Private JSON files; what is damaged or of a newer version is moved aside, never trusted."""

from datetime import date
from pathlib import Path
from shutil import rmtree
from typing import Any

from custom_components.tconnectsync.const import LOGGER
from homeassistant.helpers.json import json_bytes
from homeassistant.util.file import write_utf8_file_atomic
from homeassistant.util.json import json_loads

VERSION = 1
ASIDE = ".aside"
UNFINISHED = "tmp*"
"""How files are called until they are written completely."""


class PrivateFile:
    """One JSON file that only Home Assistant's user may read; its methods block."""

    def __init__(self, path: Path) -> None:
        """Use a file, which is made when it is first written."""
        self._path = path

    def read(self) -> Any | None:
        """Return what the file holds; None when there is none or it was moved aside."""
        try:
            content = json_loads(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except ValueError:
            content = None
        match content:
            case {"version": int(version), "data": data} if version <= VERSION:
                return data
        self.move_aside()
        return None

    def move_aside(self) -> None:
        """Keep what cannot be understood out of the way."""
        self._path.replace(self._path.with_suffix(ASIDE))
        LOGGER.warning("A damaged or newer file was moved aside and is rebuilt")

    def write(self, data: Any) -> None:
        """Write the file, whole or not at all."""
        missing = [folder for folder in self._path.parents if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(mode=0o700, exist_ok=True)
        content = json_bytes({"version": VERSION, "data": data})
        write_utf8_file_atomic(str(self._path), content, private=True, mode="wb")

    def remove(self) -> None:
        """Remove the file and what was moved aside of it."""
        self._path.unlink(missing_ok=True)
        self._path.with_suffix(ASIDE).unlink(missing_ok=True)


class DayFiles:
    """A folder with one private file per pump day; its methods block."""

    def __init__(self, folder: Path) -> None:
        """Use a folder, which is made with the first file."""
        self._folder = folder

    def days(self) -> list[date]:
        """Return the days that have a file, oldest first."""
        return sorted(
            date.fromisoformat(path.stem)
            for path in self._folder.glob("????-??-??.json")
        )

    def of(self, day: date) -> PrivateFile:
        """Return the file of a day."""
        return PrivateFile(self._folder / f"{day.isoformat()}.json")


def can_be_written(data: Any) -> bool:
    """Tell whether a file can hold something: no numbers over 64 bits, no broken texts."""
    try:
        json_bytes(data)
    except TypeError:
        return False
    return True


def remove_unfinished(folder: Path) -> None:
    """Remove what a crash left of files that were being written; blocks."""
    for path in folder.rglob(UNFINISHED):
        path.unlink()


def remove_folder(folder: Path) -> None:
    """Remove a folder with everything in it; blocks."""
    rmtree(folder, ignore_errors=True)
