"""The instants of events: by the pump's clock, but not after the upload that contained them."""

from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter

from custom_components.tconnectsync.tandem.event_types import EventKey, PumpEvent

from .dating import Dating

END_OF_LOG = itemgetter(0)


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds for the instants of events."""

    uploads: tuple[tuple[EventKey, datetime], ...]
    """Ends of the log, each with its upload (UTC); every event is before one of them."""
    most: datetime
    """Events dated up to this instant (UTC) get that of their upload if they are after it."""

    def upload_of(self, key: EventKey) -> datetime:
        """Return the first upload (UTC) that contained this place of the log."""
        return self.uploads[bisect_left(self.uploads, key, key=END_OF_LOG)][1]

    def of(self, first: EventKey, last: EventKey) -> Limits:
        """Return the limits from one place of the log to another; equal while they are unchanged."""
        begin, end = (
            bisect_left(self.uploads, key, key=END_OF_LOG) for key in (first, last)
        )
        return replace(self, uploads=self.uploads[begin : end + 1])


class DatedEvents:
    """Gives events their instants (UTC).

    Uploaded events have happened: if a clock some minutes fast dates one after its upload, it happened
    at the upload at the latest.
    """

    def __init__(self, dating: Dating, limits: Limits | None) -> None:
        """Take the offsets of the clock and the limits; None if no event is dated after its upload."""
        self.dating = dating
        self._limits = limits

    def at(self, event: PumpEvent) -> datetime:
        """Return the UTC instant of an event."""
        return self.utc(event, event.pump_time)

    def utc(self, event: PumpEvent, pump_time: datetime) -> datetime:
        """Return the UTC instant of a wall clock time that an event carries."""
        return self.at_most(event, self.dated(event, pump_time))

    def dated(self, event: PumpEvent, pump_time: datetime) -> datetime:
        """Return the UTC instant of a wall clock time by the clock, even if it is after the upload."""
        return self.dating.utc(event.key, pump_time)

    def has_come(self, at: datetime) -> bool:
        """Return whether an instant is no later than the last upload."""
        return self._limits is None or at <= self._limits.uploads[-1][1]

    def at_most(self, event: PumpEvent, at: datetime) -> datetime:
        """Return an instant by the clock, or that of the event's upload if it is after that."""
        if self._limits is None or at > self._limits.most:
            return at
        return min(at, self._limits.upload_of(event.key))
