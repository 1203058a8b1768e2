"""Private JSON files; what is damaged or of a newer version is moved aside, never trusted."""

from datetime import date
from pathlib import Path
from shutil import rmtree
from typing import Any

from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.json import save_json
from homeassistant.util.json import load_json

from .const import LOGGER

VERSION = 1
ASIDE = ".aside"


class PrivateFile:
    """One JSON file that only Home Assistant's user may read; its methods block."""

    def __init__(self, path: Path) -> None:
        """Use a file, which is made when it is first written."""
        self._path = path

    def exists(self) -> bool:
        """Tell whether there is a file."""
        return self._path.exists()

    def read(self) -> Any | None:
        """Return what the file holds; None when there is none or it was moved aside."""
        if not self.exists():
            return None
        try:
            content = load_json(self._path)
        except HomeAssistantError:
            content = None
        match content:
            case {"version": int(version), "data": data} if version <= VERSION:
                return data
        self._path.replace(self._path.with_suffix(ASIDE))
        LOGGER.warning("A damaged or newer file was moved aside and is rebuilt")
        return None

    def write(self, data: Any) -> None:
        """Write the file, whole or not at all."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        save_json(
            str(self._path),
            {"version": VERSION, "data": data},
            private=True,
            atomic_writes=True,
        )

    def remove(self) -> None:
        """Remove the file."""
        self._path.unlink(missing_ok=True)


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


def remove_folder(folder: Path) -> None:
    """Remove a folder with everything in it; blocks."""
    rmtree(folder, ignore_errors=True)
