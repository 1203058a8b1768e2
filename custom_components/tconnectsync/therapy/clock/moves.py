"""Moves of the pump's clock: changes of its time and date (13, 14), joined, in the order of the log."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from custom_components.tconnectsync.instants import ONE_DAY, ZERO
from custom_components.tconnectsync.tandem.event_types import (
    DateChanged,
    EventKey,
    TimeChanged,
)
from custom_components.tconnectsync.tandem.pump_epoch import PUMP_EPOCH

PAIR_WITHIN = timedelta(minutes=2)
PAIR_WITHIN_NUMBERS = 50
"""More than a pump logs in that time; a clock may show the same time again hours later."""
SAME_DAY = timedelta(hours=12, minutes=30)
"""The longest move within a day, as mornings are mistaken for evenings; longer ones crossed midnight."""

type ClockChange = TimeChanged | DateChanged


@dataclass(frozen=True, slots=True)
class ClockMove:
    """One move of the pump's clock: its place in the log, and the clock before and after it."""

    key: EventKey
    before: datetime
    after: datetime
    over_midnight: bool = False
    """Whether only a change of time is logged, by most of a day in the other direction."""

    @property
    def delta(self) -> timedelta:
        """How far the clock was moved (negative: back)."""
        return self.after - self.before

    @property
    def deltas(self) -> tuple[timedelta, ...]:
        """The possible moves, the most likely one first."""
        if not self.over_midnight:
            return (self.delta,)
        return (
            self.delta,
            self.delta - ONE_DAY if self.delta > ZERO else self.delta + ONE_DAY,
        )


def clock_moves(changes: Iterable[ClockChange]) -> list[ClockMove]:
    """Return the moves that changes (13, 14) make up, in the order of the log; duplicates count once."""
    ordered = sorted(
        {event.key: event for event in changes}.values(), key=lambda event: event.key
    )
    moves: list[ClockMove] = []
    unpaired: ClockChange | None = None
    for event in ordered:
        if unpaired and (move := _move_of_both(unpaired, event)):
            moves.append(move)
            unpaired = None
            continue
        if unpaired:
            moves.append(_move_of_one(unpaired))
        unpaired = event
    if unpaired:
        moves.append(_move_of_one(unpaired))
    return [move for move in moves if abs(move.delta) >= timedelta(seconds=1)]


def _move_of_both(first: ClockChange, second: ClockChange) -> ClockMove | None:
    """Return the move of a 13 and a 14 within two minutes, whether their pump times are old or new; None for others."""
    match first, second:
        case (TimeChanged() as timed, DateChanged() as dated) | (
            DateChanged() as dated,
            TimeChanged() as timed,
        ):
            shift = ONE_DAY * (dated.after - dated.before)
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
    """Return the move of a single change; a time change by most of a day crossed midnight instead."""
    day = datetime.combine(change.pump_time.date(), time())
    shown, over_midnight = change.pump_time - day, False
    if isinstance(change, DateChanged):
        moved = ONE_DAY * (change.after - change.before)
        before = _midnight(change.before) + shown
    else:
        old, new = timedelta(seconds=change.before), timedelta(seconds=change.after)
        moved = new - old
        over_midnight = abs(moved) > SAME_DAY
        if over_midnight:
            moved -= ONE_DAY if moved > ZERO else -ONE_DAY
        shows_new = abs(shown - new) < abs(shown - old)
        before = day + (new - moved if shows_new else old)
    return ClockMove(change.key, before, before + moved, over_midnight)


def _midnight(days: int) -> datetime:
    return PUMP_EPOCH + ONE_DAY * days
