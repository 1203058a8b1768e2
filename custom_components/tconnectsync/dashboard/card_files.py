"""The card's files as of Home Assistant's start, since an update replaces the installed files while it runs."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from os import utime
from pathlib import Path
from shutil import copytree, rmtree
from tempfile import TemporaryDirectory

from custom_components.tconnectsync.const import LOGGER

FOLDER = Path(__file__).parent / "frontend"
FINGERPRINT_DIGITS = 8


@dataclass(frozen=True, slots=True)
class CardFiles:
    """The files of the current card, and of the previous one, whose pages may still be open."""

    fingerprint: str
    """A hash of the current card's files."""
    folders: Mapping[str, Path]
    """The folders of both cards, by fingerprint."""


def card_files(cache: Path) -> CardFiles:
    """Return the files to serve, copied to the cache; if they cannot be copied, the installed ones."""
    try:
        folder = _copied(cache)
        fingerprint = folder.name
    except OSError as error:
        LOGGER.warning(
            "Could not copy the files of the dashboard card (%s). After an update, restart Home Assistant at once",
            error.strerror or type(error).__name__,
        )
        folder, fingerprint = FOLDER, _fingerprint(FOLDER)
    others = [copy for copy in _copies(cache) if copy.name != fingerprint]
    for copy in others[1:]:
        rmtree(copy, ignore_errors=True)
    previous = {
        copy.name: copy for copy in others[:1] if _fingerprint(copy) == copy.name
    }
    return CardFiles(fingerprint, {**previous, fingerprint: folder})


def _copied(cache: Path) -> Path:
    """Return a copy of the installed files, made unless there is a complete one."""
    fingerprint = _fingerprint(FOLDER)
    folder = cache / fingerprint
    if _fingerprint(folder) != fingerprint:
        cache.mkdir(parents=True, exist_ok=True)
        rmtree(folder, ignore_errors=True)
        with TemporaryDirectory(dir=cache) as unfinished:
            copytree(FOLDER, Path(unfinished, fingerprint)).rename(folder)
    with suppress(OSError):
        utime(folder)
    return folder


def _copies(cache: Path) -> list[Path]:
    """Return all copies, the one used last first."""
    copies = cache.glob("[0-9a-f]" * FINGERPRINT_DIGITS)
    return sorted(copies, key=lambda copy: copy.stat().st_mtime, reverse=True)


def _fingerprint(folder: Path) -> str:
    """Return a hash of the names and contents of all files."""
    contents = sha256()
    for path in sorted(folder.rglob("*.js")):
        contents.update(path.relative_to(folder).as_posix().encode())
        contents.update(path.read_bytes())
    return contents.hexdigest()[:FINGERPRINT_DIGITS]
