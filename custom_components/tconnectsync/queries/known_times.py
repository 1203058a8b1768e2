"""The times for which a history shows whether basal was delivered, and the gaps between them."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from custom_components.tconnectsync.therapy.basal_gaps import SHORTEST_GAP
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.records import BasalSegment, Suspension
from custom_components.tconnectsync.therapy.spans import Span, merged, outside


def known_spans(history: History, complete_after: date) -> Iterator[Span]:
    """Yield the times of a history for which basal delivery is known, up to its newest event.

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
    """Return the unknown times from one instant to another, oldest first, without short ones."""
    return [
        (gap_start, gap_end)
        for gap_start, gap_end in outside(merged(known), start, end)
        if gap_end - gap_start >= SHORTEST_GAP
    ]
