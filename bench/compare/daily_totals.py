"""The sums of each program per day: bolus and basal units, grams of carbs."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from .basal import Piece, name_of
from .differences import Found
from .groups import Group
from .truth import Truth

EXACT = 1e-6


@dataclass(slots=True)
class Day:
    """Both programs' sums of one day, and the explanations of their difference."""

    there: float = 0.0
    here: float = 0.0
    explained: float = 0.0
    """The amount that the integration sends in addition, for reasons that are listed."""
    names: set[str] = field(default_factory=set)


@dataclass(slots=True)
class DailyTotals:
    """The sums of one quantity by day in the pump's zone."""

    quantity: str
    days: defaultdict[date, Day] = field(default_factory=lambda: defaultdict(Day))

    @property
    def there(self) -> float:
        """All days of tconnectsync."""
        return sum(day.there for day in self.days.values())

    @property
    def here(self) -> float:
        """All days of this integration."""
        return sum(day.here for day in self.days.values())

    def check(self, found: Found) -> None:
        """Check that the difference between the sums of a day is explained."""
        for day, sums in sorted(self.days.items()):
            left = sums.here - sums.there - sums.explained
            if abs(left) > EXACT:
                found.wrong(
                    f"{self.quantity} of {day}: {sums.there:.2f} there, {sums.here:.2f}"
                    f" here, {sums.explained:.2f} explained by {sums.names or 'nothing'}"
                )

    def line(self, true: float | None) -> str:
        """Return the total sums, and on how many days they differ."""
        days = [day for day in self.days.values() if day.names]
        names = sorted({name for day in days for name in day.names})
        text = f"{self.quantity}: {self.there:.2f} there, {self.here:.2f} here"
        text += "" if true is None else f", {true:.2f} by the pump"
        return text + (f"; {len(days)} days by {', '.join(names)}" if days else "")


def add_group(
    sums: DailyTotals, group: Group, names: Iterable[str], quantity: str, truth: Truth
) -> None:
    """Add the documents of a group; with explanations, days may differ."""
    amounts: defaultdict[date, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for document in (*group.there, *group.here):
        day = document.at.astimezone(truth.zone).date()
        amounts[day][document.here] += getattr(document, quantity)
    explaining = set(names)
    for day, (there, here) in amounts.items():
        sums.days[day].there += there
        sums.days[day].here += here
        if explaining and here != there:
            sums.days[day].explained += here - there
            sums.days[day].names |= explaining


def add_pieces(sums: DailyTotals, pieces: Iterable[Piece], truth: Truth) -> None:
    """Add basal, whose rates may differ for listed reasons; the future is not counted."""
    for whole in pieces:
        for piece in _by_day(whole, truth):
            if piece.start >= truth.newest:
                continue
            day = sums.days[piece.start.astimezone(truth.zone).date()]
            there, here = piece.units(piece.there), piece.units(piece.here)
            day.there += there
            day.here += here
            if piece.differs:
                day.explained += here - there
                day.names.add(name_of(piece, truth))


def _by_day(piece: Piece, truth: Truth) -> Iterable[Piece]:
    start = piece.start
    while start < piece.end:
        midnight = _next_midnight(start, truth)
        yield Piece(start, min(midnight, piece.end), piece.there, piece.here)
        start = midnight


def _next_midnight(instant: datetime, truth: Truth) -> datetime:
    day = instant.astimezone(truth.zone).date() + timedelta(days=1)
    return datetime.combine(day, time(), truth.zone).astimezone(instant.tzinfo)
