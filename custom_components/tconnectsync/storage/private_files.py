"""Private JSON files with a version, some of which grow; a damaged or newer file is moved aside, never trusted."""

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
"""The first byte of compressed content; JSON never starts with it."""
FASTEST = 1
"""Compresses a day of events to a seventh in a millisecond; the best level takes three times as long for a fifth less."""
SMALL = 4096
"""Bytes; smaller files are not rewritten to save space, as a disk uses at least that much for any file."""
WITHOUT_CHECKSUM = 1
"""The version whose files had no checksum."""

type FileMark = tuple[int, int, int]
"""The file's inode, when it was last written (ns), and its length (bytes)."""


def nothing_appended(data: Any, change: Any) -> Any:
    """Refuse a change: files of most kinds are always written completely."""
    raise TypeError


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """A kind of file: its version, and the migrations from older ones."""

    version: int
    migrations: Mapping[int, Callable[[Any], Any]]
    """By version: the conversion of its data to the next version."""
    compressed: bool = False
    """Whether its files are compressed, because they are large and often written; older files need not be."""
    with_change: Callable[[Any, Any], Any] = nothing_appended
    """Applies an appended change to data."""

    def migrated(self, version: int, data: Any) -> Any:
        """Return data of an older version in the form of this one."""
        for older in range(version, self.version):
            data = self.migrations[older](data)
        return data


def unchanged(data: Any) -> Any:
    """Return data that are the same in the next version, which changed only the file around them."""
    return data


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a file is known to be intact, in bytes."""

    first: int
    """The length that was written at once."""
    end: int
    """The length including all changes appended since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileContent:
    """The content of a file."""

    data: Any
    extent: Extent | None
    """None where the file must be rewritten before anything is appended."""
    is_truncated: bool
    """Whether the last changes cannot be read, as after a crash while one was appended."""


class PrivateFile:
    """One JSON file that only Home Assistant's user may read; its methods block."""

    def __init__(self, path: Path, kind: FileKind) -> None:
        """Use the file at a path, which is created by the first write."""
        self._path = path
        self._kind = kind

    def read(self) -> Any | None:
        """Return the data in the file; None where there is no file, or it was moved aside as unreadable."""
        content = self.read_content()
        return content.data if content else None

    def read_content(self) -> FileContent | None:
        """Return the content of the file; None where there is no file, or it was moved aside as unreadable."""
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
        """Return a mark that changes whenever the file is written, None without a file."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    def move_aside(self) -> None:
        """Move an unreadable file out of the way."""
        move_aside(self._path)

    def write(self, data: Any) -> Extent:
        """Write the file, completely or not at all."""
        content = self._packed(data)
        write_private(self._path, content)
        return Extent(len(content), len(content))

    def add(
        self, change: Any, extent: Extent | None, complete: Callable[[], Any]
    ) -> Extent:
        """Append a change to a file known up to `extent`; rewrite the file if it differs or has doubled.

        A crash leaves the previous content.
        """
        if extent:
            part = self._packed(change)
            end = extent.end + len(part)
            if end <= max(SMALL, 2 * extent.first) and append_private(
                self._path, part, extent.end
            ):
                return Extent(extent.first, end)
        return self.write(complete())

    def remove(self) -> None:
        """Remove the file and the one that was moved aside in its place."""
        self._path.unlink(missing_ok=True)
        self._path.with_suffix(ASIDE).unlink(missing_ok=True)

    def _part(self, content: bytes) -> tuple[int, Any, int] | None:
        """Return version, data and length of the first part of the content, None where that cannot be trusted."""
        text, length = content, len(content)
        try:
            if self._kind.compressed and content[:1] == COMPRESSED:
                unpacking = zlib.decompressobj()
                text = unpacking.decompress(content)
                length -= len(unpacking.unused_data)
                if not unpacking.eof:
                    return None
            part: Any = json_loads(text)
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
        """Use a folder, which is created with the first file."""
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
    """Return a checksum that detects accidental changes."""
    return zlib.crc32(content)


def can_be_written(data: Any) -> bool:
    """Return whether data can be stored as JSON: no integers over 64 bits, no lone surrogates."""
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
