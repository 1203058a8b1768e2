"""Private JSON files of a version each, compressed or not; what is damaged or newer is moved aside, never trusted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from shutil import rmtree
from typing import Any
import zlib

import orjson

from custom_components.tconnectsync.const import LOGGER
from homeassistant.helpers.json import json_bytes
from homeassistant.util.file import write_utf8_file_atomic
from homeassistant.util.json import json_loads

ASIDE = ".aside"
UNFINISHED = "tmp*"
"""How files are called until they are written completely."""
COMPRESSED = b"x"
"""How what is compressed begins; JSON never does."""
FASTEST = 1
"""A day of events in a seventh of the space, in a millisecond; what is best takes three times as long for a fifth less."""
WITHOUT_CHECKSUM = 1
"""The version whose files had none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """What a kind of file holds, in which version, and how older ones become it."""

    version: int
    migrations: Mapping[int, Callable[[Any], Any]]
    """By version: from its data to those of the next."""
    compressed: bool = False
    """Whether it is written often and large; earlier versions of it need not have been."""

    def migrated(self, version: int, data: Any) -> Any:
        """Return data of an older version as they are in this one."""
        for older in range(version, self.version):
            data = self.migrations[older](data)
        return data


def unchanged(data: Any) -> Any:
    """Return data that are the same in the next version, whose file alone is another."""
    return data


class PrivateFile:
    """One JSON file that only Home Assistant's user may read; its methods block."""

    def __init__(self, path: Path, kind: FileKind) -> None:
        """Use a file, which is made when it is first written."""
        self._path = path
        self._kind = kind

    def read(self) -> Any | None:
        """Return what the file holds; None when there is none or it was moved aside."""
        content: Any = None
        try:
            found = self._path.read_bytes()
            if self._kind.compressed and found[:1] == COMPRESSED:
                found = zlib.decompress(found)
            content = json_loads(found)
        except FileNotFoundError:
            return None
        except ValueError, zlib.error:
            pass
        match content:
            case {"version": int(version), "data": data} if (
                version == WITHOUT_CHECKSUM
                or content.get("checksum") == checksum(json_bytes(data))
            ):
                if version in {*self._kind.migrations, self._kind.version}:
                    return self._kind.migrated(version, data)
        self.move_aside()
        return None

    def move_aside(self) -> None:
        """Keep what cannot be understood out of the way."""
        move_aside(self._path)

    def write(self, data: Any) -> None:
        """Write the file, whole or not at all."""
        body = json_bytes(data)
        content = json_bytes(
            {
                "version": self._kind.version,
                "checksum": checksum(body),
                "data": orjson.Fragment(body),
            }
        )
        if self._kind.compressed:
            content = zlib.compress(content, FASTEST)
        write_private(self._path, content)

    def remove(self) -> None:
        """Remove the file and what was moved aside of it."""
        self._path.unlink(missing_ok=True)
        self._path.with_suffix(ASIDE).unlink(missing_ok=True)


class DayFiles:
    """A folder with one private file per pump day; its methods block."""

    def __init__(self, folder: Path, kind: FileKind) -> None:
        """Use a folder, which is made with the first file."""
        self._folder = folder
        self._kind = kind

    def days(self) -> list[date]:
        """Return the days that have a file, oldest first."""
        return sorted(
            day
            for path in self._folder.glob("????-??-??.json")
            if (day := _day(path.stem))
        )

    def of(self, day: date) -> PrivateFile:
        """Return the file of a day."""
        return PrivateFile(self._folder / f"{day.isoformat()}.json", self._kind)


def checksum(content: bytes) -> int:
    """Return what tells contents apart that differ in as little as a digit."""
    return zlib.crc32(content)


def can_be_written(data: Any) -> bool:
    """Return whether a file can hold something: no numbers over 64 bits, no broken texts."""
    try:
        json_bytes(data)
    except TypeError:
        return False
    return True


def write_private(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all, that only Home Assistant's user may read; blocks."""
    make_private_folder(path.parent)
    write_utf8_file_atomic(str(path), content, private=True, mode="wb")


def move_aside(path: Path) -> None:
    """Keep a file that cannot be understood out of the way; blocks."""
    path.replace(path.with_suffix(ASIDE))
    LOGGER.warning("A damaged or newer file was moved aside and is rebuilt")


def make_private_folder(folder: Path) -> None:
    """Make a folder, and those it is in, that only Home Assistant's user may open; blocks."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(mode=0o700, exist_ok=True)


def remove_unfinished(folder: Path) -> None:
    """Remove what a crash left of files that were being written; blocks."""
    for path in folder.rglob(UNFINISHED):
        if not path.is_dir():
            path.unlink()


def remove_folder(folder: Path) -> None:
    """Remove a folder with everything in it; blocks."""
    rmtree(folder, ignore_errors=True)


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None
