"""When insulin may have flowed that no log tells of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from custom_components.tconnectsync.instants import FAR_FUTURE

from .history import History
from .records import BasalSegment, Suspension
from .spans import Span, merged, outside
from .timeline import between, outermost_by

MAX_IGNORED_GAP = timedelta(minutes=30)
"""Where it is not known for longer what flowed, neither is what follows from it."""

type Rate = tuple[datetime, datetime, BasalSegment]
"""From when until when a rate flowed."""


@dataclass(frozen=True, slots=True)
class NearDelivery:
    """What the log of one pump tells of some time and what came last before."""

    rates: Sequence[Rate]
    stops: Sequence[Span]
    """When it was suspended or off; without an end where its log ends like that."""


def near_delivery(history: History, first: datetime, last: datetime) -> NearDelivery:
    """Return what matters of a pump from one instant up to another."""
    newest = min(history.newest or last, last)
    return NearDelivery(
        [
            (segment.start, min(segment.end, newest), segment)
            for segment in _that_matter(history.basal, first)
            if segment.start < newest
        ],
        merged(
            (stop.start, FAR_FUTURE if stop.running else stop.end)
            for stop in _that_matter(history.suspensions, first)
        ),
    )


def unseen_spans(pumps: Iterable[NearDelivery], last: datetime) -> list[Span]:
    """Return when up to an instant insulin may have flowed for longer than half an hour.

    So where no rate is reported, from the first one on, unless the pump that delivered last was
    stopped by its log: another one that is suspended may lie in a drawer. What lies before the
    instant from which the deliveries matter need not be true.
    """
    rates = sorted(
        ((begins, ends, pump) for pump in pumps for begins, ends, _ in pump.rates),
        key=lambda rate: rate[:2],
    )
    if not rates:
        return []
    found: list[Span] = []
    flowed_until, worn = rates[0][1:]
    for begins, ends, pump in (*rates, (last, last, worn)):
        if begins > flowed_until:
            found += outside(worn.stops, flowed_until, begins)
        if ends > flowed_until:
            flowed_until, worn = ends, pump
    return long_enough(found)


def long_enough(spans: Iterable[Span]) -> list[Span]:
    """Return those of the spans that matter: what is shorter changes little."""
    return [(begins, ends) for begins, ends in spans if ends - begins > MAX_IGNORED_GAP]


def may_have_flowed(unseen: Iterable[Span], since: datetime, until: datetime) -> bool:
    """Return whether insulin may have flowed unseen between two instants for longer than half an hour."""
    return any(
        min(ends, until) - max(begins, since) > MAX_IGNORED_GAP
        for begins, ends in unseen
    )


def _that_matter[R: BasalSegment | Suspension](
    parts: Sequence[R], first: datetime
) -> list[R]:
    """Return what ends after an instant, and of what ended before the first, what began last and what ended last."""
    near = (part for part in between(parts, first) if part.end > first)
    return [*outermost_by(parts, first), *near]
