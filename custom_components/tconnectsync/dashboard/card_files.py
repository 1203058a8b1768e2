"""The card's files as they were when Home Assistant started: an update replaces those that are installed while it runs."""

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
    """The card, and the one before it, whose pages may still be open."""

    fingerprint: str
    """Another one with every change of the card."""
    folders: Mapping[str, Path]
    """By fingerprint."""


def card_files(cache: Path) -> CardFiles:
    """Return the files to serve, copied to a folder of the cache; without room for that those that are installed."""
    try:
        folder = _copied(cache)
        fingerprint = folder.name
    except OSError as error:
        LOGGER.warning(
            "Could not copy the files of the dashboard card (%s). After an update, restart Home Assistant at once",
            error.strerror or type(error).__name__,
        )
        folder, fingerprint = FOLDER, _fingerprint(FOLDER)
    others = [one for one in _kept(cache) if one.name != fingerprint]
    for old in others[1:]:
        rmtree(old, ignore_errors=True)
    previous = {one.name: one for one in others[:1] if _fingerprint(one) == one.name}
    return CardFiles(fingerprint, {**previous, fingerprint: folder})


def _copied(cache: Path) -> Path:
    """Return the copy of what is installed, made unless it is there and whole."""
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


def _kept(cache: Path) -> list[Path]:
    """Return all copies, the one used last first."""
    copies = cache.glob("[0-9a-f]" * FINGERPRINT_DIGITS)
    return sorted(copies, key=lambda one: one.stat().st_mtime, reverse=True)


def _fingerprint(folder: Path) -> str:
    """Return what changes with every change of a file."""
    contents = sha256()
    for path in sorted(folder.rglob("*.js")):
        contents.update(path.relative_to(folder).as_posix().encode())
        contents.update(path.read_bytes())
    return contents.hexdigest()[:FINGERPRINT_DIGITS]
