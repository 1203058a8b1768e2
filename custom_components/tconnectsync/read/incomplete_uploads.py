"""Uploads that Tandem lists before their newest events can be read."""

from dataclasses import dataclass, field
import time

from custom_components.tconnectsync.backoff import Backoff
from custom_components.tconnectsync.storage.read_progress import UploadMark

FIRST_PAUSE_SECONDS = 240
LONGEST_PAUSE_SECONDS = 1920
"""A little less than a multiple of the poll interval: the log is read again after 5, 10, 20 and 35 minutes."""
MOST_READS = 5
MOST_READS_ONCE_BROKEN = 2
"""For every upload of a pump whose listed newest event never arrives."""


@dataclass(slots=True)
class _Waiting:
    mark: UploadMark
    until: float = 0.0
    backoff: Backoff = field(
        default_factory=lambda: Backoff(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
    )


class IncompleteUploads:
    """Has a log that lacks its listed end read again, a few times for every upload."""

    def __init__(self) -> None:
        """Start without uploads to wait for."""
        self._waiting: dict[str, _Waiting] = {}
        self._broken: set[str] = set()

    def is_paused(self, serial_number: str, mark: UploadMark) -> bool:
        """Return whether to wait with another read, because the log's end was looked for a moment ago."""
        waiting = self._waiting.get(serial_number)
        return (
            waiting is not None
            and waiting.mark == mark
            and time.monotonic() < waiting.until
        )

    def counts_as_read(
        self, serial_number: str, mark: UploadMark, *, is_there: bool
    ) -> bool:
        """Return whether an upload counts as read: its end is there, or was waited for long enough."""
        if is_there:
            self._broken.discard(serial_number)
            self._waiting.pop(serial_number, None)
            return True
        waiting = self._waiting.get(serial_number)
        if waiting is None or waiting.mark != mark:
            waiting = self._waiting[serial_number] = _Waiting(mark)
        waiting.until = time.monotonic() + waiting.backoff.next_delay()
        broken = serial_number in self._broken
        if waiting.backoff.failures < (
            MOST_READS_ONCE_BROKEN if broken else MOST_READS
        ):
            return False
        self._broken.add(serial_number)
        del self._waiting[serial_number]
        return True
