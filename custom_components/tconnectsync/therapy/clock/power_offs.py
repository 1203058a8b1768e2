"""Where the pump was off, so that its clock stood still."""

from bisect import bisect_left
from datetime import datetime, timedelta

from custom_components.tconnectsync.tandem.event_types import (
    AlarmRaised,
    BasalRateChange,
    EventKey,
    PumpEvent,
    PumpRestarted,
    ShelfModeEntered,
)
from custom_components.tconnectsync.therapy.log_parts import (
    MOST_NUMBERS_MISSING,
    LogParts,
)
from custom_components.tconnectsync.therapy.stop_reasons import (
    RATE_SHUT_DOWN,
    comes_on_again,
)

from .moves import ClockMove

CODES = frozenset({3, 5, 53, 99})
TOGETHER = timedelta(hours=1)
"""Within so much of the pump's clock several of these tell of one time off."""
GAP = timedelta(minutes=15)
LOOKED_AT = 40
"""Events before a move in which a gap is looked for."""
LEAST_EVENTS = 6
"""So many within the hour before a gap show a pump that logs all the time."""
EVENTS_COUNTED = 13
"""Events before a gap of which those are counted; a pump logs about one in five minutes."""
MOST_NUMBERS_APART = 20
"""A pump logs no more in half an hour than this, so that a time off before would be known."""


class PowerOffs:
    """Finds what tells that a pump had been off before its clock was moved."""

    def __init__(self, log: LogParts) -> None:
        """Look at a log."""
        self._log = log
        self._marks = log.where(
            _is_mark, AlarmRaised, BasalRateChange, PumpRestarted, ShelfModeEntered
        )
        self._mark_keys = [mark.key for mark in self._marks]

    def last_since(self, key: EventKey) -> EventKey | None:
        """Return where the pump was last off after a place in the log, None where it was not."""
        last = self._mark_keys[-1] if self._mark_keys else key
        return last if last > key else None

    def first_since(self, key: EventKey) -> EventKey | None:
        """Return where the pump was first off after a place in the log, None where it was not."""
        index = bisect_left(self._mark_keys, key)
        return self._mark_keys[index] if index < len(self._mark_keys) else None

    def knows_before(self, move: ClockMove) -> bool:
        """Return whether what was logged right before a move is known."""
        index = self._place(move)
        if not index:
            return False
        (group, number), (last_group, last) = move.key, self._log.events[index - 1].key
        return group == last_group and number - last <= MOST_NUMBERS_APART

    def time_off_before(
        self, move: ClockMove, previous: EventKey | None
    ) -> tuple[EventKey, datetime] | None:
        """Return the first event after the last time off before a move, and its wall clock.

        Only what lies after the move before counts.
        """
        return self._time_off_logged(move, previous) or self._time_off_in_gap(
            move, previous
        )

    def _time_off_logged(
        self, move: ClockMove, previous: EventKey | None
    ) -> tuple[EventKey, datetime] | None:
        index = bisect_left(self._mark_keys, move.key)
        first: PumpEvent | None = None
        for mark in reversed(self._marks[:index]):
            if previous is not None and mark.key < previous:
                break
            if first and abs(first.pump_time - mark.pump_time) > TOGETHER:
                break
            first = mark
        if first is None:
            return None
        if isinstance(first, ShelfModeEntered | BasalRateChange):
            return (first.group, first.number + 1), first.pump_time
        return first.key, first.pump_time

    def _place(self, move: ClockMove) -> int:
        """Return how many events were logged before a move."""
        return bisect_left(self._log.events, move.key, key=lambda event: event.key)

    def _time_off_in_gap(
        self, move: ClockMove, previous: EventKey | None
    ) -> tuple[EventKey, datetime] | None:
        index = self._place(move)
        events = [
            event
            for event in self._log.events[max(0, index - LOOKED_AT) : index]
            if previous is None or event.key > previous
        ]
        steps = [(event.key, event.pump_time) for event in events]
        steps.append((move.key, move.before))
        for place in range(len(steps) - 1, LEAST_EVENTS - 1, -1):
            (key, shown), (earlier, last) = steps[place], steps[place - 1]
            counted = steps[max(0, place - EVENTS_COUNTED) : place]
            logged = sum(timedelta() <= last - at <= TOGETHER for _, at in counted)
            if (
                shown - last > GAP
                and key[0] == earlier[0]
                and key[1] - earlier[1] <= MOST_NUMBERS_MISSING
                and logged >= LEAST_EVENTS
            ):
                return key, shown
        return None


def _is_mark(event: PumpEvent) -> bool:
    if event.code not in CODES:
        return False
    match event:
        case ShelfModeEntered():
            return True
        case BasalRateChange(changes=changes):
            return RATE_SHUT_DOWN in changes
        case _:
            return comes_on_again(event)
