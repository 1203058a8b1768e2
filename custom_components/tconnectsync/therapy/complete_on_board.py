"""Decides whether the insulin on board that a pump reported is complete, so that it may be shown."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Self

from custom_components.tconnectsync.instants import FAR_FUTURE, FAR_PAST, MINUTE

from .delivered_insulin import bolus_deliveries
from .history import History, newest_of
from .insulin_duration import may_act_for
from .records import Bolus, InsulinOnBoard
from .spans import Span, merged
from .timeline import between
from .unreadable import insulin_spans, may_be_on_board
from .unseen_delivery import may_have_flowed, near_delivery, unseen_spans

ANY = 0.001
"""U/h; the lowest rate of a pump."""


def complete_on_board(
    histories: Sequence[History],
    duration: float | None,
    delivery_uncertain_until: datetime | None = None,
) -> InsulinOnBoard | None:
    """Return the newest insulin on board (U) that the pump in use, the first one, reported.

    None where more may be on board: a bolus is running, or may be missing or unreadable; or, within
    the insulin duration (min), another pump delivered, delivery up to `delivery_uncertain_until` (UTC)
    may be incomplete, or this pump started to count at 0 again.
    """
    history = histories[0]
    reported = history.insulin_on_board[-1] if history.insulin_on_board else None
    newest = newest_of(histories) or FAR_PAST
    if reported is None:
        return None
    boluses = between(history.boluses, reported.start)
    if (
        any(bolus.in_progress for bolus in boluses)
        or any(
            part.end > reported.start for bolus in boluses for part in bolus.deliveries
        )
        or any(_ended_after(bolus, reported) for bolus in boluses)
        or any(
            event.key > reported.key and may_be_on_board(event)
            for event in history.unreadable
        )
        or any(
            events.code is None and events.end > reported.start
            for events in history.missing
        )
        or _may_have_flowed(history, reported.start)
        or (
            delivery_uncertain_until
            and reported.start - delivery_uncertain_until < may_act_for(duration)
        )
        or not OnBoard.of(histories, duration).is_all(reported, newest)
    ):
        return None
    return reported


def _may_have_flowed(history: History, since: datetime) -> bool:
    """Return whether unlogged insulin of a pump may have flowed for too long since an instant."""
    newest = history.newest or since
    unseen = unseen_spans([near_delivery(history, since, newest)], newest)
    return may_have_flowed(unseen, since, newest)


def _ended_after(bolus: Bolus, reported: InsulinOnBoard) -> bool:
    """Return whether a bolus at the instant of a report ended after the report by the order of the log.

    Events that a fast clock dates after their upload all get the instant of the upload.
    """
    group, number = reported.key
    if reported.ends_bolus and number in bolus.numbers:
        return False
    return (
        bolus.key[0] == group
        and max(bolus.numbers) > number
        and any(part.end == reported.start for part in bolus.deliveries)
    )


@dataclass(frozen=True, slots=True)
class OnBoard:
    """Decides whether one pump's insulin on board includes the insulin of all pumps."""

    acts: timedelta
    """How long insulin acts."""
    oldest: datetime
    """From when on the pump's delivery is known (UTC)."""
    own: tuple[Span, ...]
    """Spans in which it delivered; empty if no other pump may have."""
    others: tuple[Span, ...]
    """Spans in which any other pump delivered, or may have."""

    @classmethod
    def of(
        cls,
        histories: Sequence[History],
        duration: float | None,
        unsure: Iterable[Span] = (),
    ) -> Self:
        """Take the histories of all pumps, that of the pump in question first.

        Insulin acts for `duration` minutes, or for the longest possible duration where that is None.
        `unsure` are spans in which delivery by other pumps is uncertain.
        """
        history, *others = histories
        spans = [span for other in others for span in _delivering(other, least=ANY)]
        spans += chain.from_iterable(
            insulin_spans(other.unreadable) for other in others
        )
        spans += unsure
        return cls(
            may_act_for(duration),
            history.oldest or FAR_PAST,
            tuple(merged(_delivering(history, least=0.0)) if spans else ()),
            tuple(merged(spans)),
        )

    def between(self, first: datetime, last: datetime) -> Self:
        """Return the part that matters between two instants (UTC); equal while it is unchanged."""
        return replace(
            self,
            oldest=max(self.oldest, min(first - self.acts, last)),
            own=_until(self.own, last),
            others=_until(self.others, last),
        )

    def is_all(self, reported: InsulinOnBoard, instant: datetime) -> bool:
        """Return whether the pump had counted all insulin on board by then, with no other pump delivering up to `instant`."""
        counted_from = max(self._took_over(instant), reported.counted_from or FAR_PAST)
        return reported.start - counted_from >= self.acts

    def _took_over(self, instant: datetime) -> datetime:
        """Return when this pump started to deliver after every other one had stopped, by an instant (UTC).

        That is the instant itself while another one delivers, and the start of the log without others.
        """
        after = bisect_left(self.others, instant, key=_start)
        if not after:
            return self.oldest
        stopped = min(self.others[after - 1][1], instant)
        own_index = bisect_right(self.own, stopped, key=_end)
        if own_index == len(self.own):
            return instant
        return max(self.own[own_index][0], stopped, self.oldest)


class RunningBoluses:
    """The spans in which a bolus was being delivered."""

    def __init__(self, boluses: Iterable[Bolus]) -> None:
        """Take the boluses of one pump."""
        all_boluses = list(boluses)
        self._spans = merged(map(_span, all_boluses))
        self._at_once = [
            bolus
            for bolus in all_boluses
            if bolus.delivered and bolus.start == bolus.end
        ]

    def ran_at(self, reported: InsulinOnBoard) -> bool:
        """Return whether a bolus was being delivered when the pump reported insulin on board."""
        after = bisect_right(self._spans, reported.start, key=_start)
        if after and reported.start < self._spans[after - 1][1]:
            return True
        return any(
            bolus.key <= reported.key and _ended_after(bolus, reported)
            for bolus in self._at_once
        )


def _until(spans: Iterable[Span], last: datetime) -> tuple[Span, ...]:
    return tuple((start, min(end, last)) for start, end in spans if start <= last)


def _delivering(history: History, *, least: float) -> list[Span]:
    """Return the spans (UTC) of boluses and of rates of at least `least` (U/h), up to the newest event."""
    if history.newest is None:
        return []
    return [
        *(
            (segment.start, min(segment.end, history.newest))
            for segment in history.basal
            if segment.rate >= least
        ),
        *((part.start, part.end) for part in bolus_deliveries(history)),
    ]


def _span(bolus: Bolus) -> Span:
    """Return the span (UTC) in which a bolus is being delivered."""
    if bolus.in_progress:
        return bolus.start, FAR_FUTURE
    planned = bolus.start + bolus.extended_minutes * MINUTE
    return bolus.start, (bolus.end or planned) if bolus.delivered else bolus.start


def _start(span: Span) -> datetime:
    return span[0]


def _end(span: Span) -> datetime:
    return span[1]
