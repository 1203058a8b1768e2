"""What a Nightscout's treatments add up to, as its own reports would count them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

type Documents = Iterable[Mapping[str, Any]]


def begin_of(document: Mapping[str, Any]) -> datetime:
    """Return the instant a treatment stands at."""
    return datetime.fromisoformat(document["created_at"])


def basal(documents: Documents, start: datetime, end: datetime) -> float:
    """Return the basal insulin that flowed between two instants (U)."""
    total = 0.0
    for one in documents:
        if one["eventType"] == "Temp Basal":
            begin = begin_of(one)
            until = begin + timedelta(minutes=one["duration"])
            seconds = (min(until, end) - max(begin, start)).total_seconds()
            total += one["absolute"] * max(0.0, seconds) / 3600
    return total


def bolus(documents: Documents, start: datetime, end: datetime) -> float:
    """Return the bolus insulin delivered between two instants (U), extended parts by their time."""
    total = 0.0
    for one in documents:
        begin = begin_of(one)
        if start <= begin < end:
            total += one.get("insulin") or 0.0
        if "relative" in one:
            until = begin + timedelta(minutes=one["duration"])
            seconds = (min(until, end) - max(begin, start)).total_seconds()
            total += one["relative"] * max(0.0, seconds) / 3600
    return total


def carbs(documents: Documents) -> int:
    """Return the carbs that were entered (g)."""
    return sum(one.get("carbs") or 0 for one in documents)
