"""Basal insulin above and below what the profile asks for, over all pumps that were in use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from custom_components.tconnectsync.instants import HOUR

from .history import History
from .known_delivery import Span, merged
from .records import BasalSegment, Delivery, Suspension
from .timeline import between, outermost_by

KNOWN_FOR = timedelta(minutes=30)
"""Where it is not known for longer what flowed, neither is what is on board."""


@dataclass(frozen=True, slots=True)
class BasalDeviation:
    """What basal adds to insulin on board, and when that is not known."""

    deliveries: Sequence[Delivery]
    """More or (negative) less than the profile's rate (U)."""
    unknown_spans: Sequence[Span]
    """When nothing tells the profile's rate."""
    known: Sequence[Span]
    """When it is known what the pumps delivered, in the order of time; the first is where all begins.

    Of what lies before the first instant that is asked for some is left out.
    """


def basal_deviation(
    histories: Sequence[History], first: datetime, last: datetime
) -> BasalDeviation:
    """Return what matters from one instant up to another.

    While no pump delivers, be it suspended, off or being changed for another, what the profile
    asks for is missing; of two that deliver each has its own profile.
    """
    rates, known = _sorted(histories, first, last)
    deliveries: list[Delivery] = []
    unknown_spans: list[Span] = []
    profile: float | None = None
    flowed_until = known[0][0] if known else last

    def deviate(rate: float, begins: datetime, ends: datetime) -> None:
        if ends <= first or ends <= begins:
            return
        if profile is None:
            unknown_spans.append((begins, ends))
        elif rate != profile:
            amount = (rate - profile) * ((ends - begins) / HOUR)
            deliveries.append(Delivery(amount, begins, ends))

    for begins, ends, segment in rates:
        deviate(0.0, flowed_until, begins)
        profile = segment.profile_rate
        deviate(segment.rate, begins, ends)
        flowed_until = max(flowed_until, ends)
    deviate(0.0, flowed_until, last)
    return BasalDeviation(deliveries, unknown_spans, known)


def _sorted(
    histories: Sequence[History], first: datetime, last: datetime
) -> tuple[list[tuple[datetime, datetime, BasalSegment]], list[Span]]:
    """Return the rates that matter with their spans, and joined the spans of rates and suspensions."""
    rates: list[tuple[datetime, datetime, BasalSegment]] = []
    spans: list[Span] = []
    for history in histories:
        end = min(history.newest or last, last)
        segments = _that_matter(history.basal, first)
        rates += (
            (segment.start, min(segment.end, end), segment)
            for segment in segments
            if segment.start < end
        )
        parts: list[BasalSegment | Suspension] = [
            *segments,
            *_that_matter(history.suspensions, first),
        ]
        spans += (
            (part.start, min(part.end, end)) for part in parts if part.start < end
        )
    rates.sort(key=lambda rate: rate[0])
    return rates, merged(spans)


def _that_matter[R: BasalSegment | Suspension](
    parts: tuple[R, ...], first: datetime
) -> list[R]:
    """Return what ends after an instant, and of what ended before the first, what began last and what ended last."""
    near = (part for part in between(parts, first) if part.end > first)
    return [*outermost_by(parts, first), *near]
