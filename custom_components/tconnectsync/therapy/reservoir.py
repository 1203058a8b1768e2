"""What is left in the cartridge: the last reading or fill, less all that left it since."""

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
"""Where it is known what a cartridge holds: measured, or just filled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservoir:
    """Insulin left (U) at the newest event, and what it is worked out from."""

    left: float
    reading: int | None
    """What the pump measured; None when nothing was measured since the cartridge was filled."""
    read_at: datetime | None
    filled: float | None
    """What the cartridge was last filled with."""


def reservoir(history: History) -> Reservoir | None:
    """Return what is left: the last reading, or the fill, less all delivered and primed since.

    None before anything was read or filled, and, until the next reading, after a fill whose amounts
    were not all recorded, and where insulin may have flowed of which nothing was uploaded.
    """
    found = anchors(history)
    if not found:
        return None
    anchor = found[-1]
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
    """Answers from what was measured, filled, primed and delivered (U)."""

    def __init__(self, history: History, since: datetime = FAR_PAST) -> None:
        """Sort it once; with an instant, for questions about what came after it alone."""
        self.newest_fill = max(_fills(history), key=_key, default=None)
        self._anchors = anchors(history)
        self._primed = history.fills
        self._until = history.newest or FAR_PAST
        self._unreadable = [one.key for one in history.unreadable if one.cartridge]
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
        """When each delivery and all before it had ended."""
        self._sums = [
            0.0,
            *accumulate(delivery.insulin for delivery in self._deliveries),
        ]

    def anchor(self, moment_of: Record) -> Anchor | None:
        """Return the last reading or fill when an event is logged."""
        behind = bisect_right(self._anchors, moment_of.key, key=_key)
        return self._anchors[behind - 1] if behind else None

    def left(self, anchor: Anchor, moment_of: Record | None = None) -> float | None:
        """Return what is left (U) when an event is logged, at the end of the log without one.

        None where not all that was filled, primed or delivered since was reported.
        """
        until = moment_of.start if moment_of else self._until
        held = anchor.insulin if isinstance(anchor, CartridgeReading) else anchor.amount
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
        if held is None or None in primed or is_unreadable or is_unseen:
            return None
        delivered = self._delivered(moment_of.start) if moment_of else self._sums[-1]
        used = delivered - self._delivered(anchor.start) + sum(filter(None, primed))
        return max(0.0, held - used)

    def _delivered(self, instant: datetime) -> float:
        """Return everything delivered up to an instant (U)."""
        ended = bisect_left(self._all_ended, instant)
        begun = bisect_right(self._starts, instant)
        still_to_come = sum(
            delivery.since(instant) for delivery in self._deliveries[ended:begun]
        )
        return self._sums[begun] - still_to_come


def _unseen(history: History, basal: Iterable[Delivery], since: datetime) -> list[Span]:
    """Return when nothing tells what flowed, or that nothing did; also before the first rate, where a cartridge may be older."""
    flowed = [(part.start, part.end) for part in basal]
    stops = [(stop.start, stop.end) for stop in between(history.suspensions, since)]
    return long_enough(outside(merged(flowed + stops), FAR_PAST, FAR_FUTURE))


def anchors(history: History) -> tuple[Anchor, ...]:
    """Return every reading and fill that counts, in the order of the log.

    What a suspension tells does not behind an alarm that the cartridge is empty or gone, nor does a
    cartridge that is empty straight after it was filled: nothing was measured yet.
    """
    every: list[Anchor] = [*history.cartridge_readings, *_fills(history)]
    found: list[Anchor] = []
    for one in sorted(every, key=_key):
        last = found[-1] if found else None
        if not (isinstance(one, CartridgeReading) and last and _is_void(one, last)):
            found.append(one)
    return tuple(found)


def _is_void(reading: CartridgeReading, last: Anchor) -> bool:
    """Return whether a reading says nothing behind what was known last."""
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
