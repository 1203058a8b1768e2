"""Places in the log where the pump was off, so that its clock stood still."""

from bisect import bisect_left
from datetime import datetime, timedelta

from custom_components.tconnectsync.tandem.enums import BasalRateChangeBit
from custom_components.tconnectsync.tandem.event_codes import EventCode
from custom_components.tconnectsync.tandem.event_types import (
    AlarmRaised,
    BasalRateChange,
    EventKey,
    PumpEvent,
    PumpRestarted,
    ShelfModeEntered,
)
from custom_components.tconnectsync.therapy.log_parts import (
    EVENTS_OF_CONTINUOUS_LOG,
    LogParts,
    numbers_skipped,
)
from custom_components.tconnectsync.therapy.stop_reasons import shows_pump_was_off

from .moves import ClockMove

CODES = frozenset(
    {
        EventCode.BASAL_RATE_CHANGE,
        EventCode.ALARM_ACTIVATED,
        EventCode.SHELF_MODE,
        EventCode.PUMP_RESTARTED,
    }
)
TOGETHER = timedelta(hours=1)
"""Signs no further apart than this (pump time) are of one time off."""
GAP = timedelta(minutes=15)
LOOKED_AT = 40
"""Events before a move that are searched for a gap."""
EVENTS_COUNTED = 13
"""Events before a gap that show whether the pump logged continuously; it logs about one in five minutes."""
MOST_NUMBERS_APART = 20
"""Sequence numbers; a pump logs no more than these in half an hour, so a time off before would be known."""


class PowerOffs:
    """Finds signs that a pump had been off before its clock was moved."""

    def __init__(self, log: LogParts) -> None:
        """Find all signs in a log."""
        self._log = log
        self._signs = log.where(
            _is_sign, AlarmRaised, BasalRateChange, PumpRestarted, ShelfModeEntered
        )
        self._sign_keys = [sign.key for sign in self._signs]

    def last_since(self, key: EventKey) -> EventKey | None:
        """Return where the pump was last off after a place in the log, None where it was not."""
        last = self._sign_keys[-1] if self._sign_keys else key
        return last if last > key else None

    def first_since(self, key: EventKey) -> EventKey | None:
        """Return where the pump was first off after a place in the log, None where it was not."""
        index = bisect_left(self._sign_keys, key)
        return self._sign_keys[index] if index < len(self._sign_keys) else None

    def knows_before(self, move: ClockMove) -> bool:
        """Return whether the events right before a move are stored."""
        index = self._events_before(move)
        if not index:
            return False
        (group, number), (last_group, last) = move.key, self._log.events[index - 1].key
        return group == last_group and number - last <= MOST_NUMBERS_APART

    def time_off_before(
        self, move: ClockMove, previous: EventKey | None
    ) -> tuple[EventKey, datetime] | None:
        """Return the key and pump time of the first event after the last time off before a move.

        Only the time off after the previous move counts.
        """
        return self._time_off_logged(move, previous) or self._time_off_in_gap(
            move, previous
        )

    def _time_off_logged(
        self, move: ClockMove, previous: EventKey | None
    ) -> tuple[EventKey, datetime] | None:
        index = bisect_left(self._sign_keys, move.key)
        first: PumpEvent | None = None
        for sign in reversed(self._signs[:index]):
            if previous is not None and sign.key < previous:
                break
            if first and abs(first.pump_time - sign.pump_time) > TOGETHER:
                break
            first = sign
        if first is None:
            return None
        if isinstance(first, ShelfModeEntered | BasalRateChange):
            return (first.group, first.number + 1), first.pump_time
        return first.key, first.pump_time

    def _events_before(self, move: ClockMove) -> int:
        """Return how many events were logged before a move."""
        return bisect_left(self._log.events, move.key, key=lambda event: event.key)

    def _time_off_in_gap(
        self, move: ClockMove, previous: EventKey | None
    ) -> tuple[EventKey, datetime] | None:
        index = self._events_before(move)
        events = [
            event
            for event in self._log.events[max(0, index - LOOKED_AT) : index]
            if previous is None or event.key > previous
        ]
        steps = [(event.key, event.pump_time) for event in events]
        steps.append((move.key, move.before))
        for step in range(len(steps) - 1, EVENTS_OF_CONTINUOUS_LOG - 1, -1):
            (key, shown), (earlier, last) = steps[step], steps[step - 1]
            counted = steps[max(0, step - EVENTS_COUNTED) : step]
            logged = sum(timedelta() <= last - at <= TOGETHER for _, at in counted)
            if (
                shown - last > GAP
                and not numbers_skipped(earlier, key)
                and logged >= EVENTS_OF_CONTINUOUS_LOG
            ):
                return key, shown
        return None


def _is_sign(event: PumpEvent) -> bool:
    if event.code not in CODES:
        return False
    match event:
        case ShelfModeEntered():
            return True
        case BasalRateChange(changes=changes):
            return BasalRateChangeBit.SHUT_DOWN in changes
        case _:
            return shows_pump_was_off(event)
