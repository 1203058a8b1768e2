"""Uploads that Tandem lists before their newest events can be read."""

from dataclasses import dataclass, field
import time

from custom_components.tconnectsync.backoff import Backoff
from custom_components.tconnectsync.storage.read_progress import UploadMark

FIRST_PAUSE_SECONDS = 240
LONGEST_PAUSE_SECONDS = 1920
"""A little less than whole polls: after 5, 10, 20 and 35 minutes the log is read once more."""
MOST_READS = 5
MOST_READS_ONCE_BROKEN = 2
"""Of every upload of a pump whose listing names an end that never comes."""


@dataclass(slots=True)
class _Waiting:
    mark: UploadMark
    until: float = 0.0
    backoff: Backoff = field(
        default_factory=lambda: Backoff(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
    )


class IncompleteUploads:
    """Has a log that is not whole up to what was listed read again, a few times for every upload."""

    def __init__(self) -> None:
        """Wait for nothing yet."""
        self._waiting: dict[str, _Waiting] = {}
        self._broken: set[str] = set()

    def is_paused(self, serial_number: str, mark: UploadMark) -> bool:
        """Return whether the log is to be left alone, for its end was looked for a moment ago."""
        waiting = self._waiting.get(serial_number)
        return (
            waiting is not None
            and waiting.mark == mark
            and time.monotonic() < waiting.until
        )

    def settle(self, serial_number: str, mark: UploadMark, *, is_there: bool) -> bool:
        """Return whether an upload counts as read, its end being there or waited for long enough."""
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
