"""The pump's wall clock and UTC: which offset held for which event."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from custom_components.tconnectsync.tandem.event_fields import PUMP_EPOCH
from custom_components.tconnectsync.tandem.events import (
    DateChanged,
    EventKey,
    TimeChanged,
)

PAIR_WITHIN = timedelta(minutes=2)
PAIR_WITHIN_NUMBERS = 50
"""More than a pump logs in that time; clocks may show the same again hours later."""
STEP = timedelta(minutes=15)
DAY = timedelta(days=1)
SAME_DAY = timedelta(hours=12, minutes=30)
"""The longest move that is taken for one within the day: mornings are mistaken for evenings."""
LOST = timedelta(days=2 * 366)
"""The longest move that is taken for one; a clock further off had been lost, not moved."""
NOTHING = timedelta()

type ClockChange = TimeChanged | DateChanged


@dataclass(frozen=True, slots=True)
class ClockMove:
    """One move of the pump's clock: its place in the log and the wall clock around it."""

    key: EventKey
    before: datetime
    after: datetime

    @property
    def delta(self) -> timedelta:
        """How far the clock was moved."""
        return self.after - self.before


class Clock:
    """Turns the pump's wall clock into UTC by the history of its moves."""

    def __init__(self, zone: ZoneInfo, changes: Iterable[ClockChange] = ()) -> None:
        """Take the zone the pump is meant to show and every known 13 and 14."""
        self._zone = zone
        moves = clock_moves(changes)
        self._keys = [move.key for move in moves]
        self._offsets = _offsets(zone, moves)

    def utc(self, key: EventKey, pump_time: datetime) -> datetime:
        """Return the UTC instant of a wall clock time logged at this place of the log."""
        if self._offsets:
            offset = self._offsets[bisect_right(self._keys, key)]
        else:
            offset = self._zone.utcoffset(pump_time) or NOTHING
        return (pump_time - offset).replace(tzinfo=UTC)


def clock_moves(changes: Iterable[ClockChange]) -> list[ClockMove]:
    """Join 13 and 14 into moves, in the order of the log; each counts once."""
    ordered = sorted(
        {event.key: event for event in changes}.values(), key=lambda event: event.key
    )
    moves: list[ClockMove] = []
    unpaired: ClockChange | None = None
    for event in ordered:
        if unpaired and (both := _move_of_both(unpaired, event)):
            moves.append(both)
            unpaired = None
            continue
        if unpaired:
            moves.append(_move_of_one(unpaired))
        unpaired = event
    if unpaired:
        moves.append(_move_of_one(unpaired))
    return [move for move in moves if abs(move.delta) >= timedelta(seconds=1)]


def _move_of_both(first: ClockChange, second: ClockChange) -> ClockMove | None:
    """Join a 13 and a 14 logged within two minutes, whichever clock each of them shows."""
    match first, second:
        case (TimeChanged() as timed, DateChanged() as dated) | (
            DateChanged() as dated,
            TimeChanged() as timed,
        ):
            shift = DAY * (dated.after - dated.before)
            turn = timedelta(seconds=timed.after - timed.before)
        case _:
            return None
    before = _midnight(dated.before) + timedelta(seconds=timed.before)
    shown = (before, before + shift, before + turn, before + shift + turn)
    near = all(
        any(abs(change.pump_time - wall) <= PAIR_WITHIN for wall in shown)
        for change in (first, second)
    )
    if (
        not near
        or first.group != second.group
        or second.number - first.number > PAIR_WITHIN_NUMBERS
    ):
        return None
    return ClockMove(key=second.key, before=before, after=before + shift + turn)


def _move_of_one(change: ClockChange) -> ClockMove:
    """Work out a lone change; a time that seems to move most of a day crossed midnight instead."""
    day = datetime.combine(change.pump_time.date(), time())
    shown = change.pump_time - day
    if isinstance(change, DateChanged):
        moved = DAY * (change.after - change.before)
        before = _midnight(change.before) + shown
    else:
        old, new = timedelta(seconds=change.before), timedelta(seconds=change.after)
        moved = new - old
        if abs(moved) > SAME_DAY:
            moved -= DAY if moved > NOTHING else -DAY
        shows_new = abs(shown - new) < abs(shown - old)
        before = day + (new - moved if shows_new else old)
    return ClockMove(key=change.key, before=before, after=before + moved)


def _midnight(days: int) -> datetime:
    return PUMP_EPOCH + DAY * days


def _offsets(zone: ZoneInfo, moves: Sequence[ClockMove]) -> list[timedelta]:
    """Return the offset before the first move and after each one."""
    if not moves:
        return []
    first_right = _first_right(moves)
    offsets = [_zone_offset_after(zone, moves[first_right])]
    for move in reversed(moves[: first_right + 1]):
        offsets.insert(0, offsets[0] - _rounded(move.delta))
    for move in moves[first_right + 1 :]:
        offsets.append(_offset_after(zone, move, offsets[-1]))
    return offsets


def _first_right(moves: Sequence[ClockMove]) -> int:
    """Return the first move that stood for a day: setting up a pump may take several goes."""
    for index, (move, following) in enumerate(pairwise(moves)):
        if abs(following.before - move.after) >= DAY:
            return index
    return len(moves) - 1


def _offset_after(zone: ZoneInfo, move: ClockMove, before: timedelta) -> timedelta:
    """Follow a move from an offset that was the zone's; from any other one it leads to the zone's."""
    turn = _rounded(move.delta)
    if not turn:
        return before
    if abs(turn) > LOST:
        return _zone_offset_after(zone, move)
    instant = (move.before - before).replace(tzinfo=UTC)
    zones = instant.astimezone(zone).utcoffset() or NOTHING
    return before + turn if before == zones else zones


def _rounded(delta: timedelta) -> timedelta:
    return STEP * round(delta / STEP)


def _zone_offset_after(zone: ZoneInfo, move: ClockMove) -> timedelta:
    """Return the zone's offset when the clock was set right; in an hour shown twice or never, the one the move leads to."""
    first, second = (
        move.after.replace(tzinfo=zone, fold=fold).utcoffset() or NOTHING
        for fold in (0, 1)
    )
    return second if _rounded(move.delta) == second - first else first
