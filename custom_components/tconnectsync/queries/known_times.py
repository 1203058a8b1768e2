"""The times of which the pump's log tells whether insulin flowed, and the gaps between them."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from custom_components.tconnectsync.therapy.basal_gaps import SHORTEST_GAP
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.records import BasalSegment, Suspension
from custom_components.tconnectsync.therapy.spans import Span, merged, outside


def times_known(history: History, complete_after: date) -> Iterator[Span]:
    """Yield the times of a history of which is known whether basal flowed, up to its newest event.

    Those of the pump day `complete_after` and of earlier ones are left out.
    """
    newest = history.newest
    if newest is None:
        return
    records: list[BasalSegment | Suspension] = [*history.basal, *history.suspensions]
    for record in records:
        if record.day > complete_after:
            yield record.start, newest if record.running else min(record.end, newest)


def gaps(known: Iterable[Span], start: datetime, end: datetime) -> list[Span]:
    """Return the times from an instant to another of which nothing is known, oldest first."""
    return [
        (begins, ends)
        for begins, ends in outside(merged(known), start, end)
        if ends - begins >= SHORTEST_GAP
    ]
