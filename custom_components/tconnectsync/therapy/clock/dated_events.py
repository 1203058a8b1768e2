"""The instants of events: as the clock dates them, and no later than the upload that brought them."""

from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter

from custom_components.tconnectsync.tandem.event_types import EventKey, PumpEvent

from .dating import Dating

END_OF_LOG = itemgetter(0)


@dataclass(frozen=True, slots=True)
class Limits:
    """Until when what was logged has happened, and what a clock may show that dates it later."""

    uploads: tuple[tuple[EventKey, datetime], ...]
    """Ends of the log, each with its upload (UTC); every event lies before one of them."""
    most: datetime
    """What is dated up to here is of its upload instead of behind it."""

    def upload_of(self, key: EventKey) -> datetime:
        """Return the first upload (UTC) that held this place of the log."""
        return self.uploads[bisect_left(self.uploads, key, key=END_OF_LOG)][1]

    def of(self, first: EventKey, last: EventKey) -> Limits:
        """Return the limits of the log from one place to another; equal while these are."""
        begin, end = (
            bisect_left(self.uploads, key, key=END_OF_LOG) for key in (first, last)
        )
        return replace(self, uploads=self.uploads[begin : end + 1])


class DatedEvents:
    """Tells the instants of events.

    What was uploaded has happened: what a clock some minutes fast dates past the upload was at the
    latest then.
    """

    def __init__(self, dating: Dating, limits: Limits | None) -> None:
        """Date like this; without limits nothing lies behind the upload."""
        self.dating = dating
        self._limits = limits

    def at(self, event: PumpEvent) -> datetime:
        """Return the UTC instant of an event."""
        return self.utc(event, event.pump_time)

    def utc(self, event: PumpEvent, pump_time: datetime) -> datetime:
        """Return the UTC instant of a wall clock time that an event carries."""
        return self.at_most(event, self.dated(event, pump_time))

    def dated(self, event: PumpEvent, pump_time: datetime) -> datetime:
        """Return the UTC instant of a wall clock time as the clock dates it, be it behind the upload."""
        return self.dating.utc(event.key, pump_time)

    def has_come(self, at: datetime) -> bool:
        """Return whether an instant lies within the log."""
        return self._limits is None or at <= self._limits.uploads[-1][1]

    def at_most(self, event: PumpEvent, at: datetime) -> datetime:
        """Return an instant that an event carries as the clock dates it, or that of its upload where it lies behind."""
        if self._limits is None or at > self._limits.most:
            return at
        return min(at, self._limits.upload_of(event.key))
