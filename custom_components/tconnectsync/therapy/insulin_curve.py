"""Insulin on board at any time, reckoned from everything that was delivered."""

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
"""Past its plan; then a bolus whose end has not come is over."""

type Point = tuple[datetime, float | None]
"""Insulin on board (U) at an instant, None where it is not known."""


def insulin_curve(
    histories: Sequence[History], duration: float, first: datetime, last: datetime
) -> Iterator[Point]:
    """Yield insulin on board every five minutes from one instant up to another (U), never below 0.

    From every bolus, every extended part and basal above or below the profile's rate of every pump,
    by the model of insulin_decay; duration in minutes. None where the events held do not reach back
    that far, where they cannot all be read, where nothing tells the profile's rate, and where for more than half an hour insulin
    may have flowed of which nothing was uploaded.
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
    """Return when the last bolus stops acting, if none follows; duration in minutes.

    None while one is being delivered, for it may be stopped, and where another one may have been
    given within a duration that was not uploaded or cannot be read.
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
    """Return whether a bolus may still be running, the log of whose pump may have ended before."""
    planned = timedelta(minutes=bolus.extended_minutes)
    return bolus.in_progress and newest <= bolus.start + planned + MAY_RUN_ON


class _Doses:
    """What was delivered, laid on instants five minutes apart.

    Each amount is shared between the instants around it by how near they are, so that what is left
    of it follows the curve; what lies behind an instant counts from the next one on.
    """

    def __init__(self, origin: datetime, steps: int) -> None:
        self._origin = origin
        self._steps = steps
        self._sooner = [0.0] * (steps + 1)
        """By the step before which it was delivered."""
        self._later = [0.0] * (steps + 1)
        """By the step behind which it was delivered."""

    def add(self, deliveries: Iterable[Delivery]) -> None:
        """Add what was delivered between origin and end."""
        for delivery in deliveries:
            start = (delivery.start - self._origin) / STEP
            end = (delivery.end - self._origin) / STEP
            if end <= start:
                if 0 < start <= self._steps:
                    self._add(delivery.insulin, start)
            elif end > 0:
                self._spread(delivery.insulin / (end - start), start, end)

    def _spread(self, rate: float, start: float, end: float) -> None:
        """Add so much a step."""
        begin, end = max(start, 0.0), min(end, self._steps)
        while begin < end:
            until = min(int(begin) + 1, end)
            self._add(rate * (until - begin), (begin + until) / 2)
            begin = until

    def _add(self, insulin: float, at: float) -> None:
        behind = ceil(at) - 1
        share = at - behind
        self._sooner[behind] += insulin * (1 - share)
        self._later[behind + 1] += insulin * share

    def on_board(self, fading: Sequence[float]) -> Iterator[float]:
        """Yield what is left at every instant that lies a whole duration behind the origin."""
        laid = [
            sooner + later
            for sooner, later in zip(self._sooner, self._later, strict=True)
        ]
        backwards, steps = fading[:0:-1], len(fading) - 1
        for step in range(steps, self._steps + 1):
            yield sumprod(laid[step - steps : step], backwards) + self._later[step]


class _Known:
    """Tells where insulin on board can be known."""

    def __init__(
        self, basal: BasalDeviation, unreadable: Iterable[Span], duration: float
    ) -> None:
        self._duration = duration * MINUTE
        self._begins = basal.begins
        self._unknown = [*basal.no_profile, *unreadable]
        self._unseen = basal.unseen

    def at(self, instant: datetime) -> bool:
        """Return whether all is known that was delivered within a duration before an instant."""
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
    """Return whether insulin may have flowed unseen between two instants, the later of which is all that is known yet."""
    return any(
        ends > first and min(ends, last) - begins > MAX_IGNORED_GAP
        for begins, ends in unseen
    )
