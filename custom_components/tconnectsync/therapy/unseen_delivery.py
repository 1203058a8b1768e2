"""Spans in which insulin may have flowed that no log reports."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from custom_components.tconnectsync.instants import FAR_FUTURE

from .history import History
from .records import BasalSegment, Suspension
from .spans import Span, merged, outside
from .timeline import between, outermost_by

MAX_IGNORED_GAP = timedelta(minutes=30)
"""If delivery is unknown for longer, so are the figures that depend on it."""

type Rate = tuple[datetime, datetime, BasalSegment]
"""Start and end of a rate (UTC), and its segment."""


@dataclass(frozen=True, slots=True)
class NearDelivery:
    """The delivery of one pump in a span, and the last records before it."""

    rates: Sequence[Rate]
    stops: Sequence[Span]
    """Spans in which the pump was suspended or off; FAR_FUTURE is the end where its log ends like that."""


def near_delivery(history: History, first: datetime, last: datetime) -> NearDelivery:
    """Return the delivery of a pump from one instant up to another (UTC)."""
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
    """Return the spans (UTC) up to an instant in which unlogged insulin may have flowed for over half an hour.

    These are the spans after the first rate without a reported rate, unless the pump that delivered
    last was suspended or off by its log: another one that is suspended may lie in a drawer. The result
    holds only from the instant on that the deliveries were collected for.
    """
    rates = sorted(
        ((begins, ends, pump) for pump in pumps for begins, ends, _ in pump.rates),
        key=lambda rate: rate[:2],
    )
    if not rates:
        return []
    unseen: list[Span] = []
    flowed_until, in_use = rates[0][1:]
    for begins, ends, pump in (*rates, (last, last, in_use)):
        if begins > flowed_until:
            unseen += outside(in_use.stops, flowed_until, begins)
        if ends > flowed_until:
            flowed_until, in_use = ends, pump
    return long_enough(unseen)


def long_enough(spans: Iterable[Span]) -> list[Span]:
    """Return the spans that are longer than MAX_IGNORED_GAP; shorter ones make little difference."""
    return [(begins, ends) for begins, ends in spans if ends - begins > MAX_IGNORED_GAP]


def may_have_flowed(unseen: Iterable[Span], since: datetime, until: datetime) -> bool:
    """Return whether a span of unlogged delivery overlaps the time between two instants by over half an hour."""
    return any(
        min(ends, until) - max(begins, since) > MAX_IGNORED_GAP
        for begins, ends in unseen
    )


def _that_matter[R: BasalSegment | Suspension](
    records: Sequence[R], first: datetime
) -> list[R]:
    """Return the records that end after an instant, and the outermost of those that ended before."""
    near = (record for record in between(records, first) if record.end > first)
    return [*outermost_by(records, first), *near]
