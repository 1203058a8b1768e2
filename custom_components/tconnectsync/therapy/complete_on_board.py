"""Which insulin on board that a pump reported is complete, and so may be shown."""

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
"""U/h, the least that a pump can give."""


def complete_on_board(
    histories: Sequence[History],
    duration: float | None,
    delivery_uncertain_until: datetime | None = None,
) -> InsulinOnBoard | None:
    """Return what the pump in use, the first one, said last; None where more may be on board.

    So while a bolus is being delivered or may have been that was not uploaded, cannot be read or was
    lost, and for a duration of insulin (min) after the pump took over from another one, of which all may not
    have been read (up to an instant), or began to count at 0 again.
    """
    history = histories[0]
    said = history.insulin_on_board[-1] if history.insulin_on_board else None
    newest = newest_of(histories) or FAR_PAST
    if said is None:
        return None
    boluses = between(history.boluses, said.start)
    if (
        any(bolus.in_progress for bolus in boluses)
        or any(part.end > said.start for bolus in boluses for part in bolus.deliveries)
        or any(_ended_behind(bolus, said) for bolus in boluses)
        or any(
            event.key > said.key and may_be_on_board(event)
            for event in history.unreadable
        )
        or any(one.code is None and one.end > said.start for one in history.missing)
        or _may_have_flowed(history, said.start)
        or (
            delivery_uncertain_until
            and said.start - delivery_uncertain_until < may_act_for(duration)
        )
        or not OnBoard.of(histories, duration).is_all(said, newest)
    ):
        return None
    return said


def _may_have_flowed(history: History, since: datetime) -> bool:
    """Return whether a pump may have given insulin unseen since an instant, for longer than is usual."""
    newest = history.newest or since
    unseen = unseen_spans([near_delivery(history, since, newest)], newest)
    return may_have_flowed(unseen, since, newest)


def _ended_behind(bolus: Bolus, said: InsulinOnBoard) -> bool:
    """Return whether a bolus that stands at the instant at which the pump spoke ended further on in the log.

    What a fast clock dates past the upload stands at one instant.
    """
    group, number = said.key
    if said.ends_bolus and number in bolus.numbers:
        return False
    return (
        bolus.key[0] == group
        and max(bolus.numbers) > number
        and any(part.end == said.start for part in bolus.deliveries)
    )


@dataclass(frozen=True, slots=True)
class OnBoard:
    """Tells of a pump what of all insulin it can know."""

    acts: timedelta
    """How long insulin acts."""
    oldest: datetime
    """From when on it is known what the pump delivered (UTC)."""
    own: tuple[Span, ...]
    """When it delivered; asked for only where another pump may have as well."""
    others: tuple[Span, ...]
    """When any other pump delivered, or may have."""

    @classmethod
    def of(
        cls,
        histories: Sequence[History],
        duration: float | None,
        unsure: Iterable[Span] = (),
    ) -> Self:
        """Look at pumps, the first of which is asked about.

        Insulin acts for so many minutes, as long as a pump allows where that is not reported. There
        are times at which it is not certain what other pumps delivered.
        """
        history, *others = histories
        spans = [span for other in others for span in _delivering(other, least=ANY)]
        spans += chain.from_iterable(insulin_spans(one.unreadable) for one in others)
        spans += unsure
        return cls(
            may_act_for(duration),
            history.oldest or FAR_PAST,
            tuple(merged(_delivering(history, least=0.0)) if spans else ()),
            tuple(merged(spans)),
        )

    def between(self, first: datetime, last: datetime) -> Self:
        """Return as much as tells what was known between two instants; equal while that is the same."""
        return replace(
            self,
            oldest=max(self.oldest, min(first - self.acts, last)),
            own=_until(self.own, last),
            others=_until(self.others, last),
        )

    def is_all(self, said: InsulinOnBoard, instant: datetime) -> bool:
        """Return whether it counted all that was on board then, and no other pump gave any up to an instant."""
        counted_from = max(self._took_over(instant), said.counted_from or FAR_PAST)
        return said.start - counted_from >= self.acts

    def _took_over(self, instant: datetime) -> datetime:
        """Return when this pump began to deliver after every other one had stopped, by an instant.

        That is the instant while another one delivers, and the beginning of the log without others.
        """
        behind = bisect_left(self.others, instant, key=_start)
        if not behind:
            return self.oldest
        stopped = min(self.others[behind - 1][1], instant)
        goes_on = bisect_right(self.own, stopped, key=_end)
        if goes_on == len(self.own):
            return instant
        return max(self.own[goes_on][0], stopped, self.oldest)


class RunningBoluses:
    """Tells when a bolus was being delivered."""

    def __init__(self, boluses: Iterable[Bolus]) -> None:
        """Sort them once."""
        every = list(boluses)
        self._spans = merged(map(_span, every))
        self._at_once = [
            bolus for bolus in every if bolus.delivered and bolus.start == bolus.end
        ]

    def ran_at(self, said: InsulinOnBoard) -> bool:
        """Return whether a bolus was being delivered when the pump said what is on board."""
        behind = bisect_right(self._spans, said.start, key=_start)
        if behind and said.start < self._spans[behind - 1][1]:
            return True
        return any(
            bolus.key <= said.key and _ended_behind(bolus, said)
            for bolus in self._at_once
        )


def _until(spans: Iterable[Span], last: datetime) -> tuple[Span, ...]:
    return tuple((start, min(end, last)) for start, end in spans if start <= last)


def _delivering(history: History, *, least: float) -> list[Span]:
    """Return when a bolus or a rate of so much (U/h) was given up to the newest event."""
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
    """Return from when until when a bolus is being delivered."""
    if bolus.in_progress:
        return bolus.start, FAR_FUTURE
    planned = bolus.start + bolus.extended_minutes * MINUTE
    return bolus.start, (bolus.end or planned) if bolus.delivered else bolus.start


def _start(span: Span) -> datetime:
    return span[0]


def _end(span: Span) -> datetime:
    return span[1]
