"""Private JSON files of a version each, some of which grow; what is damaged or newer is moved aside, never trusted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
import zlib

import orjson

from homeassistant.helpers.json import json_bytes
from homeassistant.util.json import json_loads

from .file_operations import ASIDE, append_private, move_aside, write_private

COMPRESSED = b"x"
"""How what is compressed begins; JSON never does."""
FASTEST = 1
"""A day of events in a seventh of the space, in a millisecond; what is best takes three times as long for a fifth less."""
SMALL = 4096
"""What a disk writes at least, so that less of it need not be kept."""
WITHOUT_CHECKSUM = 1
"""The version whose files had none."""

type FileMark = tuple[int, int, int]
"""Which file it is, when it was written last (ns), and how long it is (bytes)."""


def nothing_appended(data: Any, change: Any) -> Any:
    """Refuse a change: files of most kinds are always written whole."""
    raise TypeError


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """What a kind of file holds, in which version, and how older ones become it."""

    version: int
    migrations: Mapping[int, Callable[[Any], Any]]
    """By version: from its data to those of the next."""
    compressed: bool = False
    """Whether it is written often and large; earlier versions of it need not have been."""
    with_change: Callable[[Any, Any], Any] = nothing_appended
    """What data become with a change that was appended to them."""

    def migrated(self, version: int, data: Any) -> Any:
        """Return data of an older version as they are in this one."""
        for older in range(version, self.version):
            data = self.migrations[older](data)
        return data


def unchanged(data: Any) -> Any:
    """Return data that are the same in the next version, whose file alone is another."""
    return data


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a file is known to be whole, in bytes."""

    first: int
    """What was written at once."""
    end: int
    """With what was appended to it since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileContent:
    """What a file holds."""

    data: Any
    extent: Extent | None
    """None where it has to be written anew before anything is appended."""
    is_truncated: bool
    """What was appended last, or also before, cannot be read; a crash while it is appended leaves it so."""


class PrivateFile:
    """One JSON file that only Home Assistant's user may read; its methods block."""

    def __init__(self, path: Path, kind: FileKind) -> None:
        """Use a file, which is made when it is first written."""
        self._path = path
        self._kind = kind

    def read(self) -> Any | None:
        """Return the data that the file holds; None when there is none or it was moved aside."""
        kept = self.read_kept()
        return kept.data if kept else None

    def read_kept(self) -> FileContent | None:
        """Return what the file holds; None when there is none or it was moved aside."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return None
        first = self._part(content)
        if first is None:
            self.move_aside()
            return None
        version, data, length = first
        data, end = self._kind.migrated(version, data), length
        while (part := self._part(content[end:])) and part[0] == version:
            try:
                data = self._kind.with_change(data, part[1])
            except AttributeError, KeyError, TypeError:
                break
            end += part[2]
        grows = version == self._kind.version and content[:1] == COMPRESSED
        return FileContent(
            data=data,
            extent=Extent(length, end) if grows else None,
            is_truncated=end < len(content),
        )

    def mark(self) -> FileMark | None:
        """Return what changes whenever the file is written, None when there is none."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def move_aside(self) -> None:
        """Keep what cannot be understood out of the way."""
        move_aside(self._path)

    def write(self, data: Any) -> Extent:
        """Write the file, whole or not at all."""
        content = self._packed(data)
        write_private(self._path, content)
        return Extent(len(content), len(content))

    def add(
        self, change: Any, extent: Extent | None, whole: Callable[[], Any]
    ) -> Extent:
        """Append what changed since the file was as far as that; write the whole where it is not, or has doubled.

        A crash meanwhile leaves what was there before.
        """
        if extent:
            part = self._packed(change)
            end = extent.end + len(part)
            if end <= max(SMALL, 2 * extent.first) and append_private(
                self._path, part, extent.end
            ):
                return Extent(extent.first, end)
        return self.write(whole())

    def remove(self) -> None:
        """Remove the file and what was moved aside of it."""
        self._path.unlink(missing_ok=True)
        self._path.with_suffix(ASIDE).unlink(missing_ok=True)

    def _part(self, content: bytes) -> tuple[int, Any, int] | None:
        """Return version, data and length of what content begins with, None where that cannot be trusted."""
        found, length = content, len(content)
        try:
            if self._kind.compressed and content[:1] == COMPRESSED:
                unpacking = zlib.decompressobj()
                found = unpacking.decompress(content)
                length -= len(unpacking.unused_data)
                if not unpacking.eof:
                    return None
            part: Any = json_loads(found)
        except ValueError, zlib.error:
            return None
        match part:
            case {"version": int(version), "data": data} if (
                version == WITHOUT_CHECKSUM
                or part.get("checksum") == checksum(json_bytes(data))
            ):
                if version in {*self._kind.migrations, self._kind.version}:
                    return version, data, length
        return None

    def _packed(self, data: Any) -> bytes:
        body = json_bytes(data)
        content = json_bytes(
            {
                "version": self._kind.version,
                "checksum": checksum(body),
                "data": orjson.Fragment(body),
            }
        )
        return zlib.compress(content, FASTEST) if self._kind.compressed else content


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


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None
