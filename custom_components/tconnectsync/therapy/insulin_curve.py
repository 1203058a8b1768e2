"""Estimated insulin on board at any time, computed from all deliveries."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from math import ceil, sumprod

from custom_components.tconnectsync.instants import MINUTE

from .basal_deviation import BasalDeviation, basal_deviation
from .delivered_insulin import bolus_deliveries
from .history import History, newest_of, unreadable_of
from .insulin_decay import remaining
from .records import Bolus, Delivery
from .spans import Span
from .timeline import between
from .unreadable import insulin_spans, may_be_on_board
from .unseen_delivery import MAX_IGNORED_GAP, near_delivery, unseen_spans

STEP_MINUTES = 5
STEP = timedelta(minutes=STEP_MINUTES)
MAY_RUN_ON = timedelta(hours=2)
"""A bolus without a logged end is over at this time after its planned end."""

type Point = tuple[datetime, float | None]
"""An instant (UTC), and insulin on board (U) then; None where it is unknown."""


def insulin_curve(
    histories: Sequence[History], duration: float, first: datetime, last: datetime
) -> Iterator[Point]:
    """Yield insulin on board (U) every five minutes from one instant up to another (UTC), never below 0.

    It is the sum over all pumps of boluses, extended parts, and basal above or below the profile's
    rate, by the model of insulin_decay; duration in minutes. It is None where, within a duration
    before, events are not stored or unreadable, the profile's rate is unknown, or unlogged insulin
    may have flowed for more than half an hour.
    """
    steps = ceil(duration / STEP_MINUTES)
    origin = first - steps * STEP
    basal = basal_deviation(histories, origin, last)
    doses = _Doses(origin, int((last - origin) / STEP))
    for history in histories:
        doses.add(bolus_deliveries(history, origin))
    doses.add(basal.deliveries)
    fading = [
        remaining(minutes, duration)
        for minutes in range(0, STEP_MINUTES * (steps + 1), STEP_MINUTES)
    ]
    unreadable = unreadable_of(histories)
    is_known = _Known(basal, insulin_spans(unreadable), duration)
    for step, on_board in enumerate(doses.on_board(fading)):
        instant = first + step * STEP
        yield instant, max(0.0, on_board) if is_known.at(instant) else None


def insulin_on_board_estimate(
    histories: Sequence[History], duration: float
) -> float | None:
    """Return the curve's value at the newest event of all pumps (U); duration in minutes."""
    newest = newest_of(histories)
    if newest is None:
        return None
    ((_, on_board),) = insulin_curve(histories, duration, newest, newest)
    return on_board


def insulin_on_board_ends(
    histories: Sequence[History], duration: float
) -> datetime | None:
    """Return when the last bolus stops acting (UTC), if none follows; duration in minutes.

    None while a bolus is running, as it may be stopped, and where events of another one within the
    duration may be missing or unreadable.
    """
    newest = newest_of(histories)
    if newest is None or any(
        _may_run(bolus, newest)
        for history in histories
        for bolus in between(history.boluses, newest)
    ):
        return None
    first = newest - duration * MINUTE
    pumps = [near_delivery(history, first, newest) for history in histories]
    unreadable = unreadable_of(histories)
    if _reach_into(
        insulin_spans(unreadable, may_be_on_board), first, newest
    ) or _hide_any(unseen_spans(pumps, newest), first, newest):
        return None
    last = max(
        (part.end for history in histories for part in bolus_deliveries(history)),
        default=None,
    )
    return last + duration * MINUTE if last else None


def _may_run(bolus: Bolus, newest: datetime) -> bool:
    """Return whether a bolus may still be running; its pump's log may have ended before `newest`."""
    planned = timedelta(minutes=bolus.extended_minutes)
    return bolus.in_progress and newest <= bolus.start + planned + MAY_RUN_ON


class _Doses:
    """Deliveries, distributed over instants five minutes apart.

    Each amount is divided between the two instants around it by their distance, so that its decay
    follows the curve. It counts from the later of the two on.
    """

    def __init__(self, origin: datetime, steps: int) -> None:
        self._origin = origin
        self._steps = steps
        self._sooner = [0.0] * (steps + 1)
        """Insulin (U) for the step before its delivery."""
        self._later = [0.0] * (steps + 1)
        """Insulin (U) for the step after its delivery."""

    def add(self, deliveries: Iterable[Delivery]) -> None:
        """Add the deliveries between the first and the last step."""
        for delivery in deliveries:
            start = (delivery.start - self._origin) / STEP
            end = (delivery.end - self._origin) / STEP
            if end <= start:
                if 0 < start <= self._steps:
                    self._add(delivery.insulin, start)
            elif end > 0:
                self._spread(delivery.insulin / (end - start), start, end)

    def _spread(self, rate: float, start: float, end: float) -> None:
        """Add a rate (U per step) between two steps."""
        begin, end = max(start, 0.0), min(end, self._steps)
        while begin < end:
            until = min(int(begin) + 1, end)
            self._add(rate * (until - begin), (begin + until) / 2)
            begin = until

    def _add(self, insulin: float, at: float) -> None:
        before = ceil(at) - 1
        share = at - before
        self._sooner[before] += insulin * (1 - share)
        self._later[before + 1] += insulin * share

    def on_board(self, fading: Sequence[float]) -> Iterator[float]:
        """Yield the insulin left (U) at every step from a complete duration after the origin on."""
        doses = [
            sooner + later
            for sooner, later in zip(self._sooner, self._later, strict=True)
        ]
        backwards, steps = fading[:0:-1], len(fading) - 1
        for step in range(steps, self._steps + 1):
            yield sumprod(doses[step - steps : step], backwards) + self._later[step]


class _Known:
    """Decides at which instants insulin on board is known."""

    def __init__(
        self, basal: BasalDeviation, unreadable: Iterable[Span], duration: float
    ) -> None:
        self._duration = duration * MINUTE
        self._begins = basal.begins
        self._unknown = [*basal.no_profile, *unreadable]
        self._unseen = basal.unseen

    def at(self, instant: datetime) -> bool:
        """Return whether all delivery within the duration before an instant is known."""
        first = instant - self._duration
        return (
            self._begins is not None
            and self._begins <= first
            and not _reach_into(self._unknown, first, instant)
            and not _hide_any(self._unseen, first, instant)
        )


def _reach_into(spans: Iterable[Span], first: datetime, last: datetime) -> bool:
    return any(begins < last and ends > first for begins, ends in spans)


def _hide_any(unseen: Iterable[Span], first: datetime, last: datetime) -> bool:
    """Return whether unlogged insulin may have flowed for too long, by the state of the log at `last`.

    Unlike unseen_delivery.may_have_flowed(), it counts the time before `first` of a span that ends after it.
    """
    return any(
        ends > first and min(ends, last) - begins > MAX_IGNORED_GAP
        for begins, ends in unseen
    )
