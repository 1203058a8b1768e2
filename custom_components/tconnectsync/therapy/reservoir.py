"""Insulin left in the cartridge: the last reading or fill, less all insulin delivered and primed since."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from custom_components.tconnectsync.instants import FAR_FUTURE, FAR_PAST
from custom_components.tconnectsync.tandem.event_types import EventKey

from .delivered_insulin import basal_deliveries, bolus_deliveries
from .history import History
from .records import CartridgeReading, Delivery, Fill, FillKind, Record
from .spans import Span, merged, outside
from .timeline import between
from .unseen_delivery import long_enough, may_have_flowed

MEASURED_WITHIN = timedelta(hours=1)
"""A pump measures a new cartridge by then, which cannot be empty yet."""

type Anchor = CartridgeReading | Fill
"""A record with a known level of the cartridge: measured, or just filled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservoir:
    """Insulin left (U) at the newest event, and the values it is computed from."""

    left: float
    reading: int | None
    """The measured level (U); None if there was no measurement since the cartridge was filled."""
    read_at: datetime | None
    filled: float | None
    """The amount of the last cartridge fill (U)."""


def reservoir(history: History) -> Reservoir | None:
    """Return the insulin left: the last reading or fill, less all insulin delivered and primed since.

    None without a reading or fill, and, until the next reading, after a fill with unrecorded amounts
    and where events of delivery may be missing or unreadable.
    """
    known_levels = anchors(history)
    if not known_levels:
        return None
    anchor = known_levels[-1]
    cartridge = Cartridge(history, since=anchor.start)
    left = cartridge.left(anchor)
    if left is None:
        return None
    reading = anchor if isinstance(anchor, CartridgeReading) else None
    newest_fill = cartridge.newest_fill
    return Reservoir(
        left=left,
        reading=reading.insulin if reading else None,
        read_at=reading.start if reading else None,
        filled=newest_fill.amount if newest_fill else None,
    )


class Cartridge:
    """The cartridge's measured, filled, primed and delivered insulin (U), by time and place in the log."""

    def __init__(self, history: History, since: datetime = FAR_PAST) -> None:
        """Collect and sort the records; with `since` (UTC), only for questions about later times."""
        self.newest_fill = max(_fills(history), key=_key, default=None)
        self._anchors = anchors(history)
        self._primed = history.fills
        self._until = history.newest or FAR_PAST
        self._unreadable = [
            event.key for event in history.unreadable if event.cartridge
        ]
        basal = [*basal_deliveries(history, since)]
        self._unseen = _unseen(history, basal, since)
        self._deliveries = sorted(
            (*basal, *bolus_deliveries(history, since)),
            key=lambda delivery: delivery.start,
        )
        self._starts = [delivery.start for delivery in self._deliveries]
        self._all_ended = list(
            accumulate((delivery.end for delivery in self._deliveries), max)
        )
        """By delivery: when it and all earlier ones had ended."""
        self._sums = [
            0.0,
            *accumulate(delivery.insulin for delivery in self._deliveries),
        ]

    def anchor(self, moment_of: Record) -> Anchor | None:
        """Return the last reading or fill up to a record, by the order of the log."""
        after = bisect_right(self._anchors, moment_of.key, key=_key)
        return self._anchors[after - 1] if after else None

    def left(self, anchor: Anchor, moment_of: Record | None = None) -> float | None:
        """Return the insulin left (U) at a record, or at the end of the log without one.

        None where an amount filled, primed or delivered since the anchor is unknown.
        """
        until = moment_of.start if moment_of else self._until
        level = (
            anchor.insulin if isinstance(anchor, CartridgeReading) else anchor.amount
        )
        primed = [
            fill.amount
            for fill in self._primed
            if fill.key > anchor.key and (moment_of is None or fill.key < moment_of.key)
        ]
        is_unreadable = any(
            key > anchor.key and (moment_of is None or key < moment_of.key)
            for key in self._unreadable
        )
        is_unseen = may_have_flowed(self._unseen, anchor.start, until)
        if level is None or None in primed or is_unreadable or is_unseen:
            return None
        delivered = self._delivered(moment_of.start) if moment_of else self._sums[-1]
        used = delivered - self._delivered(anchor.start) + sum(filter(None, primed))
        return max(0.0, level - used)

    def _delivered(self, instant: datetime) -> float:
        """Return all insulin delivered up to an instant (U)."""
        ended = bisect_left(self._all_ended, instant)
        started = bisect_right(self._starts, instant)
        still_to_come = sum(
            delivery.since(instant) for delivery in self._deliveries[ended:started]
        )
        return self._sums[started] - still_to_come


def _unseen(history: History, basal: Iterable[Delivery], since: datetime) -> list[Span]:
    """Return the long spans (UTC) without a known rate or stop, also before the first rate and after the last."""
    flowed = [(part.start, part.end) for part in basal]
    stops = [(stop.start, stop.end) for stop in between(history.suspensions, since)]
    return long_enough(outside(merged(flowed + stops), FAR_PAST, FAR_FUTURE))


def anchors(history: History) -> tuple[Anchor, ...]:
    """Return every reading and fill that counts, in the order of the log.

    A level reported with a suspension does not count right after an alarm that the cartridge is empty
    or removed, nor does a level of 0 right after a fill, when nothing has been measured yet.
    """
    candidates: list[Anchor] = [*history.cartridge_readings, *_fills(history)]
    counting: list[Anchor] = []
    for anchor in sorted(candidates, key=_key):
        last = counting[-1] if counting else None
        if not (
            isinstance(anchor, CartridgeReading) and last and _is_void(anchor, last)
        ):
            counting.append(anchor)
    return tuple(counting)


def _is_void(reading: CartridgeReading, last: Anchor) -> bool:
    """Return whether a reading does not count after the last known level."""
    if isinstance(last, CartridgeReading):
        return reading.at_suspension and last.by_alarm
    return (
        reading.insulin == 0
        and not reading.by_alarm
        and reading.start - last.start <= MEASURED_WITHIN
    )


def _fills(history: History) -> list[Fill]:
    return [fill for fill in history.fills if fill.kind is FillKind.CARTRIDGE]


def _key(record: Record) -> EventKey:
    return record.key
