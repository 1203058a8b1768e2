"""Totals of a Nightscout's treatments, as its own reports count them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

type Documents = Iterable[Mapping[str, Any]]


def begin_of(document: Mapping[str, Any]) -> datetime:
    """Return the instant of a treatment."""
    return datetime.fromisoformat(document["created_at"])


def basal(documents: Documents, start: datetime, end: datetime) -> float:
    """Return the basal insulin that was delivered between two instants (U)."""
    total = 0.0
    for document in documents:
        if document["eventType"] == "Temp Basal":
            begin = begin_of(document)
            until = begin + timedelta(minutes=document["duration"])
            seconds = (min(until, end) - max(begin, start)).total_seconds()
            total += document["absolute"] * max(0.0, seconds) / 3600
    return total


def bolus(documents: Documents, start: datetime, end: datetime) -> float:
    """Return the bolus insulin that was delivered between two instants (U), extended parts by their time."""
    total = 0.0
    for document in documents:
        begin = begin_of(document)
        if start <= begin < end:
            total += document.get("insulin") or 0.0
        if "relative" in document:
            until = begin + timedelta(minutes=document["duration"])
            seconds = (min(until, end) - max(begin, start)).total_seconds()
            total += document["relative"] * max(0.0, seconds) / 3600
    return total


def carbs(documents: Documents) -> int:
    """Return the carbs that were entered (g)."""
    return sum(document.get("carbs") or 0 for document in documents)
