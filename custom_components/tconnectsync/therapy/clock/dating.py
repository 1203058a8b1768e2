"""From the pump's wall clock to UTC, by the offsets that held."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from custom_components.tconnectsync.instants import ONE_DAY
from custom_components.tconnectsync.tandem.event_types import EventKey

from .possible_offsets import offset_shown

FARTHEST_FROM_UTC = ONE_DAY
"""No zone's clocks are farther from it."""
IN_ORDER_AFTER = timedelta(days=2)
"""What clocks show so far apart lies in that order in any case."""


@dataclass(frozen=True, slots=True)
class OffsetSpan:
    """A part of the log during which the clock kept its distance from UTC."""

    since: EventKey
    offset: timedelta
    lost: tuple[datetime, timedelta] | None = None
    """Up to which reading the clock was the one of a pump out of its box, and its offset then."""


@dataclass(frozen=True, slots=True)
class Dating:
    """Dates everything that one pump logged; equal ones date alike."""

    zone: ZoneInfo
    """Whose offsets hold while the clock was never moved."""
    spans: tuple[OffsetSpan, ...]
    """The first one from the beginning of the log on; none while the clock was never moved."""

    def utc(self, key: EventKey, pump_time: datetime) -> datetime:
        """Return the UTC instant of a wall clock time logged at this place of the log."""
        return (pump_time - self._offset(key, pump_time)).replace(tzinfo=UTC)

    def latest(self, pump_time: datetime) -> datetime:
        """Return an instant that no wall clock time up to this one lies behind, wherever it was logged."""
        least = min(
            self._offsets(pump_time, pump_time - IN_ORDER_AFTER),
            default=-FARTHEST_FROM_UTC,
        )
        return (pump_time - least).replace(tzinfo=UTC)

    def earliest(self, pump_time: datetime) -> datetime:
        """Return an instant that no wall clock time from this one on lies before, wherever it was logged."""
        most = max(
            self._offsets(pump_time, pump_time + IN_ORDER_AFTER),
            default=FARTHEST_FROM_UTC,
        )
        return (pump_time - most).replace(tzinfo=UTC)

    def _offsets(self, pump_time: datetime, other: datetime) -> list[timedelta]:
        """Return all offsets that count, none where the zone changes its own between two times."""
        if self.spans:
            offsets = [span.offset for span in self.spans]
            return offsets + [span.lost[1] for span in self.spans if span.lost]
        offset = offset_shown(self.zone, pump_time)
        return [offset] if offset == offset_shown(self.zone, other) else []

    def _offset(self, key: EventKey, pump_time: datetime) -> timedelta:
        if not self.spans:
            return offset_shown(self.zone, pump_time)
        span = self.spans[bisect_right(self.spans, key, key=_since) - 1]
        if span.lost and pump_time < span.lost[0]:
            return span.lost[1]
        return span.offset


def _since(span: OffsetSpan) -> EventKey:
    return span.since
