"""Upload the log of the demo's pump, unless the phone is offline."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path

from .commands import UnknownCommandError
from .tandem import ListedPump

DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Absence:
    """The span in which the phone uploads nothing."""

    start: datetime
    end: datetime


class Phone:
    """A phone that uploads on request, or is offline for a while, across restarts."""

    def __init__(
        self,
        file: Path,
        listed: ListedPump,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Show the earlier uploads; the time offline is stored in the file."""
        self._file = file
        self._listed = listed
        self._now = now
        self._absence: Absence | None = None
        if file.exists():
            kept = json.loads(file.read_text())
            self._absence = Absence(
                datetime.fromisoformat(kept["start"]),
                datetime.fromisoformat(kept["end"]),
            )
            listed.upload(until=self._absence.start, at=self._absence.start)
        self.upload()

    @property
    def _offline(self) -> bool:
        return self._absence is not None and self._now() < self._absence.end

    def upload(self) -> bool:
        """Upload everything logged and return True, or nothing while offline."""
        if self._offline:
            return False
        self._absence = None
        self._file.unlink(missing_ok=True)
        self._listed.upload()
        return True

    def go_offline(self, minutes: str) -> str:
        """Upload the log, then nothing for some minutes; with 0 upload again at once."""
        try:
            length = int(minutes)
        except ValueError as error:
            raise UnknownCommandError(f"offline {minutes}") from error
        if not 0 <= length <= DAY_MINUTES:
            raise UnknownCommandError(f"offline {minutes}")
        if length == 0:
            self._absence = None
            self.upload()
            return "The phone uploads again."
        start = self._absence.start if self._offline and self._absence else None
        if start is None:
            self.upload()
            start = self._now()
        self._absence = Absence(start, self._now() + timedelta(minutes=length))
        self._file.write_text(
            json.dumps(
                {
                    "start": self._absence.start.isoformat(),
                    "end": self._absence.end.isoformat(),
                }
            )
        )
        return (
            f"The phone uploads nothing for {length} minutes; then everything at once."
        )

    def until_next(self, every: timedelta) -> timedelta:
        """Return the delay until the next upload; one is due when the phone is back."""
        if self._absence is None:
            return every
        return max(timedelta(), min(every, self._absence.end - self._now()))
