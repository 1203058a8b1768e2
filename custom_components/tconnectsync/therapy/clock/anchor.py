"""The offset from UTC at the end of a part of the log: where everything before is reckoned from."""

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
"""How far a clock may be ahead if another offset that its moves lead to explains it better."""
SAME_LAG_WITHIN = timedelta(minutes=90)
"""Uploads that are late anyway do not tell apart offsets that differ by less."""
SHOWS_ZONE_AFTER = timedelta(days=2)
"""After so long a clock that was set early, or late, for a change of the zone shows the zone."""
UPLOADS_LOOKED_AT = 8
RECENT = timedelta(days=180)
"""The moves that say where the person is at home; older ones may be another person's."""


def offset_before(move: ClockMove, after: timedelta, zones: timedelta) -> timedelta:
    """Return the offset before a move from the one after it and from the zone's at that time."""
    return _across([-delta for delta in move.deltas], after, zones)


def _across(
    deltas: Sequence[timedelta], offset: timedelta, zones: timedelta
) -> timedelta:
    """Follow a move; what is less than a quarter of an hour is drift put right."""
    if abs(deltas[0]) < DRIFT:
        return offset
    exact = [offset + delta for delta in deltas]
    known = [plain(one, zones) for one in exact]
    for one in known:
        if one is not None:
            return one
    return next((one for one in exact if WEST <= one <= EAST), exact[0])


def _lag(upload: Upload, offset: timedelta) -> timedelta:
    """Return how long after the end of its log an upload was, if this was the offset."""
    return upload.at.replace(tzinfo=None) - (upload.pump_time - offset)


class ClockAnchor:
    """Finds the offset after the last of some moves, or of a clock that was never moved."""

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
        """Take the moves and the uploads up to there, the last reading, and what the next move leads from.

        Repairs are those of the moves that came after the pump had been off.
        """
        self._repairs = repairs
        self._zone = zone
        self._moves = moves
        moved = moves[-1].key if moves else None
        since = [one for one in uploads if moved is None or one.key > moved]
        repaired = max((one.key for one in moves if one.key in repairs), default=None)
        whole = [one for one in uploads if repaired is None or one.key > repaired]
        self._all_since_move = since
        self._uploads_since_move = since[-UPLOADS_LOOKED_AT:]
        self._uploads = self._uploads_since_move or whole[-UPLOADS_LOOKED_AT:]
        self._shown = shown
        self._likely = likely

    def offset_now(self) -> timedelta:
        """Return the offset of now: the zone's where the uploads agree with it."""
        if not self._uploads:
            return self.offset_before_reset()
        zones = offset_at(self._zone, self._uploads[-1].at)
        return self._fitting(zones, [zones, *self._candidates()])

    def offset_before_reset(self, abroad: timedelta | None = None) -> timedelta:
        """Return the offset before the clock stood still or was lost, unless uploads disagree.

        That is the zone's, or that of the place abroad where the clock was put right.
        """
        zones = self._zones_in(len(self._moves))[-1]
        if not self._uploads:
            return zones if abroad is None else abroad
        return self._fitting(
            zones, [*self._zones_and_likely(zones), *self._candidates()]
        )

    def likely_offset(self) -> timedelta:
        """Return the likely offset, unless uploads of that time show another."""
        likely = self._likely or ZERO
        if not self._uploads_since_move or self._fits(likely):
            return likely
        other = self.offset_before_reset()
        return other if self._fits(other) else likely

    def agrees(self, offset: timedelta) -> bool | None:
        """Return whether uploads of that time agree with an offset, None where there are none.

        Where they are only late, the phone may have been away; where they are early, though not
        by too much, the clock may be fast, or the offset another one.
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
        """Return the zone's offset or, where the uploads disagree, the one that explains them best."""
        if self._fits(zones) and self._least_lag(zones) >= -HARDLY_AHEAD:
            return zones
        every = list(dict.fromkeys(candidates))
        possible = [one for one in every if self._is_possible(one)]
        if not possible:
            return zones
        least = min(map(self._lag, possible))
        alike = [one for one in possible if self._lag(one) - least <= SAME_LAG_WITHIN]
        fitting = [one for one in possible if ZERO <= self._lag(one) < MOST_BEHIND]
        if not fitting and self._fits(zones):
            return zones
        return max(fitting or alike, key=self._time_at_home)

    def _fits(self, offset: timedelta) -> bool:
        return self._is_possible(offset) and self._lag(offset) < MOST_BEHIND

    def _is_possible(self, offset: timedelta) -> bool:
        """Return whether uploads lie after what they brought: no clock is that much ahead."""
        return self._least_lag(offset) >= -MOST_AHEAD

    def _least_lag(self, offset: timedelta) -> timedelta:
        """Return how late uploads were at least since the clock was set; one alone may be absurd.

        A clock that goes wrong by itself may fit another offset in the end, but not ever since.
        """
        ever = sorted(_lag(one, offset) for one in self._all_since_move)
        usual = self._lag(offset)
        return min(ever[min(1, (len(ever) - 1) // 2)], usual) if ever else usual

    def _lag(self, offset: timedelta) -> timedelta:
        """Return how late uploads usually were if this is the offset at the end."""
        offsets, keys = self._back_from(offset), [move.key for move in self._moves]
        lags = sorted(
            _lag(one, offsets[bisect_right(keys, one.key)]) for one in self._uploads
        )
        return lags[(len(lags) - 1) // 2]

    def _candidates(self) -> Iterator[timedelta]:
        """Yield the offsets that follow if at some time lately the clock showed the zone.

        A move after a time off leads to another zone, or back to the one from before.
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
            if self._moves[-1].after - self._moves[index].after > RECENT:
                return index + 1
            if abs(self._moves[index].delta) > RECENT:
                return index + 1
        return 0

    def _ends(self, part: int) -> tuple[datetime | None, datetime | None]:
        """Return the first and the last reading of a part between two moves."""
        begin = self._moves[part - 1].after if part else None
        end = self._shown if part == len(self._moves) else self._moves[part].before
        return begin, end

    def _zones_in(self, part: int) -> list[timedelta]:
        """Return the zone's offset when a part of the log begins and, last, a little later."""
        begin, end = self._ends(part)
        found = [offset_after(self._zone, self._moves[part - 1])] if part else []
        if end and (begin is None or end > begin):
            when = (
                end
                if begin is None
                else begin + min((end - begin) / 2, SHOWS_ZONE_AFTER)
            )
            found.append(offset_shown(self._zone, when))
        return found or [ZERO]

    def _time_at_home(self, offset: timedelta) -> timedelta:
        """Return for how long lately the clock showed the zone, if this is the offset at the end."""
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
        """Return the offset before the first move and after each one, backwards from the last."""
        offsets = [offset]
        for move in reversed(self._moves):
            zones = offset_at(self._zone, move.after - offsets[0])
            offsets.insert(0, offset_before(move, offsets[0], zones))
        return offsets
