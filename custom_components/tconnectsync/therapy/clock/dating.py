"""Conversion of the pump's wall clock to UTC, by its offset in each part of the log."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from custom_components.tconnectsync.instants import ONE_DAY
from custom_components.tconnectsync.tandem.event_types import EventKey

from .possible_offsets import offset_shown

FARTHEST_FROM_UTC = ONE_DAY
"""No zone is farther from UTC."""
IN_ORDER_AFTER = timedelta(days=2)
"""Wall clock times this far apart are in that order with any offsets."""


@dataclass(frozen=True, slots=True)
class OffsetSpan:
    """A part of the log with one offset of the clock."""

    since: EventKey
    offset: timedelta
    lost: tuple[datetime, timedelta] | None = None
    """The pump time up to which a new pump's clock had not been set, and its offset then."""


@dataclass(frozen=True, slots=True)
class Dating:
    """The offsets of one pump's clock; equal ones give equal instants."""

    zone: ZoneInfo
    """The zone whose offsets apply if the clock was never moved."""
    spans: tuple[OffsetSpan, ...]
    """From the beginning of the log on; empty if the clock was never moved."""

    def utc(self, key: EventKey, pump_time: datetime) -> datetime:
        """Return the UTC instant of a wall clock time that was logged at this place of the log."""
        return (pump_time - self._offset(key, pump_time)).replace(tzinfo=UTC)

    def latest(self, pump_time: datetime) -> datetime:
        """Return an upper bound in UTC for any pump time up to this one, wherever in the log."""
        least = min(
            self._offsets(pump_time, pump_time - IN_ORDER_AFTER),
            default=-FARTHEST_FROM_UTC,
        )
        return (pump_time - least).replace(tzinfo=UTC)

    def earliest(self, pump_time: datetime) -> datetime:
        """Return a lower bound in UTC for any pump time from this one on, wherever in the log."""
        most = max(
            self._offsets(pump_time, pump_time + IN_ORDER_AFTER),
            default=FARTHEST_FROM_UTC,
        )
        return (pump_time - most).replace(tzinfo=UTC)

    def _offsets(self, pump_time: datetime, other: datetime) -> list[timedelta]:
        """Return all offsets that may apply; none if the zone's offset changes between two times."""
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
