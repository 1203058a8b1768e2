"""Basal rates and suspensions: event by event, and second by second."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise, zip_longest

from .common_form import WrittenDocument
from .differences import Found
from .groups import Group
from .times import check_here, check_there
from .truth import Logged, Truth

CODES = {3, 11, 12, 279}
SUSPENDED, RESUMED = 11, 12
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
RUNNING_PAST_NEWEST = timedelta(minutes=30)
ROUNDING = 0.0051
"""U/h; tconnectsync rounds to two digits."""
EXACT = 1e-6
NOTHING = "nothing explains it"


@dataclass(frozen=True, slots=True)
class Piece:
    """A span of time and the rates (U/h) that each program sends for it, None for none."""

    start: datetime
    end: datetime
    there: float | None
    here: float | None

    @property
    def differs(self) -> bool:
        """Whether the rates are not the same."""
        if self.there is None or self.here is None:
            return self.there is not self.here
        return abs(self.there - self.here) > EXACT

    @property
    def rounded(self) -> bool:
        """Whether no more than rounding lies between the rates."""
        return (
            self.there is not None
            and self.here is not None
            and abs(self.there - self.here) <= ROUNDING
        )

    def units(self, rate: float | None) -> float:
        """Return the amount that a rate delivers in it."""
        return (rate or 0) * ((self.end - self.start) / HOUR)


def compare_basal(group: Group, truth: Truth, found: Found) -> None:
    """Compare the documents of one rate, or of one suspension."""
    if len(group.here) > 1:
        found.wrong(f"sent twice: {group}")
        return
    for here in group.here:
        check_here(here, _first(here, truth), found)
        _presence(group, here, truth, found)
    for there in group.there:
        event = truth.events[there.numbers[0]]
        check_there(there, event, truth, found)
        if not group.here:
            found.require(_lasts_no_second(event, truth), "basal-of-no-length", there)
        elif there.type == "Temp Basal":
            _rate(there, event, group.here[0], truth, found)
        else:
            _suspension(there, event, group.here[0], truth, found)


def _first(here: WrittenDocument, truth: Truth) -> Logged:
    assert here.dated_by is not None
    return truth.events[here.dated_by]


def _presence(group: Group, here: WrittenDocument, truth: Truth, found: Found) -> None:
    if here.type != "Temp Basal":
        found.wrong(f"type: {here}")
    elif not group.there:
        overwritten = [truth.overwritten(event, {279}) for event in group.events]
        if all(overwritten):
            found.note(str(overwritten[0]))
        else:
            found.require(group.codes == {3}, "rate-changes-alone", here)


def _rate(
    there: WrittenDocument,
    event: Logged,
    here: WrittenDocument,
    truth: Truth,
    found: Found,
) -> None:
    if event.instant != _first(here, truth).instant:
        found.note("equal-rates-in-one")
    rates = there.rate or 0.0, here.rate or 0.0
    if abs(rates[0] - rates[1]) > ROUNDING:
        found.wrong(f"{rates[0]} U/h there, {rates[1]} U/h here: {there}; {here}")


def _suspension(
    there: WrittenDocument,
    event: Logged,
    here: WrittenDocument,
    truth: Truth,
    found: Found,
) -> None:
    if here.rate:
        found.wrong(f"not a suspension: {there}; {here}")
    elif there.type == "Basal Suspension":
        found.note("suspension-as-zero-rate")
    else:
        ends = here.end == event.instant
        if not ends and _lasts_no_second(event, truth):
            found.note("basal-of-no-length")
        else:
            found.require(ends, "resuming-ends-the-suspension", f"{there}; {here}")


def _lasts_no_second(event: Logged, truth: Truth) -> bool:
    """Return whether a rate, a suspension or the time between two was over within a second."""
    near = [
        other
        for other in truth.around(event)
        if abs(other.instant - event.instant) < SECOND
    ]
    if event.code == RESUMED:
        return any(other.code == SUSPENDED for other in near)
    after = {other.code for other in near if other.place > event.place}
    return bool(after & ({RESUMED} if event.code == SUSPENDED else CODES))


def pieces(documents: Sequence[WrittenDocument]) -> list[Piece]:
    """Return the spans with the rate of each program; of two documents at once the later one counts."""
    basal = [one for one in documents if one.type == "Temp Basal"]
    there = list(drawn([one for one in basal if not one.here]))
    here = list(drawn([one for one in basal if one.here]))
    edges = sorted({at for drawn in (there, here) for at, _ in drawn})
    found, rates = [], [list(there), list(here)]
    now: list[float | None] = [None, None]
    for start, end in pairwise(edges):
        for side, left in enumerate(rates):
            while left and left[0][0] <= start:
                now[side] = left.pop(0)[1]
        found.append(Piece(start, end, now[0], now[1]))
    return found


def drawn(
    documents: Sequence[WrittenDocument],
) -> Iterator[tuple[datetime, float | None]]:
    """Yield the instants at which the rate changes, as Nightscout draws temporary rates, each with the new rate."""
    ordered = sorted(documents, key=lambda one: one.at)
    for one, following in zip_longest(ordered, ordered[1:]):
        if following is None or following.second > one.second:
            yield one.second, one.rate or 0.0
        if following is None or one.end < following.second:
            yield one.end, None


def compare_pieces(found_pieces: Sequence[Piece], truth: Truth, found: Found) -> None:
    """Explain every second for which the rates differ; a simulated pump says who is right."""
    for piece in found_pieces:
        if piece.differs:
            name = name_of(piece, truth)
            right = name != NOTHING and is_true(piece, truth)
            found.require(right, name, piece)


def name_of(piece: Piece, truth: Truth) -> str:
    """Return the explanation of a difference between the rates."""
    if piece.start >= truth.newest:
        return "running-rate"
    if any(
        since < piece.end and piece.start < until for since, until in truth.misdated
    ):
        return "moved-clock"
    if piece.start.astimezone(truth.zone).date() in truth.days_without_rates:
        return "rate-changes-alone"
    if piece.rounded:
        return "rate-rounded"
    return "suspended-to-the-second" if piece.here == 0 else NOTHING


def is_true(piece: Piece, truth: Truth) -> bool:
    """Return whether the integration sends what the pump delivered."""
    if piece.start >= truth.newest:
        return piece.end - truth.newest <= RUNNING_PAST_NEWEST
    if truth.basal is None:
        return True
    delivered = truth.basal(piece.start, piece.end)
    return abs(delivered - piece.units(piece.here)) < 0.001
