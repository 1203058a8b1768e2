"""The offset from UTC at the end of a part of the log, from which all earlier ones are computed."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from custom_components.tconnectsync.instants import ZERO
from custom_components.tconnectsync.tandem.event_types import EventKey

from .clock_error import MOST_AHEAD, MOST_BEHIND
from .moves import ClockMove
from .possible_offsets import (
    DRIFT,
    EAST,
    WEST,
    is_near,
    offset_after,
    offset_at,
    offset_shown,
    plain,
)
from .uploads import Upload

HARDLY_AHEAD = timedelta(minutes=10)
"""A clock further ahead is given another offset that its moves lead to, if that explains the uploads."""
SAME_LAG_WITHIN = timedelta(minutes=90)
"""Late uploads do not distinguish offsets that differ by less."""
SHOWS_ZONE_AFTER = timedelta(days=2)
"""After this time, a clock that was set early or late for a change of summer time shows the zone's time."""
UPLOADS_LOOKED_AT = 8
HOME_MOVES_WITHIN = timedelta(days=180)
"""The moves that show the person's home zone; older ones may be another person's."""


def offset_before(move: ClockMove, after: timedelta, zones: timedelta) -> timedelta:
    """Return the offset before a move, from the one after it and the zone's offset at that time."""
    return _across([-delta for delta in move.deltas], after, zones)


def _across(
    deltas: Sequence[timedelta], offset: timedelta, zones: timedelta
) -> timedelta:
    """Return an offset on the other side of a move; a move of less than a quarter of an hour corrects drift."""
    if abs(deltas[0]) < DRIFT:
        return offset
    exact = [offset + delta for delta in deltas]
    for without_drift in (plain(candidate, zones) for candidate in exact):
        if without_drift is not None:
            return without_drift
    return next(
        (candidate for candidate in exact if WEST <= candidate <= EAST), exact[0]
    )


def _lag(upload: Upload, offset: timedelta) -> timedelta:
    """Return the time from the end of the log to an upload, with this offset."""
    return upload.at.replace(tzinfo=None) - (upload.pump_time - offset)


class ClockAnchor:
    """Finds the offset after the last of some moves, or that of a clock that was never moved."""

    def __init__(
        self,
        zone: ZoneInfo,
        moves: Sequence[ClockMove],
        uploads: Sequence[Upload],
        *,
        shown: datetime | None,
        likely: timedelta | None,
        repairs: frozenset[EventKey],
    ) -> None:
        """Take the moves and uploads up to a place in the log, and evidence about it.

        `shown` is the last pump time before it, `likely` the offset that the next move leads from,
        `repairs` the moves that corrected the clock after the pump had been off.
        """
        self._repairs = repairs
        self._zone = zone
        self._moves = moves
        moved = moves[-1].key if moves else None
        since_move = [
            upload for upload in uploads if moved is None or upload.key > moved
        ]
        repaired = max(
            (move.key for move in moves if move.key in repairs), default=None
        )
        since_repair = [
            upload for upload in uploads if repaired is None or upload.key > repaired
        ]
        self._all_since_move = since_move
        self._uploads_since_move = since_move[-UPLOADS_LOOKED_AT:]
        self._uploads = self._uploads_since_move or since_repair[-UPLOADS_LOOKED_AT:]
        self._shown = shown
        self._likely = likely

    def offset_now(self) -> timedelta:
        """Return the current offset: the zone's where the uploads agree with it."""
        if not self._uploads:
            return self.offset_before_reset()
        zones = offset_at(self._zone, self._uploads[-1].at)
        return self._fitting(zones, [zones, *self._candidates()])

    def offset_before_reset(self, abroad: timedelta | None = None) -> timedelta:
        """Return the offset before the clock stood still or was lost.

        That is the zone's unless uploads disagree, or without uploads that of the place abroad where
        the clock was corrected.
        """
        zones = self._zones_in(len(self._moves))[-1]
        if not self._uploads:
            return zones if abroad is None else abroad
        return self._fitting(
            zones, [*self._zones_and_likely(zones), *self._candidates()]
        )

    def likely_offset(self) -> timedelta:
        """Return the likely offset, unless uploads since the last move show another."""
        likely = self._likely or ZERO
        if not self._uploads_since_move or self._fits(likely):
            return likely
        other = self.offset_before_reset()
        return other if self._fits(other) else likely

    def agrees(self, offset: timedelta) -> bool | None:
        """Return whether uploads since the last move agree with an offset, None where they are inconclusive.

        If they are late, the phone may have been away; if they are a little early, the clock may be
        fast, or the offset wrong.
        """
        if not self._uploads_since_move:
            return None
        least = self._least_lag(offset)
        if least < -MOST_AHEAD:
            return False
        return True if least >= -HARDLY_AHEAD and self._fits(offset) else None

    def _zones_and_likely(self, zones: timedelta) -> list[timedelta]:
        likely = None if self._likely is None else plain(self._likely, zones)
        return [zones] if likely is None else [zones, likely]

    def _fitting(self, zones: timedelta, candidates: Iterable[timedelta]) -> timedelta:
        """Return the zone's offset or, where the uploads disagree, the candidate that explains them best."""
        if self._fits(zones) and self._least_lag(zones) >= -HARDLY_AHEAD:
            return zones
        unique = list(dict.fromkeys(candidates))
        possible = [offset for offset in unique if self._is_possible(offset)]
        if not possible:
            return zones
        least = min(map(self._lag, possible))
        alike = [
            offset
            for offset in possible
            if self._lag(offset) - least <= SAME_LAG_WITHIN
        ]
        fitting = [
            offset for offset in possible if ZERO <= self._lag(offset) < MOST_BEHIND
        ]
        if not fitting and self._fits(zones):
            return zones
        return max(fitting or alike, key=self._time_at_home)

    def _fits(self, offset: timedelta) -> bool:
        return self._is_possible(offset) and self._lag(offset) < MOST_BEHIND

    def _is_possible(self, offset: timedelta) -> bool:
        """Return whether uploads are after the events they contained, give or take MOST_AHEAD."""
        return self._least_lag(offset) >= -MOST_AHEAD

    def _least_lag(self, offset: timedelta) -> timedelta:
        """Return the second least lag of all uploads since the clock was set, as a single one may be absurd.

        A clock that goes wrong by itself may fit another offset in the end, but not all the time.
        """
        lags = sorted(_lag(upload, offset) for upload in self._all_since_move)
        usual = self._lag(offset)
        return min(lags[min(1, (len(lags) - 1) // 2)], usual) if lags else usual

    def _lag(self, offset: timedelta) -> timedelta:
        """Return the median lag of the last uploads, with this offset at the end."""
        offsets, keys = self._back_from(offset), [move.key for move in self._moves]
        lags = sorted(
            _lag(upload, offsets[bisect_right(keys, upload.key)])
            for upload in self._uploads
        )
        return lags[(len(lags) - 1) // 2]

    def _candidates(self) -> Iterator[timedelta]:
        """Yield the offsets at the end if the clock showed the zone's time at some recent time.

        A move after a time off may lead to another zone, or back to the one before.
        """
        for part in range(len(self._moves), self._first_recent() - 1, -1):
            for zones in self._zones_in(part):
                for repairs in (self._repairs, frozenset[EventKey]()):
                    offset = zones
                    for move in self._moves[part:]:
                        if move.key not in repairs:
                            there = offset_at(self._zone, move.before - offset)
                            offset = _across(move.deltas, offset, there)
                    yield offset

    def _first_recent(self) -> int:
        last = len(self._moves)
        for index in range(last - 1, -1, -1):
            if self._moves[-1].after - self._moves[index].after > HOME_MOVES_WITHIN:
                return index + 1
            if abs(self._moves[index].delta) > HOME_MOVES_WITHIN:
                return index + 1
        return 0

    def _ends(self, part: int) -> tuple[datetime | None, datetime | None]:
        """Return the first and the last pump time of a part between two moves."""
        begin = self._moves[part - 1].after if part else None
        end = self._shown if part == len(self._moves) else self._moves[part].before
        return begin, end

    def _zones_in(self, part: int) -> list[timedelta]:
        """Return the zone's offset at the start of a part of the log and, last, a little later."""
        begin, end = self._ends(part)
        offsets = [offset_after(self._zone, self._moves[part - 1])] if part else []
        if end and (begin is None or end > begin):
            when = (
                end
                if begin is None
                else begin + min((end - begin) / 2, SHOWS_ZONE_AFTER)
            )
            offsets.append(offset_shown(self._zone, when))
        return offsets or [ZERO]

    def _time_at_home(self, offset: timedelta) -> timedelta:
        """Return for how long the clock recently showed the zone's time, with this offset at the end."""
        offsets, home = self._back_from(offset), ZERO
        for part in range(self._first_recent(), len(self._moves) + 1):
            begin, end = self._ends(part)
            if begin is None or end is None or end <= begin:
                continue
            middle = begin + (end - begin) / 2 - offsets[part]
            if is_near(offsets[part], offset_at(self._zone, middle)):
                home += end - begin
        return home

    def _back_from(self, offset: timedelta) -> list[timedelta]:
        """Return the offsets before the first move and after each move, computed from the last one."""
        offsets = [offset]
        for move in reversed(self._moves):
            zones = offset_at(self._zone, move.after - offsets[0])
            offsets.insert(0, offset_before(move, offsets[0], zones))
        return offsets
