"""A pump of which no move of the clock is told, where its zone changes to or from summer time.

Either nobody set the clock, and one offset holds all along; or it was set, and the log shows
where it leapt.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from custom_components.tconnectsync.instants import ONE_DAY
from custom_components.tconnectsync.tandem.event_types import PumpEvent
from custom_components.tconnectsync.therapy.log_parts import (
    MOST_NUMBERS_MISSING,
    LogParts,
)

from .check import MOST_AHEAD, MOST_BEHIND, UPLOADS
from .moves import ClockMove
from .possible_offsets import DRIFT, is_near, offset_at
from .uploads import DAYS_KEPT, Upload

EARLY = 2 * ONE_DAY
"""So long before the change somebody may set the clock for it."""
MONTH = 30 * ONE_DAY
USUAL_GAP = timedelta(minutes=6)
NOTHING = timedelta()


def untold_moves(
    zone: ZoneInfo, log: LogParts, uploads: Sequence[Upload]
) -> list[ClockMove]:
    """Return where the clock leapt in the log as its zone did lately, or a while before or after."""
    if (change := _change(zone, uploads)) is None:
        return []
    day, turn = change
    events = [one for one in log.events if one.pump_time >= day - EARLY]
    steps = zip(events, events[1:], events[2:], events[3:], strict=False)
    moves = []
    for before, last, first, after in steps:
        step = first.pump_time - last.pump_time
        if (
            is_near(step, turn)
            and _go_on(before, last)
            and _go_on(first, after)
            and first.group == last.group
            and first.number - last.number <= MOST_NUMBERS_MISSING
        ):
            moves.append(ClockMove(first.key, first.pump_time - turn, first.pump_time))
    return moves


def unmoved_offset(zone: ZoneInfo, uploads: Sequence[Upload]) -> timedelta | None:
    """Return the one offset of a clock that was never set, None while it is that of its zone.

    It is the zone's of another time of the year where the uploads fit that, and not the zone's
    of now.
    """
    if not uploads:
        return None
    now, last = offset_at(zone, uploads[-1].at), uploads[-UPLOADS:]
    few = len(uploads) < UPLOADS and _change(zone, uploads) is None
    if few or _fits(uploads, now):
        return None
    others = dict.fromkeys(
        offset_at(zone, uploads[-1].at - MONTH * ago) for ago in range(13)
    )
    for other in others:
        was_left = len(last) == UPLOADS and _fits(last, now) and not _fits(last, other)
        if _fits(uploads, other) and not was_left:
            return other
    return None


def _fits(uploads: Sequence[Upload], offset: timedelta) -> bool:
    """Return whether by this offset no upload lies before its log ended, and one soon after that."""
    lags = [one.at.replace(tzinfo=None) - (one.pump_time - offset) for one in uploads]
    return -MOST_AHEAD <= min(lags) < MOST_BEHIND


def _change(
    zone: ZoneInfo, uploads: Sequence[Upload]
) -> tuple[datetime, timedelta] | None:
    """Return the day on which the zone last changed its offset, as long as it is held, and by how much."""
    days = _days_back(uploads[-1].at) if uploads else iter(())
    later = next(days, None)
    for day in days:
        assert later is not None
        turn = offset_at(zone, later) - offset_at(zone, day)
        if abs(turn) >= DRIFT:
            return day.replace(tzinfo=None), turn
        later = day
    return None


def _days_back(at: datetime) -> Iterator[datetime]:
    return (at + EARLY - ONE_DAY * ago for ago in range(DAYS_KEPT + 1))


def _go_on(earlier: PumpEvent, later: PumpEvent) -> bool:
    """Return whether the clock went on as usual between two events."""
    return NOTHING <= later.pump_time - earlier.pump_time <= USUAL_GAP
