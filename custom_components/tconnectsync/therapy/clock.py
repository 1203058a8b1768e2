"""The pump's wall clock and UTC: which offset held for which event."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from custom_components.tconnectsync.tandem.events import (
    DateChanged,
    EventKey,
    TimeChanged,
)
from custom_components.tconnectsync.tandem.properties import PUMP_EPOCH

PAIR_WITHIN = timedelta(minutes=2)
STEP = timedelta(minutes=15)
DAY = timedelta(days=1)
SAME_DAY = timedelta(hours=12, minutes=30)
"""The longest move that is taken for one within the day: mornings are mistaken for evenings."""
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
        if not self._offsets:
            return pump_time.replace(tzinfo=self._zone).astimezone(UTC)
        return (pump_time - self._offsets[bisect_right(self._keys, key)]).replace(
            tzinfo=UTC
        )


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
    apart = abs(timed.pump_time - dated.pump_time)
    near = any(
        abs(apart - abs(moved)) <= PAIR_WITHIN
        for moved in (NOTHING, shift, turn, shift + turn, shift - turn)
    )
    if not near or timed.group != dated.group:
        return None
    return ClockMove(
        key=second.key,
        before=_midnight(dated.before) + timedelta(seconds=timed.before),
        after=_midnight(dated.after) + timedelta(seconds=timed.after),
    )


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
    after_first = _offset_after_first(zone, moves[0])
    offsets = [after_first - _rounded(moves[0].delta), after_first]
    for move in moves[1:]:
        before, turn = offsets[-1], _rounded(move.delta)
        instant = (move.before - before).replace(tzinfo=UTC)
        zones = instant.astimezone(zone).utcoffset() or NOTHING
        offsets.append(before + turn if before == zones or not turn else zones)
    return offsets


def _rounded(delta: timedelta) -> timedelta:
    return STEP * round(delta / STEP)


def _offset_after_first(zone: ZoneInfo, move: ClockMove) -> timedelta:
    """Return the zone's offset at the first move; in an hour that exists twice or not at all, the one that the move leads to."""
    first, second = (
        move.after.replace(tzinfo=zone, fold=fold).utcoffset() or NOTHING
        for fold in (0, 1)
    )
    return second if _rounded(move.delta) == second - first else first
